"""The claim that leaky ReLU differs negligibly from ReLU, on made-up tables."""

import dataclasses

import numpy as np
import pytest

from studies.accuracy import STUDY
from tests.studies.accuracy.made_up_accuracies import tables
from tests.studies.made_up_studies import verdicts


@pytest.mark.parametrize(
    ("lead", "verdict"),
    [(0.0, "supported"), (0.02, "contradicted"), (-0.02, "contradicted")],
)
def test_a_tenth_of_relus_error_is_negligible(lead, verdict):
    # ReLU errs in a tenth, so that 0.01 is a tenth of its error.
    found = verdicts(STUDY, tables({"leaky_relu": 0.9 + lead, "sigmoid": 0.8}))
    assert found["leaky-negligible"] == {"relu and leaky_relu, MLP": verdict}


@pytest.mark.parametrize("lead", [0.0, 0.02, -0.02])
def test_nets_that_do_not_tell_a_sigmoid_from_relu_do_not_judge_a_leaky_one(lead):
    found = verdicts(STUDY, tables({"leaky_relu": 0.9 + lead, "sigmoid": 0.895}))
    assert set(found["leaky-negligible"].values()) == {"not testable here"}


def test_the_error_that_the_margin_is_a_share_of_is_that_of_nets_that_live():
    made_up = tables({"leaky_relu": 0.885, "sigmoid": 0.5})
    trials = made_up.trials
    is_relu = (trials["activation"] == "relu") & (trials["architecture"] == "mlp")
    is_lost = is_relu & trials["seed"].isin([0, 11])
    part = dataclasses.replace(
        made_up,
        trials=trials.assign(
            diverged=is_lost, test_accuracy=trials["test_accuracy"].mask(is_lost, 0.1)
        ),
    )
    effects = STUDY.claims[2].effects(part)["relu and leaky_relu, MLP"]
    noise = [[(7 * seed + n) % 11 for seed in range(20)] for n in (4, 10)]
    relu, leaky = 1e-4 * np.array(noise) + [[0.9], [0.885]]
    lives = ~np.isin(np.arange(20), [0, 11])
    expected = ((relu - leaky) / (1 - np.median(relu[lives])))[lives]
    assert effects.index[effects.isna()].tolist() == [0, 11]
    np.testing.assert_allclose(effects.dropna(), expected)
