"""Populations against the same trials trained one at a time by `model.fit`."""

import keras
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.trials.store import TABLES
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.gradient_decay import gradient_decay

DIGITS = datasets.load("digits")
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}


def test_equal_trials_give_equal_tables():
    small = SMALL | {"depth": 1}
    trials = [Trial(activation="rrelu", seed=s, **small) for s in range(3)]
    one, again = training.train(trials), training.train(trials)
    for table in TABLES:
        assert getattr(one, table).equals(getattr(again, table))


def test_training_learns():
    trial = Trial(activation="relu", depth=2, width=64, epochs=10, seed=0)
    (result,) = training.train([trial]).trials.itertuples()
    assert result.test_accuracy > 0.9
    assert result.train_loss < 0.2


def test_a_deep_sigmoid_net_vanishes_towards_the_input():
    trial = Trial(activation="sigmoid", depth=20, width=64, epochs=0, initializer="he")
    frame = training.train([trial]).measurements
    gradients = frame[frame.measure == "signal_gradient"].sort_values("layer").value
    assert gradient_decay(gradients)[0] < -0.4


def test_nothing_to_train_is_refused():
    with pytest.raises(ValueError, match="Expected at least one Trial"):
        training.train([])


def test_a_backend_without_populations_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(
        RuntimeError,
        match=r"^Trials can be trained only on the TensorFlow and JAX backends\. Set "
        r"KERAS_BACKEND=tensorflow before Keras is imported\. Received: the backend "
        r"'torch'\.$",
    ):
        training.train([Trial(**SMALL)])
