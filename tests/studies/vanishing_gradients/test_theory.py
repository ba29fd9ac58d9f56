"""The predicted decay against closed forms, and the claim on made-up tables."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import vanishing_gradients
from studies.vanishing_gradients import theory
from tests.studies.made_up_studies import made_up_tables, only, verdicts

STUDY = vanishing_gradients.STUDY
WIDE = {"width": 1000, "probe_size": 64, "epochs": 0}
THEORY = dataclasses.replace(STUDY, trials={"quick": theory.trials}, grids={})


@pytest.mark.parametrize(
    ("initializer", "activation", "expected"),
    [
        ("gain", "relu", 0.0),
        ("gain", "very_leaky_relu", 0.0),
        # A half of the units passes the gradient on, all of it or a tenth.
        ("glorot", "relu", np.log10(1 / 2) / 2),
        ("glorot", "leaky_relu_0.1", np.log10((1 + 0.1**2) / 2) / 2),
        # At inference the slope is 1/5.5.
        ("glorot", "rrelu", np.log10((1 + 1 / 5.5**2) / 2) / 2),
    ],
)
def test_of_the_leaky_family_the_prediction_is_a_closed_form(
    initializer, activation, expected
):
    found = theory.predicted(
        Trial(**WIDE, activation=activation, initializer=initializer, depth=20)
    )
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_prediction_follows_each_example_from_its_own_inputs():
    # From a first layer of variance q tanh's gradient shrinks with E[f'(x)^2].
    found = theory.predicted(
        Trial(**WIDE, activation="tanh", initializer="glorot", depth=2)
    )
    x = theory.datasets.load("digits").x_train[:64].reshape(64, 64).astype(float)
    q = (2 * 64 / 1064) * np.mean(x**2, axis=1)
    z = np.linspace(-8, 8, 4001)
    weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    q = np.tanh(np.sqrt(q)[:, np.newaxis] * z) ** 2 @ weights
    slopes = 1 - np.tanh(np.sqrt(q)[:, np.newaxis] * z) ** 2
    assert found == pytest.approx(np.log10(np.mean(slopes**2 @ weights)) / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("error", "verdict"), [(0.5, "supported"), (-1.5, "contradicted")]
)
def test_the_theory_may_err_by_5_percent_or_0_005(error, verdict):
    def measures(trial, epoch, layer):
        decay = theory.predicted(dataclasses.replace(trial, seed=0))
        decay += error * max(0.005, 0.05 * abs(decay)) + 1e-6 * trial.seed
        return {"signal_gradient": 10 ** (decay * (trial.depth - 1 - layer))}

    cases = verdicts(THEORY, made_up_tables(THEORY, measures, num_seeds=12), "theory")[
        "theory"
    ]
    assert len(cases) == 26
    assert set(cases.values()) == {verdict}


def test_narrow_nets_are_not_judged_by_the_theory():
    def measures(trial, epoch, layer):
        return {"signal_gradient": 1.0}

    tables = made_up_tables(STUDY, measures, num_seeds=2)
    frame = judge(only(STUDY, "theory"), tables)
    assert set(frame["verdict"]) == {"not measured"}
