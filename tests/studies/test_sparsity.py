"""The claims of the study of sparsity, on made-up tables with known answers."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest

from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.verdicts.claims import judge
from studies import sparsity
from studies.sparsity import at_random
from studies.sparsity import trained as after_training
from tests.studies.made_up_studies import Measures, below, made_up_tables, verdicts

STUDY = dataclasses.replace(
    sparsity.STUDY,
    trials={
        "quick": lambda: [
            *at_random.trials(seeds=range(10)),
            *after_training.trials(
                seeds=range(10), epochs=5, penalties=after_training.ALL_PENALTIES
            ),
        ]
    },
)
SHARES = {"relu": 0.5, "sigmoid": 0.0, "tanh": 0.0, "smooth_relu": 0.0}


def zeros(
    shares: Mapping[str, float],
    trained: float | Mapping[float, float] = 0.6,
    weights: float = 0.0,
) -> Measures:
    """Zeros before training by activation, after it by the weight of the penalty."""

    def measures(trial, epoch, layer):
        after = trained if isinstance(trained, float) else trained[trial.activity_l1]
        share = after if epoch else shares[trial.activation]
        name = "sparsity" if trial.activation == "relu" else "exact_zeros_by_underflow"
        # Layers scatter, their mean does not.
        offset = 0.1 * share * (layer - (trial.depth - 1) / 2) / trial.depth
        return {
            name: share + offset + 1e-5 * (trial.seed % 10) * (1 + trial.activity_l1),
            "zero_pre_activations": 0.0,
            "zero_weights": weights * (1 + 0.01 * (trial.seed % 10)) * (epoch > 0),
        }

    return measures


def test_where_the_textbooks_are_right_sparsity_says_so():
    sparsities = {0.0: 0.5, 1e-4: 0.65, 1e-3: 0.8, 1e-2: 0.95}
    tables = made_up_tables(
        STUDY,
        zeros(SHARES, sparsities, weights=0.05),
        accuracy=lambda t: 0.9 + 0.02 * (t.activity_l1 > 0) + 1e-4 * (t.seed % 7),
    )
    found = verdicts(STUDY, tables)
    assert {claim: set(cases.values()) for claim, cases in found.items()} == {
        "half-active": {"supported"},
        "exact-zeros": {"supported"},
        "no-exact-zeros": {"supported"},
        "sparse-trained": {"supported"},
        "l1-sparsity": {"supported"},
        "l1-harmless": {"supported"},
        "sparse-generalises": {"supported"},
        "zero-weights": {"supported"},
    }
    assert list(found["sparse-trained"]) == list(found["zero-weights"])
    assert list(found["sparse-trained"]) == [
        "MLP, without L1",
        "MLP, with L1",
        "CNN, without L1",
        "CNN, with L1",
    ]


def test_where_the_textbooks_are_wrong_sparsity_says_so():
    shares = {"relu": 0.2, "sigmoid": 0.01, "tanh": 0.01, "smooth_relu": 0.01}
    tables = made_up_tables(
        STUDY,
        zeros(shares, trained=0.4),
        accuracy=lambda t: 0.9 - 0.02 * (t.activity_l1 > 0) + 1e-4 * (t.seed % 7),
    )
    found = verdicts(STUDY, tables)
    assert {verdict for cases in found.values() for verdict in cases.values()} == {
        "contradicted"
    }


@pytest.mark.parametrize(
    ("harmful", "verdict"), [(1e-3, "contradicted"), (1e-2, "supported")]
)
def test_the_penalty_is_the_largest_that_leaves_the_pilots_enough_activations(
    harmful, verdict
):
    sparsities = {0.0: 0.4, 1e-4: 0.45, 1e-3: 0.7, 1e-2: 0.95}

    def measures(trial, epoch, layer):
        values = zeros(SHARES, sparsities)(trial, epoch, layer)
        # What is reported is sparse at every penalty, and chooses nothing.
        if trial.seed < TUNING_SEEDS and trial.activity_l1:
            return values | {"sparsity": 0.99}
        return values

    def accuracy(trial):
        return 0.9 - 0.1 * (trial.activity_l1 == harmful) + 1e-4 * (trial.seed % 7)

    tables = made_up_tables(STUDY, measures, accuracy=accuracy)
    found = verdicts(STUDY, tables)
    assert found["l1-harmless"]["MLP"] == verdict
    assert found["l1-sparsity"]["MLP"] == "supported"


def test_gaps_are_compared_where_as_much_was_learned():
    def train_accuracy(trial):
        return 0.95 - 0.02 * (trial.activity_l1 == 1e-2)

    def accuracy(trial):
        # At the largest penalty less is learned, and so there is no gap.
        if trial.activity_l1 == 1e-2:
            return 0.93
        return 0.9 - 0.01 * (trial.activity_l1 > 0) + 1e-4 * (trial.seed % 7)

    tables = made_up_tables(
        STUDY,
        zeros(SHARES),
        accuracy=accuracy,
        train_accuracy=train_accuracy,
    )
    frame = judge(STUDY, tables).set_index(["claim", "case"])
    row = frame.loc[("sparse-generalises", "MLP")]
    assert row["estimate"] == pytest.approx(-0.01)
    assert row["verdict"] == "contradicted"


def test_without_its_pilots_no_penalty_is_judged():
    tables = made_up_tables(STUDY, zeros(SHARES))
    lost = tables.trials["seed"] == TUNING_SEEDS + 1
    trials = tables.trials.assign(diverged=lost)
    rows = tables.measurements
    without = rows["value"].mask(rows["key"].isin(trials.loc[lost, "key"]))
    tables = dataclasses.replace(
        tables, trials=trials, measurements=rows.assign(value=without)
    )
    found = verdicts(STUDY, tables)
    for claim in ("l1-sparsity", "l1-harmless", "sparse-generalises"):
        assert set(found[claim].values()) == {"inconclusive"}


def test_a_net_that_has_not_learned_does_not_count_as_sparse():
    tables = made_up_tables(STUDY, zeros(SHARES, trained=0.9), accuracy=0.1)
    frame = judge(STUDY, tables)
    trained = frame[frame["claim"] == "sparse-trained"]
    assert set(trained["verdict"]) == {"inconclusive"}
    assert set(trained["num_excluded"]) == {10}


@pytest.mark.parametrize("figure", ["exact-zeros", "training"])
def test_no_figure_shows_the_sparsity_of_a_net_that_is_lost_in_a_layer(figure):

    def measures(trial, epoch, layer):
        values = zeros(SHARES)(trial, epoch, layer)
        lost = trial.activation == "relu" and trial.seed == 1 and layer == 0
        return dict.fromkeys(values, np.nan) if lost else values

    tables = made_up_tables(STUDY, measures)
    assert " 9 of 10" in below(STUDY, figure, tables)


def test_nets_without_pilots_are_not_judged_and_not_called_lost():
    quick = sparsity.STUDY
    frame = judge(quick, made_up_tables(quick, zeros(SHARES)))
    rows = frame[frame["case"] == "CNN"]
    assert list(rows["claim"]) == ["l1-sparsity", "l1-harmless", "sparse-generalises"]
    assert rows["sentence"].str.contains("there are no trials").all()
