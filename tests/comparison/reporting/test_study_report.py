"""The content of a study's page: verdicts, what became of its nets, and data."""

import dataclasses
import shlex
from pathlib import Path

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.trials.failures import Failure
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    Difference,
    Equivalence,
)
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.reporting.made_up_reports import (
    made_up_study,
    made_up_tables,
    rate_study_with_claim,
    write_made_up,
)
from tests.comparison.reporting.strict_pages import Page


def test_a_difference_that_is_predicted_is_counted_seed_by_seed(tmp_path):
    values = pd.Series([0.3, 0.0, -0.1, *[0.2] * 7, np.nan])
    claim = made_up_study().claims[1]
    claims = tuple(
        dataclasses.replace(claim, id=id, rule=rule, effects=lambda _: {"one": values})
        for id, rule in (
            ("larger", Difference(smallest_effect=0.1)),
            ("equal", Equivalence(margin=0.1)),
        )
    )
    write_made_up(tmp_path, made_up_study(claims=claims))
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert words.count("10 8 above 0 1 without a value") == 1
    assert words.count("10 1 without a value") == 1


def test_an_interval_of_too_few_seeds_says_which_confidence_it_has(tmp_path):
    claim = dataclasses.replace(
        made_up_study().claims[1], effects=lambda _: {"few": pd.Series([0.1, 0.2, 0.4])}
    )
    write_made_up(tmp_path, made_up_study(claims=(claim,)))
    effects = pd.read_csv(tmp_path / "made_up" / "effects.csv")
    assert list(effects["confidence"]) == [0.75]  # all but two in 2^3 orders of signs
    assert "0.100 to 0.400 (at 75%)" in Page(tmp_path / "made_up/index.html").words()


def test_a_studys_page_says_what_was_found_and_how(folder):
    words = Page(folder / "first" / "index.html").words()
    effects = pd.read_csv(folder / "first" / "effects.csv")
    for sentence in effects["sentence"]:
        assert sentence in words
    assert "python -m studies run first --profile quick" in words
    assert "Keras 3.15.0 on TensorFlow" in words
    assert "Not drawn, because these tables have no trials for it: “Empty”." in words
    assert "4 of the 20 trials of this profile are missing" in words
    # Which test, corrected for what, and how to cite a figure.
    assert "it is that of the signed-rank test over the seeds" in words
    assert "claims in the report (6 are judged by an interval)" in words
    assert "add the study, “Plain text.”, and the number of the figure" in words
    assert "Seeds 8" in words
    assert "Epochs 1" in words


def test_diverged_trainings_are_counted(tmp_path):
    write_made_up(tmp_path, made_up_study(), num_lost=3)
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert "6 of the 16 trained: their loss became NaN or infinite" in words


def test_seeds_whose_grid_is_not_finished_are_not_judged_and_are_missing():
    study, tables = rate_study_with_claim()
    trials = tables.trials
    is_lacking = (trials["seed"] == 3) & (trials["learning_rate"] == 0.1)
    part = dataclasses.replace(tables, trials=trials[~is_lacking])
    read = read_study(study, part, "quick")
    assert read.verdicts["n"].tolist() == [7]
    assert read.num("missing") == 2


def test_a_rate_that_is_missing_for_all_seeds_leaves_nothing_to_judge():
    study, tables = rate_study_with_claim()
    trials = tables.trials
    # What is there of sigmoid does not tell that its grid has another rate.
    is_lacking = (trials["activation"] == "sigmoid") & (trials["learning_rate"] == 0.1)
    part = dataclasses.replace(tables, trials=trials[~is_lacking])
    read = read_study(study, part, "quick")
    assert read.verdicts["n"].tolist() == [0]
    assert read.rates is not None and [n.name for n in read.rates.nets] == ["relu"]


def changed(tables: Tables, **columns) -> Tables:
    """The tables with other settings of their trials."""
    return dataclasses.replace(tables, trials=tables.trials.assign(**columns))


def test_an_interval_that_has_just_its_confidence_is_shown_without_it():
    # Wilson's interval has what is asked for, whatever the number of seeds.
    claim = made_up_claim(
        AtLeast(threshold=0.5),
        effects=lambda _: {"all": pd.Series([1.0] * 20)},
        is_share=True,
    )
    read = read_study(made_up_study(claims=(claim,)), made_up_tables(), "quick")
    ((case,),) = [judged.cases for judged in read.claims]
    # By hand: the lower end for 20 of 20 is 1 / (1 + z^2 / 20).
    least = 1 / (1 + 1.959964**2 / 20)
    assert case["interval"] == f"{least:.3f} to 1.000"
    assert case["confidence"] == 0.95


def test_the_data_sets_are_named_without_their_folders_the_most_frequent_first():
    tables = made_up_tables()
    names = ["ring"] * 3 + ["/home/me/own.npz"] * 5 + ["digits"] * 8
    sizes = [0] * 3 + [1500] * 5 + [0] * 8
    tables = changed(tables, dataset=names, train_size=sizes)
    assert read_study(made_up_study(), tables, "quick").datasets == [
        "images of handwritten digits (8 × 8 pixels)",
        "own.npz, a subset of 1,500 training examples",
        "points in the plane (a disc in a ring)",
    ]


def test_the_command_can_be_pasted_whatever_the_path_of_the_data():
    study = made_up_study(dataset="my data; rm.npz", options=("--train-size", "500"))
    read = read_study(study, made_up_tables(), "quick")
    assert shlex.split(read.command) == [
        *("python", "-m", "studies", "run", "made_up", "--profile", "quick"),
        *("--dataset", "my data; rm.npz", "--train-size", "500"),
    ]
    assert read.command.count("'my data; rm.npz'") == 1


def test_what_failed_is_counted_by_trials():
    failed = [
        Failure(path=Path("a.txt"), error="x", trials={"a": "Trial()", "b": "Trial()"}),
        Failure(path=Path("c.txt"), error="y", trials={"c": "Trial()"}),
    ]
    read = read_study(made_up_study(), made_up_tables(), "quick", failed)
    assert read.num_failed == 3 and read.failures == failed
    assert read_study(made_up_study(), made_up_tables(), "quick").num_failed == 0
