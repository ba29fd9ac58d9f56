"""The study of approximation, on made-up tables with known answers."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.figures import NothingToDraw
from studies import approximation
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = approximation.STUDY
SMALL_RATE = approximation.RATE


def tables(loss, *, diverges=lambda trial: False):
    """Tables in which a net has a test loss, in shares of the variance of the curve."""
    made = made_up_tables(
        STUDY,
        accuracy=np.nan,
        test_loss=lambda trial: (
            loss(trial) * (1 + trial.seed / 1e3) * approximation._variance()
        ),
    )
    trials = made.trials
    lost = [diverges(row) for row in trials.to_dict("records")]
    return dataclasses.replace(made, trials=trials.assign(diverged=lost))


def test_the_difference_of_two_functions_is_as_far_from_the_sigmoid_as_computed_by_hand():
    effects = approximation._deviations(tables(lambda trial: 0.1))
    found = {case: values.iloc[0] for case, values in effects.items()}
    # That of the ramp is at its corner.
    assert found["two ReLUs, half-shift 2"] == pytest.approx(1 / (1 + np.exp(2)))
    wanted = {"0.5": 0.004, "1": 0.015, "2": 0.054}
    for shift, value in wanted.items():
        assert round(found[f"two softplus, half-shift {shift}"], 3) == value


def test_a_formula_is_judged_whatever_the_number_of_seeds():
    one = made_up_tables(STUDY, num_seeds=1)
    found = verdicts(STUDY, one, "sigmoid-from-two")["sigmoid-from-two"]
    assert set(found.values()) == {"supported"}


@pytest.mark.parametrize(
    ("loss", "verdict"), [(0.04, "supported"), (0.07, "contradicted")]
)
def test_a_fit_is_judged_by_the_share_of_the_variance_at_the_small_rate(loss, verdict):
    def of(trial):
        is_own = trial.learning_rate == SMALL_RATE and trial.activation == "relu"
        return loss if is_own and trial.width == 30 else 0.5

    found = verdicts(STUDY, tables(of), "piecewise-linear")
    assert found["piecewise-linear"] == {"30 ReLUs, rate 0.0003": verdict}


@pytest.mark.parametrize(("ratio", "verdict"), [(3, "supported"), (1, "contradicted")])
def test_errors_are_compared_at_equal_widths_and_best_rates(ratio, verdict):
    def of(trial):
        if trial.learning_rate > SMALL_RATE:  # the smallest is best in these tables
            return 0.9
        return 0.1 * (ratio if trial.activation == "relu" else 1)

    found = verdicts(STUDY, tables(of), "more-neurons")["more-neurons"]
    assert found == {
        **{f"{width} units": verdict for width in (5, 10, 30)},
        "20 units": "not measured",
        "60 units": "not measured",
    }


def test_a_rate_is_too_large_if_the_fit_is_worse_or_the_net_diverges():
    losses = {SMALL_RATE: 0.05, 1e-3: 0.04, 3e-3: np.nan}
    found = verdicts(
        STUDY,
        tables(
            lambda trial: losses[trial.learning_rate],
            diverges=lambda row: row["learning_rate"] == 3e-3,
        ),
        "small-rate",
    )["small-rate"]
    assert found["rate 0.001"] == "contradicted" and found["rate 0.003"] == "supported"


@pytest.mark.parametrize(
    ("loss", "is_comparable"), [(0.4, True), (0.6, False), (np.nan, False)]
)
def test_nets_are_compared_at_a_common_rate_only_if_both_fit(loss, is_comparable):
    made = tables(lambda trial: loss if trial.activation == "relu" else 0.1)
    (claim,) = (claim for claim in STUDY.claims if claim.id == "more-neurons")
    holds = claim.comparable_if.holds(made)
    assert set(holds["30 units"]) == {is_comparable}
    assert holds["60 units"].empty


def test_nets_without_weights_leave_nothing_to_draw():
    with pytest.raises(NothingToDraw):
        approximation._fitted(tables(lambda trial: 0.1))
