"""Which results depend on the number of epochs."""

import itertools

import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.budgets import (
    changes,
    epochs_judged,
    last_half,
)

S, C, OPEN, UNFIT = "supported", "contradicted", "inconclusive", "not testable here"


def along(*results, budget: int = 8, case: str = "a", n: int = 20) -> pd.DataFrame:
    """Rows of a case, of the last epochs of a budget: verdict, low, high."""
    first = budget - len(results) + 1
    return pd.DataFrame(
        [
            {
                "claim": "one",
                "case": case,
                "budget": budget,
                "epoch": first + i,
                "verdict": verdict,
                "low": low,
                "high": high,
                "n": n,
            }
            for i, (verdict, low, high) in enumerate(results)
        ]
    )


def test_every_epoch_of_the_last_half_of_a_small_budget_is_judged():
    for budget in range(1, 9):
        late = {epoch for epoch in epochs_judged(budget) if epoch >= last_half(budget)}
        assert late == set(range(last_half(budget), budget + 1)), budget


@pytest.mark.parametrize("budget", [10, 20, 60, 100])
def test_five_even_epochs_of_the_last_half_of_a_large_budget_are_judged(budget):
    late = [epoch for epoch in epochs_judged(budget) if epoch >= last_half(budget)]
    assert (late[0], late[-1], len(late)) == (budget // 2, budget, 5)
    steps = [b - a for a, b in itertools.pairwise(late)]
    assert max(steps) - min(steps) <= 1


def test_a_verdict_that_turns_in_the_last_half_depends_on_the_budget():
    for results in ([S, S, OPEN, UNFIT, C], [S, C, S, C, C]):
        found = changes(along(*((verdict, 0.1, 0.2) for verdict in results)))
        assert list(found) == [("one", "a")]
    assert found["one", "a"] == (
        "Depends on the budget: judged along the epochs, it is supported after 4, 6 "
        "epochs and contradicted after 5, 7, 8 epochs."
    )


@pytest.mark.parametrize(
    "results",
    [
        [S, S, S, S, S],
        [OPEN, OPEN, S, S, S],
        [C, C, OPEN, UNFIT, OPEN],
        # The first half ends after epoch 3.
        [C, S, S, S, S, S],
        [C, C, C, S, OPEN, S, OPEN, S],
    ],
)
def test_a_verdict_that_becomes_clear_or_turned_early_does_not_depend_on_it(results):
    assert changes(along(*((verdict, 0.1, 0.2) for verdict in results))) == {}


def test_an_interval_that_changes_sides_in_the_last_half_depends_on_the_budget():
    # Both effects are too small to matter, so the verdict stays.
    found = changes(along((C, -0.2, -0.1), (C, -0.1, 0.1), (C, 0.01, 0.02)))
    assert found["one", "a"] == (
        "Depends on the budget: judged along the epochs, its interval is below 0 after "
        "6 epochs and above 0 after 8 epochs."
    )
    below, above = (C, -0.2, -0.1), (C, 0.01, 0.02)
    assert changes(along(below, (C, 0.0, 0.1))) == {}
    assert changes(along((C, -0.1, 0.0), above)) == {}
    early = along((C, -0.2, -0.1), *[(C, 0.01, 0.02)] * 5)
    assert changes(early) == {}


@pytest.mark.parametrize(("n", "depends"), [(1, False), (5, False), (6, True)])
def test_intervals_of_too_few_seeds_change_no_side(n, depends):
    found = changes(along((OPEN, -0.2, -0.1), (OPEN, 0.1, 0.2), n=n))
    assert bool(found) == depends


def test_epochs_at_which_the_case_is_not_testable_do_not_count():
    assert changes(along((UNFIT, -0.2, -0.1), (C, 0.01, 0.02))) == {}


def test_a_single_epoch_is_told_as_one():
    found = changes(along((C, 0, 0), (S, 0, 0), budget=2))
    assert found["one", "a"].endswith(
        "contradicted after 1 epoch and supported after 2 epochs."
    )


def test_each_case_has_a_budget_of_its_own():
    turning = [(C, 0, 0), (S, 0, 0), (S, 0, 0)]
    both = pd.concat(
        # Of 5 epochs the last half begins with the third, of 3 with the second.
        [along(*turning, budget=5, case="a"), along(*turning, budget=3, case="b")]
    )
    assert list(changes(both)) == [("one", "a")]
