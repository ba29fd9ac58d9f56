"""How nets fit a curve, on made-up tables."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.figures import NothingToDraw
from studies.approximation import STUDY, fitting
from tests.studies.made_up_studies import made_up_tables, verdicts

SMALL_RATE = fitting.RATE


def tables(loss, *, diverges=lambda trial: False):
    """Tables in which a net has a test loss, in shares of the variance of the curve."""
    made = made_up_tables(
        STUDY,
        accuracy=np.nan,
        test_loss=lambda trial: (
            loss(trial) * (1 + trial.seed / 1e3) * fitting._variance()
        ),
    )
    trials = made.trials
    lost = [diverges(row) for row in trials.to_dict("records")]
    return dataclasses.replace(made, trials=trials.assign(diverged=lost))


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
        fitting._fitted(tables(lambda trial: 0.1))
