"""Which claims of the studies are judged along the epochs."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.along_epochs import judge_along_epochs
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import STUDIES
from tests.studies.made_up_studies import plausible_tables

OUTCOMES = ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
# There is no curve of the training accuracy.
WITHOUT_A_CURVE = {"prelu-train-best", "rrelu-least-overfit", "sparse-generalises"}
# Study -> the claims on what nets have learned at the end of training.
ALONG_EPOCHS = {
    "vanishing_gradients": {
        *("deep-sigmoid-stuck", "deep-tanh-stuck", "deep-at-chance"),
        *("no-pretraining", "derivative-at-zero"),
    },
    "exploding_gradients": {"exploding-cures"},
    "sparsity": {"l1-harmless"},
    "dying_relu": {"leaky-lives"},
    "initialization": {
        *("he-init", "positive-bias-helps", "scaled-inputs", "scaled-inputs-accuracy"),
        "weight-penalty-accuracy",
    },
    "accuracy": {
        *("relu-better", "tanh-over-sigmoid", "leaky-negligible", "leaky-better"),
        *("leaky-worse", "very-leaky-better", "elu-better", "rrelu-best"),
    },
    "recurrent": {"irnn", "irnn-lstm", "relu-in-lstm"},
    "autoencoder": {"sparse-code-reconstructs"},
    "network_in_network": {"leaky-better", "very-leaky-better", "rrelu-best"},
    "surroundings": {"linear-limited", "batch-norm-closes", "rectify-cnn", "maxout"},
    "approximation": {"piecewise-linear", "more-neurons", "small-rate"},
    "decision_boundary": {"polygon", "too-fast-dies"},
}


# What the tables of the quick profile lack.
NOT_MEASURED = {"no-pretraining"}
# Of a share, all seeds may have drawn what they had.
NUM_DRAWS = 3


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_claims_name_the_outcomes_from_which_their_effects_are_computed(study, rng):
    tables = plausible_tables(study)
    effects = {claim.id: claim.effects(tables) for claim in study.claims}
    found = {claim.id: set() for claim in study.claims}
    # At once for the claims that look at none; one by one for the others.
    for outcomes in (OUTCOMES, *((outcome,) for outcome in OUTCOMES)):
        asked = [c for c in study.claims if bool(c.outcomes) == (len(outcomes) == 1)]
        for other in drawn(tables, outcomes, rng) if asked else ():
            for claim in asked:
                if differ(effects[claim.id], claim.effects(other)):
                    found[claim.id].update(outcomes)
    for claim in study.claims:
        if claim.id in NOT_MEASURED:
            assert all(values.empty for values in effects[claim.id].values())
        else:
            assert found[claim.id] == set(claim.outcomes), claim.id


def drawn(tables: Tables, outcomes, rng) -> list[Tables]:
    """The tables with random outcomes, as of nets that have learned, or have not."""
    trials = tables.trials
    is_trained = trials["epochs"] > 0
    found = []
    for _ in range(NUM_DRAWS):
        numbers = rng.choice([0.0, 0.8], len(trials)) + 0.2 * rng.random(len(trials))
        values = dict.fromkeys(outcomes, np.where(is_trained, numbers, np.nan))
        found.append(dataclasses.replace(tables, trials=trials.assign(**values)))
    return found


def differ(effects, others) -> bool:
    return list(effects) != list(others) or any(
        not effects[case].equals(others[case]) for case in effects
    )


def test_claims_on_outcomes_with_curves_are_judged_along_the_epochs():
    claims = [claim for study in STUDIES.values() for claim in study.claims]
    without = {c.id for c in claims if c.outcomes and not c.is_judged_along_epochs}
    assert without == WITHOUT_A_CURVE
    for study in STUDIES.values():
        found = {claim.id for claim in study.claims if claim.is_judged_along_epochs}
        assert found == ALONG_EPOCHS.get(study.name, set()), study.name


@pytest.mark.parametrize("name", ALONG_EPOCHS)
def test_every_measured_case_is_judged_from_its_first_epoch_to_its_last(name):
    study = STUDIES[name]
    tables = plausible_tables(study)
    along = judge_along_epochs(study, tables)
    verdicts = judge(study, tables, along)
    is_judged = verdicts["claim"].isin(ALONG_EPOCHS[name])
    measured = verdicts[is_judged & (verdicts["verdict"] != "not measured")]
    names = ["claim", "case"]
    assert set(map(tuple, along[names].to_numpy())) == set(
        map(tuple, measured[names].to_numpy())
    )
    by_case = along.groupby(names)
    assert (by_case["epoch"].max() == by_case["budget"].first()).all()
    assert (by_case["budget"].nunique() == 1).all()
    pd.testing.assert_series_equal(
        along[along["epoch"] == along["budget"]].set_index(names)["n"].sort_index(),
        measured.set_index(names)["n"].sort_index(),
    )
