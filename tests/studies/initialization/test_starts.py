"""Initialisations of deep nets, on made-up tables and against theory."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.trials.rates import validation_loss
from keras_rectifiers.gradient_decay import gradient_decay
from studies import initialization
from studies.initialization import starts as module
from tests.studies.initialization.made_up_starts import starts
from tests.studies.made_up_studies import verdicts


@pytest.mark.parametrize(
    ("glorot_loss", "verdict"),
    # To the difference the seeds add 0.0096 on average.
    [(1.25, "supported"), (1.21, "contradicted"), (0.5, "contradicted")],
)
def test_a_tenth_of_the_loss_of_guessing_is_clearly_worse(glorot_loss, verdict):
    tables = starts(0.0, 0.95, glorot_loss, 0.9)
    found = verdicts(initialization.STUDY, tables, "he-init")
    assert found == {"he-init": {"MLP, SGD": verdict}}


@pytest.mark.parametrize(
    # A tenth of the loss of guessing, 2.30, is 0.23.
    ("he_loss", "verdict"),
    [(2.05, "contradicted"), (2.09, "not testable here")],
)
def test_starts_of_which_neither_has_learned_are_not_compared(he_loss, verdict):
    tables = starts(0.0, 0.95, 2.2, 0.9)
    is_he = tables.trials["initializer"] == "he"
    loss = tables.trials["train_loss"].mask(is_he, he_loss)
    tables = dataclasses.replace(tables, trials=tables.trials.assign(train_loss=loss))
    found = verdicts(initialization.STUDY, tables, "he-init")
    assert found == {"he-init": {"MLP, SGD": verdict}}


@pytest.mark.parametrize(
    ("decay", "verdict"),
    [
        (0.0, "supported"),
        (-0.015, "supported"),
        (0.015, "supported"),
        (-0.025, "contradicted"),
        (0.025, "contradicted"),
        (0.02 - 4.5e-4, "inconclusive"),
    ],
)
def test_a_gradient_is_kept_within_2_hundredths_of_a_decade(decay, verdict):
    found = verdicts(initialization.STUDY, starts(decay, 0.95, 2.3, 0.9), "text-bounds")
    assert found["text-bounds"] == dict.fromkeys(module.BOUNDS, verdict)


def test_weights_within_the_bounds_shrink_the_gradient_as_theory_says():
    # Weights uniform within b / sqrt(n) have the variance b^2 / (3 n), and half of the
    # units pass the gradient on: its square is b^2 / 6 of itself after each layer.
    trials = module.trials(seeds=range(1))
    tables = training.train([dataclasses.replace(t, depth=20) for t in trials])
    rows = tables.measurements
    rows = rows[rows["measure"] == "signal_gradient"].sort_values("layer")
    keys = tables.trials.set_index("weight_scale")["key"]
    for bound in (1.0, 2.0):
        found, _ = gradient_decay(rows[rows["key"] == keys[bound]]["value"])
        assert found == pytest.approx(np.log10(bound**2 / 6) / 2, abs=0.03)


def test_both_starts_share_a_grid_judged_by_the_loss_on_the_validation_split():
    grids = module.grids(seeds=range(2), epochs=3)
    assert [grid.nets[0].optimizer for grid in grids] == ["sgd", "adam"]
    for grid in grids:
        assert [net.initializer for net in grid.nets] == ["he", "glorot"]
        assert grid.score is validation_loss
