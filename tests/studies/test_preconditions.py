"""What nets that learned nothing are not judged by, over all studies."""

import dataclasses

import pytest

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import STUDIES
from tests.studies.made_up_studies import plausible_tables

UNFIT = "not testable here"
# Study -> the claims that presuppose nets that have learned.
PRESUPPOSE_LEARNING = {
    "vanishing_gradients": {
        *("deep-sigmoid-stuck", "deep-tanh-stuck", "saturates", "derivative-at-zero"),
    },
    "exploding_gradients": set(),
    "sparsity": {"sparse-trained", "l1-sparsity", "l1-harmless", "sparse-generalises"},
    "dying_relu": {"small-rate-spares", "leaky-lives"},
    "initialization": {
        *("he-init", "positive-bias-helps", "scaled-inputs", "scaled-inputs-accuracy"),
        *("weight-penalty", "weight-penalty-accuracy"),
    },
    "zero_mean": {"elu-zero-mean"},
    "learned_slopes": {"prelu-slopes"},
    "convergence": set(),
    "cost": set(),
    "recurrent": {"irnn", "irnn-lstm", "relu-in-lstm"},
    "autoencoder": {"sparse-code", "sparse-code-l1", "sparse-code-reconstructs"},
    "accuracy": {
        *("relu-better", "tanh-over-sigmoid", "leaky-negligible", "leaky-better"),
        *("leaky-worse", "very-leaky-better", "elu-better", "prelu-train-best"),
        *("rrelu-least-overfit", "rrelu-best"),
    },
    "network_in_network": {
        *("leaky-better", "very-leaky-better", "prelu-train-best", "prelu-slopes"),
        *("rrelu-least-overfit", "rrelu-best"),
    },
    "surroundings": {"linear-limited", "batch-norm-closes", "rectify-cnn", "maxout"},
    "approximation": set(),
    "decision_boundary": set(),
}
# Cases of nets before training, which have not learned and need not have.
BEFORE = "before training"
# Whether activations can be told apart, a 0 occurs or something explodes is not told by
# learning.
ON_OTHER_GROUNDS = {"leaky-negligible", "derivative-at-zero", "exploding-cures"}
# In the quick profile, whatever the nets have learned.
TOO_SHORT = {"irnn-explodes"}


def trained(tables: Tables, *, accuracy: float, loss: float) -> Tables:
    trials = tables.trials
    is_trained = trials["epochs"] > 0
    return dataclasses.replace(
        tables,
        trials=trials.assign(
            test_accuracy=trials["test_accuracy"].mask(is_trained, accuracy),
            train_loss=trials["train_loss"].mask(is_trained, loss),
            # Of nets whose targets are numbers, whose errors are smaller.
            test_loss=trials["test_loss"].mask(is_trained, loss / 10),
        ),
    )


def unfit(study, tables: Tables) -> set[str]:
    """The claims of which no case of trained nets is testable."""
    frame = judge(study, tables)
    frame = frame[(frame["verdict"] != "not measured")]
    frame = frame[~frame["case"].str.endswith(BEFORE)]
    is_unfit = (frame["verdict"] == UNFIT).groupby(frame["claim"])
    assert (is_unfit.any() == is_unfit.all()).all()
    return set(is_unfit.all().loc[lambda found: found].index)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_nets_that_never_left_chance_are_not_judged(study):
    tables = trained(plausible_tables(study), accuracy=0.1, loss=2.4)
    found = unfit(study, tables)
    assert found - TOO_SHORT == PRESUPPOSE_LEARNING.get(study.name, set())


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_nets_that_are_often_right_at_a_loss_of_thousands_have_not_learned(study):
    tables = trained(plausible_tables(study), accuracy=0.46, loss=1720.0)
    found = unfit(study, tables) - {"exploding-cures"} - TOO_SHORT
    assert found == PRESUPPOSE_LEARNING.get(study.name, set())


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_nets_that_have_learned_are_judged(study):
    tables = trained(plausible_tables(study), accuracy=0.9, loss=0.1)
    assert unfit(study, tables) <= ON_OTHER_GROUNDS | TOO_SHORT


def test_what_nets_do_before_training_is_judged_whatever_they_learn():
    for name, claim in (
        ("vanishing_gradients", "saturates"),
        ("zero_mean", "elu-zero-mean"),
    ):
        study = STUDIES[name]
        tables = trained(plausible_tables(study), accuracy=0.1, loss=2.4)
        frame = judge(study, tables)
        rows = frame[(frame["claim"] == claim) & frame["case"].str.endswith(BEFORE)]
        assert len(rows) and UNFIT not in set(rows["verdict"])
