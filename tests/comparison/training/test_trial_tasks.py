"""Each trial of a population against the same trial trained alone."""

import numpy as np
import pytest

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import by_fit
from keras_rectifiers.comparison.training.trial_tasks import task_of
from keras_rectifiers.comparison.trials.store import TABLES, Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import (
    assert_equal_tables,
    assert_last_equals_the_same_trained_alone,
    train_alone,
)

# A function of Keras's own, and layers without weights, with them and with noise. The
# others are slow in sum.
ACTIVATIONS = ["relu", "gelu", "prelu", "rrelu"]
ELEMENTWISE = [
    name if name in ACTIVATIONS else pytest.param(name, marks=pytest.mark.slow)
    for name, entry in CATALOGUE.items()
    if entry.elementwise
]
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
DEEPER = SMALL | {"depth": 3}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_a_member_equals_the_same_trial_trained_alone(activation):
    trials = [
        Trial(activation=activation, learning_rate=1e-3, seed=1, **SMALL),
        Trial(
            activation=activation,
            learning_rate=1e-2,
            seed=2,
            initializer="glorot",
            bias=0.1,
            **SMALL,
        ),
    ]
    assert_last_equals_the_same_trained_alone(trials)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"architecture": "cnn", "width": 4}, marks=pytest.mark.slow),
        {"architecture": "cnn_pooled", "width": 4, "epochs": 1},
        {"optimizer": "sgd", "learning_rate": 0.1, "activity_l1": 1e-3},
        pytest.param(
            {"batch_normalization": True, "dropout": 0.3}, marks=pytest.mark.slow
        ),
        {"split": "by_seed"},
        {"split": "by_seed", "architecture": "cnn", "width": 4, "epochs": 1},
    ],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_other_settings_equal_the_same_trial_trained_alone(settings):
    trials = [Trial(activation="elu", seed=s, **SMALL | settings) for s in range(2)]
    assert_last_equals_the_same_trained_alone(trials)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({}, marks=pytest.mark.slow),
        {"batch_normalization": True, "dropout": 0.3},
    ],
)
def test_residual_nets_equal_the_same_trial_trained_alone(others):
    settings = DEEPER | {"architecture": "resmlp", "activation": "prelu"} | others
    trials = [Trial(seed=seed, **settings) for seed in range(2)]
    tables = assert_last_equals_the_same_trained_alone(trials)
    assert tables.measurements["layer"].dropna().unique().tolist() == [0, 1, 2]
    assert set(tables.outputs["layer"]) == {0, 1, 2}


@pytest.mark.slow
def test_gated_nets_equal_the_same_trial_trained_alone():
    settings = SMALL | {"activation": "swiglu", "dropout": 0.3}
    trials = [Trial(seed=seed, **settings) for seed in range(2)]
    measured = assert_last_equals_the_same_trained_alone(trials).measurements
    assert "silent_units" not in set(measured["measure"])


@pytest.mark.slow
def test_maxout_nets_equal_the_same_trial_trained_alone():
    settings = SMALL | {"activation": "maxout", "dropout": 0.3}
    trials = [Trial(seed=seed, **settings) for seed in range(2)]
    measured = assert_last_equals_the_same_trained_alone(trials).measurements
    of_layers = measured.loc[measured["layer"].notna(), "measure"]
    # What is defined for element-wise functions alone is not there.
    assert set(of_layers) == {
        "signal_gradient",
        "weight_gradient",
        "activation_mean",
        "activation_std",
        "zero_weights",
        "largest_activation",
        "mean_shift",
        "exact_zeros_by_underflow",
        "zero_pre_activations",
    }


