"""The sentences that say what a comparison has found."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.contest import Contest, Metric, judge
from keras_rectifiers.comparison.verdicts.contest_sentences import (
    amount,
    listed,
    score,
    sentences,
    short_table,
)
from tests.comparison.verdicts.made_up_scores import ACCURACY, contest_of, scores_of

MSE = Metric(name="mse", higher_is_better=False, smallest_effect=25.0)


def contest(*rows, metric=ACCURACY, resolution=0.005):
    """Rows: activation, improvement, low, high, p, verdict, is_best."""
    names = ("improvement", "improvement_low", "improvement_high", "p", "verdict")
    table = pd.DataFrame(
        [
            {
                "activation": name,
                "score": 0.9,
                "low": 0.88,
                "high": 0.92,
                "num_seeds": 10,
                "num_lost": 0,
                **dict(zip(names, values[:-1], strict=True)),
                "is_best": values[-1],
            }
            for name, *values in rows
        ]
    )
    return Contest(
        metric=metric,
        reference="relu",
        table=table,
        spread=resolution / 2,
        resolution=resolution,
    )


NAN = np.nan
RELU = ("relu", NAN, NAN, NAN, NAN, "reference", False)
GELU = ("gelu", 0.008, 0.003, 0.014, 0.01, "better", True)
RRELU = ("rrelu", 0.001, -0.002, 0.003, 0.7, "no difference that matters", True)
TANH = ("tanh", -0.121, -0.14, -0.1, 0.01, "worse", False)
ELU = ("elu", 0.006, -0.002, 0.013, 0.3, "open", True)


def test_the_sentences_of_a_whole_comparison():
    assert sentences(contest(RELU, TANH, ELU, RRELU, GELU)) == [
        "Compared by accuracy on the test parts; more is better.",
        "gelu is better than relu by 0.8 points [0.3, 1.4].",
        "rrelu: no difference from relu that matters (0.1 points [−0.2, 0.3]; what "
        "matters begins at 1.0 points).",
        "tanh is worse than relu by 12.1 points [10.0, 14.0].",
        "elu: open. Its improvement over relu is 0.6 points [−0.2, 1.3].",
        "Nothing beats elu, rrelu and gelu.",
        "With 10 seeds a difference of 0.5 points is found in four of five comparisons, "
        "where the differences between seeds have a standard deviation of 0.2 points, "
        "as measured; smaller ones may stay open.",
    ]


def test_of_other_metrics_differences_have_the_digits_that_matter():
    worse = ("elu", -123.456, -150.0, -100.0, 0.01, "worse", False)
    best = ("relu", NAN, NAN, NAN, NAN, "reference", True)
    assert sentences(contest(best, worse, metric=MSE, resolution=12.3)) == [
        "Compared by mse on the test parts; less is better.",
        "elu is worse than relu by 123 [100, 150].",
        "Nothing beats relu.",
        "With 10 seeds a difference of 12 is found in four of five comparisons, where "
        "the differences between seeds have a standard deviation of 6, as measured; "
        "smaller ones may stay open.",
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            ("elu", 0.006, 0.002, 0.013, 0.01, "open", True),
            ", but it may be less than what matters (1.0 points).",
        ),
        (
            ("elu", 0.012, 0.001, 0.02, 0.08, "open", True),
            ", which may be chance (p = 0.08).",
        ),
    ],
)
def test_it_is_said_why_a_comparison_is_open(row, reason):
    assert sentences(contest(RELU, row))[1].endswith(reason)


def test_it_is_said_that_the_seeds_are_too_few():
    said = sentences(contest_of({"relu": 0, "gelu": 0.3}, num_seeds=3))
    assert said[1].endswith(
        ": 3 seeds can tell no difference from chance, at least 6 are needed."
    )
    assert said[2:] == ["None of them is beaten by another."]


def test_lost_and_missing_seeds_are_told():
    found = contest(RELU, GELU, ELU)
    found.table.loc[1, "num_lost"] = 2
    found.table.loc[2, ["num_seeds", "verdict"]] = [0, "not measured"]
    said = sentences(found)
    assert "elu: not measured." in said
    assert any(
        s.startswith("gelu: the training of 2 of 10 seeds diverged") for s in said
    )


def test_a_reference_that_diverged_is_told_and_what_takes_its_place():
    scores = scores_of({"tanh": 0, "relu": 0, "gelu": 0.03})
    scores.loc[scores["activation"] == "tanh", "value"] = np.nan
    kwargs = {"reference": "tanh", "metric": ACCURACY}
    said = sentences(judge(scores, activations=["tanh", "relu", "gelu"], **kwargs))
    assert said[1] == (
        "tanh, the reference, has no score with any seed, so the others are compared "
        "with relu."
    )
    assert said[2].startswith("gelu is better than relu by")
    assert (
        "tanh: its training diverged with every seed, at every learning rate." in said
    )
    assert "Nothing beats gelu." in said
    said = sentences(judge(scores, activations=["tanh", "relu"], **kwargs))
    assert said[1:] == [
        "tanh, the reference, has no score with any seed, so nothing is compared with it.",
        "tanh: its training diverged with every seed, at every learning rate.",
    ]


def test_numbers_have_the_form_of_their_metric():
    assert amount(0.0123, ACCURACY) == "1.2 points"
    assert score(0.9716, ACCURACY) == "97.2%"
    assert score(np.nan, ACCURACY) == "–"
    assert amount(-3.14159, dataclasses.replace(MSE, smallest_effect=0.05)) == "−3.142"
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c"


def test_the_short_table_has_a_row_of_text_for_each_activation():
    table = short_table(contest(RELU, GELU))
    assert table.to_dict("records")[1] == {
        "activation": "gelu",
        "accuracy": "90.0%",
        "improvement": "0.8 points [0.3, 1.4]",
        "verdict": "better",
        "best": "yes",
    }
    assert table["improvement"][0] == ""
