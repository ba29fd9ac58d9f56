"""Small nets as functions: against Keras, and where they bend."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import ops

from keras_rectifiers.comparison.nets import parts
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from studies.decision_boundary.nets import ACTIVATIONS
from studies.small_nets import SmallNet, edges, kinks, predicted, small_nets


def net(activation: str, *, inputs: int = 2, seed: int = 0) -> SmallNet:
    rng = np.random.default_rng(seed)
    slope = rng.uniform(-0.5, 0.5, 4) if activation == "prelu" else None
    return SmallNet(
        activation,
        rng.normal(size=(inputs, 4)),
        rng.normal(size=4),
        rng.normal(size=4),
        rng.normal(),
        slope,
    )


@pytest.mark.parametrize("activation", [*ACTIVATIONS["full"], "sigmoid"])
def test_a_net_predicts_what_that_of_keras_does(activation):
    own = net(activation)
    (layer,) = parts.activation(Trial(activation=activation))
    hidden, output = keras.layers.Dense(4), keras.layers.Dense(1)
    model = keras.Sequential([keras.Input((2,)), hidden, layer, output])
    hidden.set_weights([own.kernel, own.bias])
    output.set_weights([own.output_kernel[:, np.newaxis], np.array([own.output_bias])])
    if own.slope is not None:
        layer.set_weights([own.slope])
    x = np.random.default_rng(1).normal(size=(50, 2))
    wanted = ops.convert_to_numpy(model(x.astype("float32")))[:, 0]
    np.testing.assert_allclose(predicted(own, x), wanted, rtol=1e-4, atol=1e-5)


def test_a_net_bends_at_its_kinks_and_is_straight_between_them():
    own = net("relu", inputs=1)
    at = kinks(own, -3, 3)
    assert len(at) >= 2 and (np.diff(at) > 0).all()
    x = np.linspace(-3, 3, 6001)
    bends = np.abs(np.diff(predicted(own, x[:, np.newaxis]), 2)) > 1e-9
    middles = x[1:-1][bends]
    # Each second difference that is not 0 is next to a kink, and each kink has one.
    distances = np.abs(middles[:, np.newaxis] - at)
    assert distances.min(axis=1).max() <= 1e-3 and distances.min(axis=0).max() <= 1e-3
    assert kinks(own, at[0] + 1e-6, 3).tolist() == at[1:].tolist()


def test_a_unit_without_effect_has_no_kink():
    own = net("relu", inputs=1)
    without = own._replace(output_kernel=own.output_kernel * [0, 1, 1, 1])
    assert len(kinks(without, -99, 99)) == len(kinks(own, -99, 99)) - 1


def test_units_switch_on_their_edges():
    own = net("relu")
    for unit, ends in enumerate(edges(own)):
        z = ends @ own.kernel[:, unit] + own.bias[unit]
        np.testing.assert_allclose(z, 0, atol=1e-9)
        assert np.linalg.norm(ends[0] - ends[1]) == pytest.approx(4)


def test_nets_are_those_of_the_rows_in_their_order():
    nets = {"b": net("prelu", seed=1), "a": net("relu", seed=2)}
    rows = [
        (key, 9, layer, name, index, value)
        for key, own in nets.items()
        for layer, name, values in (
            (0, "kernel", own.kernel),
            (0, "bias", own.bias),
            (0, "negative_slope", own.slope),
            (1, "kernel", own.output_kernel),
            (1, "bias", np.array([own.output_bias])),
        )
        if values is not None
        for index, value in reversed(list(enumerate(np.ravel(values))))
    ]
    columns = ["key", "epoch", "layer", "name", "index", "value"]
    trials = pd.DataFrame({"key": ["b", "a"], "activation": ["prelu", "relu"]})
    tables = Tables(
        trials=trials,
        measurements=pd.DataFrame(),
        outputs=pd.DataFrame(rows, columns=columns),
    )
    for found, own in zip(small_nets(tables, trials), nets.values(), strict=True):
        for value, wanted in zip(found, own, strict=True):
            assert np.array_equal(value, wanted)
