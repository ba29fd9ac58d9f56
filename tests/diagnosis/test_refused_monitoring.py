"""What a monitor refuses before the training begins, and what it says would be right."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers import LayerMonitor
from keras_rectifiers.inspection.probe import MEASURES
from tests.diagnosis.made_up_trainings import begin, fit, net


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "step", None, [2]])
def test_a_wrong_interval_is_refused(data, every):
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data, every)
    assert str(raised.value) == (
        "LayerMonitor expects `every` to be 'epoch' or a number of steps of at least 1. "
        f"Received: every={every!r}"
    )


def test_unknown_measures_and_layers_are_refused(data):
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data, measures=["dead_unit"])
    assert str(raised.value) == (
        "LayerMonitor expects the names in `measures` to be among: "
        f"{', '.join(MEASURES)}. Did you mean 'dead_units'? Received: 'dead_unit'."
    )
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data, layers="one")
    assert str(raised.value) == (
        "LayerMonitor expects `layers` to be a list of names, or None for all. "
        "Received: layers='one'"
    )
    for wrong in (3, [], False):
        with pytest.raises(ValueError) as raised:
            LayerMonitor(*data, measures=wrong)
        assert str(raised.value) == (
            "LayerMonitor expects `measures` to be a list of names, or None for all. "
            f"Received: measures={wrong!r}"
        )
    with pytest.raises(ValueError) as raised:
        fit(net(), data, [LayerMonitor(*data, layers=["three"])])
    assert str(raised.value) == (
        "LayerMonitor expects the names in `layers` to be among: one, two. Received: "
        "'three'."
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda x, y: (x[:, :3], y),
            r"^The probe batch x does not fit the model '.*': expected the shape "
            r"\(None, 5\)\. Received: \(64, 3\)\.$",
        ),
        (
            lambda x, y: (x[:0], y[:0]),
            r"^The probe batch x must hold at least one example\. Received: an empty "
            r"batch\.$",
        ),
        (
            lambda x, y: (x * np.nan, y),
            r"^The probe batch x must hold finite numbers, because otherwise every "
            r"measure is NaN\. Remove the others\. Received: NaN or infinite values\.$",
        ),
        (
            lambda x, y: (x, y[:5]),
            r"^The probe batch must have the same number of examples in x and targets in "
            r"y\. Received: 64 and 5\.$",
        ),
        # JAX says more below what is raised while it compiles.
        (
            lambda x, y: (x, np.zeros((64, 3))),
            r"^The targets y of the probe batch do not fit the loss .*: expected the "
            r"shape of the predictions, \(64, 1\)\. Received: \(64, 3\)\.(?m:$)",
        ),
        (
            lambda x, y: (x, np.zeros((64, 2, 2))),
            r"^The targets y of the probe batch do not fit the loss .*: expected the "
            r"shape of the predictions, \(64, 1\)\. Received: \(64, 2, 2\)\.(?m:$)",
        ),
    ],
)
def test_a_bad_batch_is_refused_before_the_training(data, spoil, message):
    model = net()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        fit(model, data, [LayerMonitor(*spoil(*data))])
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_model_without_trainable_weights_is_refused(data):
    model = net()
    model.trainable = False
    monitor = LayerMonitor(*data)
    monitor.set_model(model)
    with pytest.raises(ValueError) as raised:
        monitor.on_train_begin()
    assert str(raised.value) == (
        "LayerMonitor expects a model with trainable weights. Set model.trainable = "
        f"True, or use diagnose(). Received: the model '{model.name}' without "
        "trainable weights."
    )


def test_a_model_that_is_not_built_is_refused(data):
    model = keras.Sequential([layers.Dense(3, "relu"), layers.Dense(1)], name="bare")
    monitor = LayerMonitor(*data)
    monitor.set_model(model)
    with pytest.raises(ValueError) as raised:
        monitor.on_train_begin()
    assert str(raised.value) == (
        "Expected a built model. Start it with keras.Input(shape), or call it once on "
        "a batch. Received: 'bare', which has no weights yet."
    )


def test_measures_that_no_layer_has_are_refused_before_the_training(data, tmp_path):
    model = net()
    before = model.get_weights()
    monitor = LayerMonitor(*data, measures=["sharpness"], path=tmp_path / "log")
    with pytest.raises(ValueError) as raised:
        fit(model, data, [monitor])
    assert str(raised.value) == (
        "None of the measures sharpness is defined for one, two. saturation needs a "
        "bounded activation, dead_units and sparsity need a rectifier, and "
        "negative_slope and sharpness need a layer with that parameter. Leave "
        "measures= out to take all measures."
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_monitor_keeps_to_one_model(data, free_probe):
    monitor = LayerMonitor(*data)
    first, second = net(), net()
    begin(monitor, first)
    with pytest.raises(ValueError) as raised:
        fit(second, data, [monitor])
    assert str(raised.value) == (
        "A LayerMonitor expects to measure a single model. Create another "
        f"LayerMonitor for the second model. Received: '{second.name}' after "
        f"'{first.name}'."
    )
