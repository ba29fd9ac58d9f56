"""What is measured of the layers of all members at once."""

import keras
import numpy as np
import pytest

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.training import layer_measures
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.probe import LayerArrays
from tests.comparison.training.trained_alone import (
    assert_equal_tables,
    keep,
    train_alone,
)

DIGITS = datasets.load("digits")
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
DEEPER = SMALL | {"depth": 3}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


def test_measurements_are_taken_at_each_epoch_and_layer():
    tables = training.train([Trial(**DEEPER)])
    frame = tables.measurements
    gradients = frame[frame.measure == "signal_gradient"]
    assert list(zip(gradients.epoch, gradients.layer, strict=True)) == [
        (epoch, layer) for epoch in range(3) for layer in range(3)
    ]
    curves = frame[frame.measure == "validation_accuracy"]
    assert list(curves.epoch) == [1, 2] and curves.layer.isna().all()


def test_revived_units_were_dead_then_and_live_in_the_end(monkeypatch):
    trial = Trial(learning_rate=0.1, bias=-1.0, seed=3, **DEEPER | {"epochs": 4})
    seen = []
    layer_values = layer_measures.layer_values

    def recorded(layer):
        values = layer_values(layer)
        seen.append((values["is_dead"].numpy(), float(values["dead_units"])))
        return values

    monkeypatch.setattr(layer_measures, "layer_values", recorded)
    rows = train_alone([trial]).measurements
    is_dead = np.array([dead for dead, _ in seen]).reshape(5, 3, 8)
    assert [share for _, share in seen] == pytest.approx(is_dead.mean(-1).ravel())
    expected = (is_dead * (is_dead[-1] == 0)).mean(-1)
    assert expected.max() > 0
    found = rows[rows["measure"] == "revived_units"].sort_values(["epoch", "layer"])
    assert found["value"].to_numpy() == pytest.approx(expected.ravel())


def test_what_is_measured_of_a_layer_is_traced_once_for_layers_of_all_sizes(
    monkeypatch,
):
    training.train([Trial(**SMALL, seed=seed) for seed in range(2)])
    monkeypatch.setattr(
        layer_measures, "layer_values", None
    )  # what is not traced is not called
    others = SMALL | {"depth": 3, "width": 5, "probe_size": 48}
    wider = [Trial(**others, seed=seed) for seed in range(3)]
    together = keep(training.train(wider, jit_compile=False), wider[-1:])
    monkeypatch.undo()
    assert_equal_tables(together, train_alone(wider[-1:]), GROWN)


def test_activations_of_which_the_same_is_measured_share_what_is_traced():
    def layer(name):
        return LayerArrays(
            layer=name,
            known=CATALOGUE[name],
            pre_activation=None,
            activation=keras.ops.ones((3, 2)),
            activation_gradient=None,
            derivative=None,
            kernel=None,
            kernel_gradient=None,
            negative_slope=None,
        )

    # Of sigmoid and tanh the largest slopes differ, and ReLU alone has a flat zero.
    names = ("gelu", "silu", "sigmoid", "tanh", "relu", "leaky_relu", "very_leaky_relu")
    layers = [layer(name) for name in names]
    seen = [layer_measures.tensors(of_one) for of_one in layers]
    assert layer_measures.runs(layers, seen) == [[0, 1], [2], [3], [4], [5, 6]]
