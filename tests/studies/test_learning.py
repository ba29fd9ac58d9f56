"""Whether nets have learned, by their accuracy and their loss."""

import numpy as np
import pandas as pd
import pytest

from studies.learning import (
    all_learned,
    any_learned,
    better_learned,
    each_learned,
    has_learned,
    learned_by_seed,
)

GUESS = float(np.log(10))


def nets(*rows, **columns) -> pd.DataFrame:
    """Nets on digits: activation, seed, test accuracy and training loss of each."""
    names = ["activation", "seed", "test_accuracy", "train_loss"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(**{"dataset": "digits", "diverged": False, **columns})


@pytest.mark.parametrize(
    ("accuracy", "loss", "learned"),
    [
        (0.3, 2.0, True),
        (0.299, 2.0, False),
        (0.9, GUESS - 1e-9, True),
        # Right more often than a guess, but wrong at great cost.
        (0.46, 1720.0, False),
        (0.9, GUESS, False),
        (np.nan, np.nan, False),
    ],
)
def test_a_net_has_learned_if_accuracy_and_loss_are_better_than_guessing(
    accuracy, loss, learned
):
    trials = nets(("relu", 0, accuracy, loss))
    assert has_learned(trials).tolist() == [learned]
    assert has_learned(trials.assign(diverged=True)).tolist() == [False]


def test_the_loss_of_guessing_is_that_of_the_classes_there_are():
    # With two classes, ln 2 = 0.69 is that of a guess.
    trials = nets(("relu", 0, 0.9, 0.8), ("relu", 1, 0.9, 0.6), dataset="ring")
    assert has_learned(trials).tolist() == [False, True]


PAIRS = nets(
    # Both, the better, the worse, none; of equal nets one; a seed of which one lacks.
    *(("relu", 0, 0.8, 0.5), ("elu", 0, 0.7, 0.5)),
    *(("relu", 1, 0.8, 0.5), ("elu", 1, 0.1, 2.3)),
    *(("relu", 2, 0.4, 900.0), ("elu", 2, 0.35, 1.9)),
    *(("relu", 3, 0.1, 2.3), ("elu", 3, 0.2, 2.2)),
    *(("relu", 4, 0.4, 900.0), ("elu", 4, 0.4, 1.9)),
    ("elu", 5, 0.7, 0.5),
)


@pytest.mark.parametrize("order", [("relu", "elu"), ("elu", "relu")])
def test_of_two_nets_the_more_accurate_one_has_to_have_learned(order):
    found = better_learned(PAIRS, *order)
    assert found.to_dict() == {0: True, 1: True, 2: False, 3: False, 4: True, 5: True}


def test_each_net_has_to_have_learned_where_all_are_asked_for():
    found = each_learned(PAIRS, "relu", "elu")
    assert found.index[found].tolist() == [0]
    assert found.index.tolist() == [0, 1, 2, 3, 4, 5]


def test_one_net_is_enough_where_any_is_asked_for():
    found = any_learned(PAIRS)
    assert found.index[~found].tolist() == [3]


def test_every_net_counts_where_all_are_asked_for():
    trials = nets(
        ("relu", 0, 0.9, 0.1),
        ("elu", 0, 0.9, 0.1),
        ("relu", 1, 0.9, 0.1),
        ("elu", 1, 0.1, GUESS),
    )
    assert all_learned(trials).to_dict() == {0: True, 1: False}


def test_a_diverged_net_is_not_the_more_accurate_one():
    trials = nets(("relu", 0, 0.9, 0.1), ("elu", 0, 0.5, 1.0))
    trials = trials.assign(diverged=[True, False])
    assert better_learned(trials, "relu", "elu").tolist() == [True]
    assert better_learned(trials.assign(diverged=True), "relu", "elu").tolist() == [
        False
    ]


def test_what_was_learned_is_told_by_seed_in_order():
    trials = nets(("relu", 7, 0.9, 0.1), ("relu", 3, 0.1, 2.3))
    found = learned_by_seed(trials)
    assert found.to_dict() == {3: False, 7: True}
    assert found.index.tolist() == [3, 7]


def test_of_no_nets_nothing_is_told():
    none = PAIRS.iloc[:0]
    assert better_learned(none, "relu", "elu").empty
    assert each_learned(none, "relu", "elu").empty
    assert learned_by_seed(none).empty