@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        ("mlp", (7,)),
        ("mlp", (28, 28)),
        pytest.param("cnn", (32, 32, 3), marks=pytest.mark.slow),
        pytest.param("mlp", (32, 32, 3), marks=pytest.mark.slow),
        pytest.param("cnn", (28, 28), marks=pytest.mark.slow),
    ],
)
def test_images_of_other_sizes_train_as_alone(tmp_path, shape, architecture):
    rng = np.random.default_rng(0)
    arrays = {
        f"x_{split}": rng.normal(3, 2, (size, *shape))
        for split, size in (("train", 40), ("test", 30))
    }
    labels = {"y_train": np.tile([0, 1, 2, 1], 10), "y_test": np.tile([0, 1, 2], 10)}
    np.savez(tmp_path / "own.npz", **arrays, **labels)
    trials = [
        Trial(
            dataset=str(tmp_path / "own.npz"),
            architecture=architecture,
            train_size=20,
            depth=2,
            width=4,
            batch_size=10,
            epochs=1,
            probe_size=20,
            seed=seed,
        )
        for seed in range(2)
    ]
    dataset = datasets.load_for(trials[0])
    assert len(dataset.y_train) == 20
    alone = train_alone(trials[1:])
    together = training.train(trials, jit_compile=False)
    key = alone.trials.key[0]
    frames = {name: getattr(together, name) for name in TABLES}
    wanted = {name: frame[frame.key == key] for name, frame in frames.items()}
    assert_equal_tables(Tables(**wanted), alone, GROWN)


def test_an_error_of_the_net_itself_is_not_taken_for_a_lack_of_vectorisation(
    monkeypatch,
):
    def wrong(z):
        raise ValueError("The net is wrong.")

    build = architectures.ARCHITECTURES["mlp"]

    def build_wrong(trial, data):
        model = build(trial, data)
        model.layers[2].activation = wrong
        return model

    monkeypatch.setattr(by_fit, "train", lambda *_, **__: pytest.fail("was hidden"))
    monkeypatch.setitem(architectures.ARCHITECTURES, "mlp", build_wrong)
    trial = Trial(activation="tanh", **SMALL | {"initializer": "he"})
    with pytest.raises(ValueError, match=r"The net is wrong\."):
        training.train([trial])


def test_penalties_are_in_no_loss_that_a_study_tells():
    # So large that they would be most of it.
    penalised = Trial(activation="relu", activity_l1=50.0, **SMALL | {"epochs": 1})
    tables = training.train([penalised])
    assert tables.trials["test_loss"][0] < 10
    curves = tables.measurements[tables.measurements["layer"].isna()]
    names = ["train_loss", "validation_accuracy", "validation_loss"]
    assert sorted(curves["measure"]) == names
    assert (curves["value"] < 10).all()


CURVE = {"dataset": "curve", "inputs": "raw", "depth": 1, "probe_size": 64}


def test_numbers_are_predicted_by_linear_units_with_the_mean_squared_error():
    settings = CURVE | {"width": 8, "epochs": 2, "batch_size": 30, "activity_l1": 1e-3}
    trials = [Trial(activation="elu", seed=seed, **settings) for seed in range(2)]
    tables = assert_last_equals_the_same_trained_alone(trials)
    row = tables.trials.iloc[-1]
    assert np.isnan([row[f"{split}_accuracy"] for split in SPLITS]).all()
    curves = set(
        tables.measurements.loc[tables.measurements["layer"].isna(), "measure"]
    )
    assert curves == {"train_loss", "validation_loss"}
    # Against the same net by hand, which has not been trained: its output is linear.
    task, members = task_of(trials[:1])
    model = task.build()
    first = members[0].start(model)
    for variable in model.variables:
        variable.assign(first[variable.path])
    x, y = (array[members[0].split.test] for array in (task.data.x, task.data.y))
    hidden, output = (layer for layer in model.layers if hasattr(layer, "kernel"))
    weights = [np.asarray(v) for v in (*hidden.weights, *output.weights)]
    z = x @ weights[0] + weights[1]
    predicted = np.where(z > 0, z, np.expm1(z)) @ weights[2] + weights[3]
    assert predicted.shape == y.shape == (200, 1)
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    assert found["plain_loss"] == pytest.approx(np.mean((predicted - y) ** 2), rel=1e-5)
