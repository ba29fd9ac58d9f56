"""Properties of activations: their marks, and what they are compared with."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Within
from keras_rectifiers.comparison.verdicts.properties import Property, judge_property

SEEDS = np.arange(10)


def judged(values, **fields) -> pd.DataFrame:
    common = {"name": "x", "title": "X", "nets": "nets", "explanation": "Something."}
    measured = {name: pd.Series(v, index=SEEDS) for name, v in values.items()}
    made = Property(**common | fields, values=lambda tables: measured)
    return judge_property(made, Tables.empty()).set_index("activation")


def test_the_rule_judges_the_value_by_its_interval():
    spread = 0.3 * np.linspace(-1, 1, 10)
    found = judged(
        {
            "relu": 0.01 * SEEDS / 10,
            "tanh": -0.5 + 0.01 * SEEDS,
            "elu": 0.02 + spread,
        },
        rule=Within(lower=-0.02, upper=0.02),
    )
    assert found["mark"].to_dict() == {"relu": "good", "tanh": "bad", "elu": "unclear"}
    assert found.loc["relu", "estimate"] == pytest.approx(0.0045)
    assert found["n"].tolist() == [10] * 3


@pytest.mark.parametrize(("best", "sign"), [("highest", 1), ("lowest", -1)])
def test_with_a_best_one_the_rule_judges_how_far_behind_it_each_is_by_seed(best, sign):
    # The seeds differ by far more than the activations do.
    of_seed = 10.0 * SEEDS
    found = judged(
        {
            "relu": sign * of_seed,
            "tanh": sign * (of_seed - 0.1),
            "sigmoid": sign * (of_seed - 1),
        },
        best=best,
        rule=AtMost(threshold=0.5),
    )
    assert found["mark"].to_dict() == {
        "relu": "good",
        "tanh": "good",
        "sigmoid": "bad",
    }


def test_a_lost_seed_leaves_it_unclear_because_it_may_have_had_any_value():
    found = judged({"relu": [np.nan, *[0.0] * 9]}, rule=AtMost(threshold=1.0))
    assert found.loc["relu", ["mark", "n"]].tolist() == ["unclear", 9]


def test_without_a_rule_nothing_is_good_or_bad():
    assert judged({"relu": SEEDS * 1.0})["mark"].tolist() == ["neutral"]


def test_what_follows_from_the_definition_is_told_beside_what_was_measured():
    found = judged(
        {"relu": [0.5] * 10},
        rule=AtMost(threshold=0.1),
        by_definition={"tanh": 0.0, "relu": 0.0},
    )
    assert found["mark"].to_dict() == {"relu": "bad", "tanh": "good"}
    assert found["n"].to_dict() == {"relu": 10, "tanh": 0}


def test_an_activation_without_any_value_is_left_out():
    found = judged({"relu": [np.nan] * 10, "elu": [1.0] * 10})
    assert list(found.index) == ["elu"]
    assert judged({}).empty
