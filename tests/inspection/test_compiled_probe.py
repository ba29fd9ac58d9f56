"""The compiled probe: the same measures as those of the probe, at each call anew."""

import re

import keras
import numpy as np
import pytest

from keras_rectifiers.inspection.batch import checked_batch
from keras_rectifiers.inspection.compiled_probe import ARRAYS, compile_probe
from keras_rectifiers.inspection.probe import MEASURES, find_sites, measure
from tests.inspection.made_up_nets import CROSS_ENTROPY, dense_net, redraw, to_numpy


def compiled(model, x, y, measures, *, with_arrays=False):
    x, y = checked_batch(model, x, y)
    return compile_probe(
        model,
        x,
        y,
        loss=CROSS_ENTROPY,
        sites=find_sites(model, x),
        measures=measures,
        with_arrays=with_arrays,
    )


def test_each_call_measures_the_present_weights_as_the_probe_does(rng):
    model = dense_net("relu", rng, depth=2)
    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    probe = compiled(model, x, y, tuple(MEASURES))
    for _ in range(2):
        redraw(model, rng)
        rows, arrays = probe()
        frame = measure(model, x, y, loss=CROSS_ENTROPY)
        expected = frame.set_index(["layer", "measure"]).value.to_dict()
        found = {
            (layer, name): value
            for layer, row in enumerate(rows)
            for name, value in row.items()
        }
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)
        assert arrays == []


def test_only_the_measures_that_are_asked_for_are_taken_where_they_are_defined(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, activation="relu"),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dense(3),
        ]
    )
    measures = ["dead_units", "saturation", "activation_mean"]
    probe = compiled(model, rng.normal(size=(4, 3)), [0, 1, 2, 0], measures)
    rows, _ = probe()
    assert [sorted(row) for row in rows] == [
        ["activation_mean", "dead_units"],
        ["activation_mean", "saturation"],
    ]


def test_arrays_come_with_the_measures_if_they_are_asked_for(rng):
    model = dense_net("tanh", rng, depth=1)
    x = rng.normal(size=(4, 3))
    probe = compiled(model, x, [0, 1, 2, 0], ["activation_std"], with_arrays=True)
    (row,), (arrays,) = probe()
    assert sorted(arrays) == sorted(ARRAYS)
    z = x @ to_numpy(model.layers[0].kernel) + to_numpy(model.layers[0].bias)
    np.testing.assert_allclose(arrays["pre_activation"], z, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(arrays["activation"], np.tanh(z), rtol=1e-5, atol=1e-6)
    assert row["activation_std"] == pytest.approx(np.tanh(z).std(), rel=1e-5)


def test_measures_that_no_layer_has_are_refused(rng):
    model = dense_net("relu", rng, depth=1)
    probe_of = (model, rng.normal(size=(4, 3)), [0, 1, 2, 0], ["saturation"])
    message = (
        f"None of the measures saturation is defined for {model.layers[1].name}. "
        "saturation needs a bounded activation, dead_units and sparsity need a "
        "rectifier, and negative_slope and sharpness need a layer with that parameter. "
        "Leave measures= out to take all measures."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        compiled(*probe_of)()
