"""The claim on batch normalisation, on made-up tables."""

import dataclasses

import numpy as np
import pytest

from studies.accuracy.nets import RATES
from studies.surroundings import STUDY
from tests.studies.made_up_studies import made_up_tables, verdicts

# Activation -> how far the accuracy of a net without batch normalisation lies off.
OFF = {"relu": -0.02, "prelu": 0.0, "rrelu": 0.01, "elu": 0.0}


def normalised_tables(shrinks_to: float):
    def accuracy(trial):
        # What is not at the chosen rate, or another net, must not matter.
        net = "MLP" if trial.architecture == "mlp" else "CNN"
        is_judged = trial.learning_rate == min(RATES[net])
        scale = shrinks_to if trial.batch_normalization else 1.0
        off = OFF.get(trial.activation, 0.3) if is_judged else 0.3 * (trial.seed % 2)
        return 0.6 + scale * off + 0.001 * (trial.seed % 7)

    return made_up_tables(STUDY, accuracy=accuracy)


@pytest.mark.parametrize(
    ("shrinks_to", "verdict"),
    [(0.5, "supported"), (0.95, "contradicted"), (2.0, "contradicted")],
)
def test_batch_normalisation_closes_the_gap_where_the_spread_shrinks(
    shrinks_to, verdict
):
    found = verdicts(STUDY, normalised_tables(shrinks_to))
    assert found["batch-norm-closes"] == {"MLP": verdict, "CNN": verdict}


def test_the_spread_is_of_all_four_rectifiers_of_a_seed():
    tables = normalised_tables(0.5)
    trials = tables.trials
    is_lost = (
        (trials["activation"] == "elu")
        & (trials["architecture"] == "mlp")
        & trials["batch_normalization"]
        & (trials["seed"] == 3)
    )
    part = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    (claim,) = (c for c in STUDY.claims if c.id == "batch-norm-closes")
    effects = claim.effects(part)
    # 0.01 + 0.02, less half of it.
    expected = np.full(10, 0.015)
    np.testing.assert_allclose(effects["CNN"], expected)
    expected[3] = np.nan
    np.testing.assert_allclose(effects["MLP"], expected)
