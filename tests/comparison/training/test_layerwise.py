"""Layer-wise pre-training against a plain loop of Keras, and what it is for."""

import dataclasses

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import layerwise, plan
from keras_rectifiers.comparison.training.example_order import example_order
from keras_rectifiers.comparison.trials.trial import Trial

DIGITS = datasets.load("digits")
SMALL = {"depth": 2, "width": 8, "batch_size": 256, "probe_size": 64, "epochs": 1}
SMALL |= {"pretraining": 2}


def start(trials, **options):
    """What the hidden layers of each trial start from: kernels and biases in turn."""
    model = architectures.build(trials[0], DIGITS)
    sites = architectures.activation_sites(model, DIGITS)
    values = layerwise.draw_and_pretrain(
        trials,
        model,
        sites,
        DIGITS.x_train,
        [np.arange(DIGITS.num_train)] * len(trials),
        **{"jit_compile": False} | options,
    )
    names = [variable.name for variable in model.variables]
    return [
        [v for v, n in zip(of_one, names, strict=True) if n in ("kernel", "bias")]
        for of_one in values
    ]


# Maxout and gated units take pairs; RReLU draws noise in training, and PReLU learns.
@pytest.mark.parametrize(
    "activation",
    [
        "relu",
        "rrelu",
        *(
            pytest.param(n, marks=pytest.mark.slow)
            for n in ("prelu", "maxout", "reglu")
        ),
    ],
)
def test_members_start_as_from_auto_encoders_that_are_trained_alone(activation):
    settings = SMALL | {"activation": activation, "dropout": 0.2, "split": "by_seed"}
    trials = [Trial(**settings, seed=seed) for seed in range(2)]
    pool = datasets.pool(trials)
    model = architectures.build(trials[0], DIGITS)
    sites = architectures.activation_sites(model, DIGITS)
    rows = [split.train for split in pool.splits]
    (_, values) = layerwise.draw_and_pretrain(
        trials, model, sites, pool.x, rows, jit_compile=False
    )
    alone = architectures.build(trials[1], DIGITS)
    pretrain_alone(alone, trials[1], pool.x[rows[1]])
    for variable, value in zip(alone.variables, values, strict=True):
        # Float32 rounding, grown by some steps of training.
        expected = keras.ops.convert_to_numpy(variable)
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-4)


def pretrain_alone(model, trial, inputs):
    """Pre-trains the hidden layers of a model by Keras's own loop."""
    site = architectures.activation_sites(model, DIGITS)[0]

    def activate(z):  # in inference mode, and what it learns stays as it is
        return site.activation(z, training=False)

    inputs = inputs.reshape(len(inputs), -1)
    for index, layer in enumerate(layerwise.pretrained_layers(model)):
        size = inputs.shape[-1]
        encoder = keras.Sequential(
            [keras.Input((size,)), layer, keras.layers.Lambda(activate)]
        )
        decoder = keras.layers.Dense(size, kernel_initializer="zeros")
        auto_encoder = keras.Sequential([encoder, decoder])
        decoder.kernel.assign(
            layerwise.decoder_kernel(trial, index, (trial.width, size))
        )
        auto_encoder.compile(
            keras.optimizers.Adam(layerwise.PRETRAINING_RATE),
            loss=keras.losses.MeanSquaredError(),
            # So few steps take less time than their tracing.
            run_eagerly=True,
        )
        for epoch in range(1, trial.pretraining + 1):
            x = inputs[example_order(trial, len(inputs), epoch).ravel()]
            auto_encoder.fit(
                x, x, batch_size=trial.batch_size, shuffle=False, verbose=0
            )
        inputs = encoder.predict(inputs, verbose=0)


def test_each_layer_learns_to_keep_what_it_is_fed():
    settings = {"depth": 3, "width": 16, "activation": "tanh"}
    drawn, trained = start([Trial(pretraining=p, **settings) for p in (0, 10)])
    x = DIGITS.x_train.reshape(len(DIGITS.x_train), -1)
    for layer in range(3):
        kernels = [values[2 * layer] for values in (drawn, trained)]
        biases = [values[2 * layer + 1] for values in (drawn, trained)]
        codes = [np.tanh(x @ k + b) for k, b in zip(kernels, biases, strict=True)]
        losses = [unexplained(x, code) for code in codes]
        assert losses[1] < 0.9 * losses[0], layer
        x = codes[1]
    # The last layer, of the logits, stays as it was drawn.
    assert all(map(np.array_equal, drawn[-2:], trained[-2:]))


def unexplained(x, code):
    """The share of x that no linear decoder can make of the code."""
    columns = np.column_stack([code, np.ones(len(code))]).astype(float)
    fitted = columns @ np.linalg.lstsq(columns, x, rcond=None)[0]
    return np.sum((x - fitted) ** 2) / np.sum((x - x.mean(axis=0)) ** 2)


def test_a_linear_auto_encoder_finds_the_principal_components():
    # Baldi 1989: the least loss of a linear one is what the components leave over.
    (values,) = start([Trial(activation="linear", depth=1, width=8, pretraining=60)])
    x = DIGITS.x_train.reshape(len(DIGITS.x_train), -1).astype(float)
    spectrum = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2
    least = spectrum[8:].sum() / spectrum.sum()
    assert least <= unexplained(x, x @ values[0] + values[1]) < 1.05 * least


def test_the_start_depends_on_the_trial_alone():
    settings = {**SMALL, "activation": "elu"}
    trial = Trial(seed=3, **settings)
    (alone,) = start([trial])
    others = [Trial(seed=s, **settings) for s in (1, 2)]
    faster = dataclasses.replace(trial, learning_rate=0.1)
    longer = dataclasses.replace(trial, pretraining=4)
    together = start([others[0], longer, trial, others[1], faster])
    for values in (together[2], together[4]):
        for one, other in zip(alone, values, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    for values in (*together[:2], together[3]):
        assert not np.allclose(alone[0], values[0], atol=1e-3)
    for one, again in zip(alone, start([trial])[0], strict=True):
        assert np.array_equal(one, again)
    for one, compiled in zip(alone, start([trial], jit_compile=True)[0], strict=True):
        np.testing.assert_allclose(one, compiled, atol=1e-5)


def test_what_is_measured_before_training_is_pretrained():
    trials = [
        Trial(**SMALL | {"epochs": 0, "pretraining": epochs}) for epochs in (0, 1, 5)
    ]
    tables = training.train(trials)
    means = tables.measurements[tables.measurements["measure"] == "activation_std"]
    assert set(means["epoch"]) == {0}
    assert means.groupby("layer")["value"].nunique().tolist() == [3, 3]


def test_pretraining_is_in_the_cost_and_the_memory(monkeypatch):
    plain, pretrained = (
        Trial(depth=20, epochs=10, pretraining=p, seed=p) for p in (0, 10)
    )
    one, both = plan.cost([plain]), plan.cost([plain, pretrained])
    assert both - one > 1.5 * (plan.cost([plain, plain]) - one)
    more = plan.population_bytes(pretrained, 5) - plan.population_bytes(plain, 5)
    assert more == pytest.approx(4 * 4 * 32 * len(DIGITS.y_train) * 5)
    monkeypatch.setattr(plan, "MEMORY_LIMIT", plan.population_bytes(pretrained, 2))
    trials = [dataclasses.replace(plain, seed=seed) for seed in range(5)]
    assert max(map(len, plan.populations([*trials, pretrained]))) == 2
