"""The figures of a diagnosis and of a monitored training."""

import dataclasses

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from keras_rectifiers import LayerMonitor, diagnose
from keras_rectifiers.diagnosis.figures import RED, monitor_figure
from keras_rectifiers.layers import Maxout
from tests.diagnosis.made_up_nets import CROSS_ENTROPY, net


@pytest.mark.parametrize("depth", [1, 2, 30])
def test_the_figure_shows_its_legends_at_any_depth(batch, depth):
    diagnosis = diagnose(net(1), *batch, loss=CROSS_ENTROPY)
    frame, fresh = (
        pd.concat(
            [one.assign(layer=f"hidden_{i}", depth=i) for i in range(depth)],
            ignore_index=True,
        )
        for one in (diagnosis.frame, diagnosis.fresh)
    )
    figure = dataclasses.replace(diagnosis, frame=frame, fresh=fresh).plot()
    figure.draw_without_rendering()
    for axis in figure.axes:
        legend = axis.get_legend().get_window_extent()
        assert legend.y0 >= 0
        assert legend.y1 < axis.xaxis.get_tightbbox().y0


def test_a_figure_without_any_share_of_units_has_no_legend_for_them(batch):
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(16), Maxout(8), layers.Dense(3)]
    )
    figure = diagnose(model, *batch, loss=CROSS_ENTROPY).plot()
    figure.draw_without_rendering()
    gradient, spread, shares = figure.axes
    assert gradient.get_legend() and spread.get_legend()
    assert shares.get_legend() is None and not shares.lines


def test_a_model_without_hidden_activations_has_an_empty_figure(batch):
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3)])
    figure = diagnose(model, *batch, loss=CROSS_ENTROPY).plot()
    figure.draw_without_rendering()
    assert not any(axis.lines for axis in figure.axes)


def test_dollars_in_names_are_no_formula_in_figures(batch):
    diagnosis = diagnose(net(2, bias=-50.0), *batch, loss=CROSS_ENTROPY)
    named = {"hidden_0": "x_{1$ or $y", "hidden_1": "$z"}
    frame = diagnosis.frame.replace({"layer": named})
    renamed = [
        dataclasses.replace(f, layer=named[f.layer], others=("$z",))
        for f in diagnosis.findings
    ]
    figure = dataclasses.replace(
        diagnosis,
        frame=frame,
        fresh=diagnosis.fresh.replace({"layer": named}),
        findings=tuple(renamed),
    ).plot()
    figure.draw_without_rendering()
    labels = figure.axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == [r"x_{1\$ or \$y", r"\$z"]
    assert {label.get_color() for label in labels} == {RED}
    monitor_figure(frame.assign(step=0)).draw_without_rendering()


def test_a_net_that_has_diverged_is_drawn(batch):
    model = net()
    for weight in model.weights:
        weight.assign(np.full(weight.shape, np.nan))
    figure = diagnose(model, *batch, loss=CROSS_ENTROPY).plot()
    assert figure.axes[0].get_ylim() == (3.5, -0.5)


def test_it_draws_a_heatmap_for_each_measure(data, watched):
    monitor = watched.by_two
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data).plot()
    assert str(raised.value) == (
        "The LayerMonitor has not measured anything yet. Pass it to model.fit in "
        "callbacks=[...] first."
    )
    figure = monitor.plot()
    figure.canvas.draw()
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == [
        "Signal gradient, log10",
        "Weight gradient, log10",
        "Standard deviation of activations, log10",
        "Dead units",
    ]
    gradients = figure.axes[0].collections[0].get_array()
    assert gradients.shape == (2, 9)
    signal = monitor.frame[monitor.frame.measure == "signal_gradient"]
    expected = np.log10(signal.pivot(index="layer", columns="step", values="value"))
    np.testing.assert_allclose(gradients, expected)
