"""Recurrent nets: what they compute, how they start, and their gradient through time."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.nets.recurrent import RECURRENT
from keras_rectifiers.comparison.training import train
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.probe import probe

RNN = Trial(
    dataset="adding_10",
    architecture="rnn",
    initializer="glorot",
    depth=10,
    width=4,
    inputs="raw",
    batch_size=100,
    epochs=1,
    probe_size=8,
)
LSTM = dataclasses.replace(RNN, architecture="lstm", activation="tanh")
WIDTH = RNN.width


def built(trial: Trial) -> keras.Model:
    return architectures.build(trial, datasets.describe(trial))


def weights_of(model: keras.Model) -> tuple[np.ndarray, ...]:
    """The weights of inputs, their bias, those of states, and of the output."""
    fed, states, out = (layer for layer in model.layers if hasattr(layer, "kernel"))
    assert states.name == RECURRENT
    return tuple(
        ops.convert_to_numpy(v)
        for v in (fed.kernel, fed.bias, states.kernel, out.kernel)
    )


@pytest.fixture(scope="module")
def rnn() -> keras.Model:
    return built(RNN)


@pytest.fixture(scope="module")
def lstm() -> keras.Model:
    return built(LSTM)


def test_an_rnn_computes_what_keras_does_with_the_same_weights(rnn, rng):
    fed, bias, states, out = weights_of(rnn)
    x = rng.random((3, 10, 2)).astype("float32")
    theirs = keras.layers.SimpleRNN(WIDTH, activation="relu")
    theirs.build(x.shape)
    theirs.set_weights([fed, states, bias])
    found = ops.convert_to_numpy(rnn(x))
    np.testing.assert_allclose(found, ops.convert_to_numpy(theirs(x)) @ out, atol=1e-6)


def test_an_lstm_computes_what_keras_does_with_the_same_weights(lstm, rng):
    fed, bias, states, out = weights_of(lstm)
    x = rng.random((3, 10, 2)).astype("float32")
    theirs = keras.layers.LSTM(WIDTH)
    theirs.build(x.shape)
    theirs.set_weights([fed, states, bias])
    found = ops.convert_to_numpy(lstm(x))
    np.testing.assert_allclose(found, ops.convert_to_numpy(theirs(x)) @ out, atol=1e-6)


def test_what_is_measured_of_an_lstm_is_its_state_after_each_step(lstm, rng):
    fed, bias, states, _ = weights_of(lstm)
    x = rng.random((3, 10, 2)).astype("float32")
    theirs = keras.layers.LSTM(WIDTH, return_sequences=True)
    theirs.build(x.shape)
    theirs.set_weights([fed, states, bias])
    expected = ops.convert_to_numpy(theirs(x))
    sites = architectures.activation_sites(lstm, datasets.describe(LSTM))
    y = np.zeros((3, 1), "float32")
    layers = probe(lstm, x, y, loss="mean_squared_error", sites=sites)
    for step, layer in enumerate(layers):
        found = ops.convert_to_numpy(layer.activation)
        np.testing.assert_allclose(found, expected[:, step], atol=1e-6)


def test_the_state_after_each_step_is_measured(rnn, lstm):
    for trial, model in ((RNN, rnn), (LSTM, lstm)):
        sites = architectures.activation_sites(model, datasets.describe(trial))
        assert len(sites) == trial.depth
        calls = [f" (call {number})" for number in range(2, trial.depth + 1)]
        name = sites[0].name
        assert [site.name for site in sites[1:]] == [name + call for call in calls]


def test_the_default_start_is_that_of_keras(rnn, lstm):
    for model, gates in ((rnn, 1), (lstm, 4)):
        fed, bias, states, _ = weights_of(model)
        np.testing.assert_allclose(states @ states.T, np.eye(WIDTH), atol=1e-5)
        most = np.sqrt(6 / (2 + gates * WIDTH))
        assert most / 2 < np.abs(fed).max() <= most
        forget = np.arange(len(bias)) // WIDTH == 1
        np.testing.assert_array_equal(bias, forget if gates == 4 else 0)


def test_the_start_from_the_identity_is_that_of_the_paper():
    wide = dataclasses.replace(RNN, initializer="identity", width=64)
    fed, bias, states, _ = weights_of(built(wide))
    np.testing.assert_array_equal(states, np.eye(64))
    assert np.std(fed) == pytest.approx(0.001, rel=0.3)
    assert not bias.any()


def test_another_seed_starts_elsewhere_but_the_activation_makes_no_difference(rnn):
    for change, is_same in (({"activation": "tanh"}, True), ({"seed": 1}, False)):
        other = weights_of(built(dataclasses.replace(RNN, **change)))
        for mine, theirs in zip(weights_of(rnn), other, strict=True):
            assert np.array_equal(mine, theirs) == (is_same or not mine.any())


def test_the_gradient_through_time_is_that_of_finite_differences():
    # In float64, where a small step tells the gradient to six digits.
    trial = dataclasses.replace(RNN, initializer="identity")
    model = built(trial)
    data = datasets.load_for(trial)
    x, y = data.x_train[:8], data.y_train[:8]
    fed, bias, states, out = (w.astype(np.float64) for w in weights_of(model))
    fed = fed + 0.3  # far from 0, so that no step crosses a kink
    dense, *_ = (layer for layer in model.layers if hasattr(layer, "kernel"))
    dense.kernel.assign(fed)

    def loss(step: int, change: np.ndarray) -> float:
        state = np.zeros((len(x), WIDTH))
        for number in range(trial.depth):
            state = np.maximum(x[:, number] @ fed + bias + state @ states, 0)
            if number == step:
                state = state + change
        return float(np.sum((state @ out - y) ** 2))

    layers = probe(model, x, y, loss="mean_squared_error")
    size = 1e-6
    for step in (0, 4, 9):
        found = ops.convert_to_numpy(layers[step].activation_gradient)
        for unit in range(WIDTH):
            change = np.zeros((len(x), WIDTH))
            change[3, unit] = size
            slope = (loss(step, change) - loss(step, -change)) / (2 * size)
            assert found[3, unit] == pytest.approx(slope, rel=1e-4, abs=1e-6)


@pytest.mark.slow
def test_both_are_trained_and_their_gradients_are_kept_by_time_step():
    """Over 10 seconds, as TensorFlow traces every time step of both."""
    tables = train([RNN, LSTM])
    assert (tables.trials["test_loss"] < 1).all()
    of_states = tables.measurements.dropna(subset="layer")
    gradients = of_states[of_states["measure"] == "signal_gradient"]
    assert len(gradients) == 2 * 2 * 10
    assert (gradients["value"] > 0).all()
    # The loss is behind the last step, where the gradient starts.
    for _, net in gradients[gradients["epoch"] == 0].groupby("key"):
        assert net.set_index("layer")["value"].idxmax() == 9
    # Of so many steps no more is kept than is looked at.
    assert set(of_states["measure"]) == {"signal_gradient", "largest_activation"}
