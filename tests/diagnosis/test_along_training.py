"""What is found along a training, and when."""

import keras
import numpy as np
import pytest

from keras_rectifiers import LayerMonitor
from keras_rectifiers.diagnosis.along_training import NUM_EPOCHS, FindingsAlong
from keras_rectifiers.inspection.hidden_activations import hidden_activations
from tests.diagnosis.made_up_nets import net

HEALTHY = {"signal_gradient": 1.0, "activation_std": 1.0, "dead_units": 0.0}


@pytest.fixture(scope="module")
def sites():
    return hidden_activations(net(2))


def test_units_that_die_are_told_once_with_the_step(sites):
    along = FindingsAlong(sites, 100)
    assert along.add_measures(0, 0, [HEALTHY, HEALTHY]) == []
    dead = {**HEALTHY, "dead_units": 0.5}
    (finding,) = along.add_measures(2, 20, [HEALTHY, dead])
    assert (finding.kind, finding.layer) == ("dead", "hidden_1")
    assert finding.observation.endswith(", first at epoch 2, step 20")
    assert along.add_measures(3, 30, [HEALTHY, dead]) == []
    assert along.found == [finding]


def test_the_units_of_recurrent_layers_are_counted():
    recurrent = keras.layers.SimpleRNN(8, "relu")
    model = keras.Sequential([keras.Input((5, 3)), recurrent, keras.layers.Dense(1)])
    along = FindingsAlong(hidden_activations(model), 100)
    along.add_measures(0, 0, [HEALTHY])
    (finding,) = along.add_measures(1, 10, [{**HEALTHY, "dead_units": 1.0}])
    assert "100% of 8 units are dead" in finding.observation


def test_what_was_so_from_the_start_is_no_growth(sites):
    along = FindingsAlong(sites, 100)
    large = {**HEALTHY, "activation_std": 200.0}
    along.add_measures(0, 0, [large, large])
    assert along.add_measures(1, 10, [large, large]) == []


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([1.0, 0.8, 0.6, 0.5, 0.4, 0.4, 0.4], []),
        ([1.0, 0.8, np.nan, np.nan], ["not finite"]),
        ([1.0, 0.5, 1.1], ["diverging"]),
        ([1.0, 0.01, 0.03, 0.1], []),
        ([1.0] * NUM_EPOCHS, ["stuck"]),
        ([1.0] * (NUM_EPOCHS - 1), []),
    ],
)
def test_the_loss_is_lost_leaps_or_stays(losses, expected, sites):
    along = FindingsAlong(sites, 100)
    for epoch, loss in enumerate(losses, 1):
        along.add_loss(epoch, loss)
    assert [finding.kind for finding in along.found] == expected


def test_the_loss_of_a_model_that_was_trained_before_may_stay(sites):
    along = FindingsAlong(sites, 100, goes_on=True)
    for epoch in range(NUM_EPOCHS):
        assert along.add_loss(epoch, 1.0) == []


def test_a_monitor_tells_what_is_new_and_stops_on_it(data, free_probe, capsys):
    x, y = data
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.0), "mse")
    monitor = LayerMonitor(x, y, verbose=True, stop_on=["stuck"])
    history = model.fit(x, y, epochs=NUM_EPOCHS + 3, verbose=0, callbacks=[monitor])
    assert len(history.epoch) == NUM_EPOCHS
    assert [finding.kind for finding in monitor.findings] == ["stuck"]
    assert capsys.readouterr().out.startswith("LayerMonitor: training: the loss has ")


def test_an_unknown_kind_to_stop_on_is_refused(data):
    with pytest.raises(ValueError, match=r"names in `stop_on` .* Received: 'dying'"):
        LayerMonitor(*data, stop_on=["dying"])
