"""The learning rates on a study's page, and how they were chosen."""

import dataclasses
import math

import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting import tuning_report
from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.reporting.made_up_reports import (
    DATE,
    VERSIONS,
    made_up_study,
    tuned_study,
)
from tests.comparison.reporting.strict_pages import Page
from tests.comparison.trials.made_up_results import results, train_all, tuning


def test_the_page_shows_the_chosen_rates_beside_the_common_one(tmp_path):
    study, tables = tuned_study()
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "tuned" / "index.html").words()
    assert (
        "relu 0.01 100% of resamples 0.900 0.900 to 0.900 0 of 8 lost "
        "0.800 0.800 to 0.800 0 of 8 lost "
        # A diverged net may have had any accuracy.
        "sigmoid 0.1† 100% of resamples 0.900 0.000 to 1.000 1 of 8 lost "
        "0.800 0.000 to 1.000 1 of 8 lost"
    ) in words
    assert "is still at its edge: MLP of 3 layers: sigmoid." in words
    assert "Sensitivity to the learning rate" in words
    curves = pd.read_csv(tmp_path / "tuned" / "learning_rates.csv")
    assert len(curves) == 6
    assert curves.loc[curves["is_chosen"], "learning_rate"].tolist() == [0.01, 0.1]


def test_the_caption_of_the_rates_tells_how_many_seeds_chose():
    study, tables = tuned_study()
    (tuning,) = study.tunings["quick"]
    other = dataclasses.replace(tuning, title="more", num_tuning_seeds=7, num_rounds=1)
    both = dataclasses.replace(study, tunings={"quick": [other, tuning]})
    (drawing,) = read_study(both, tables, "quick").sensitivity
    assert "from 3 or 7 separate tuning seeds" in drawing.caption
    assert "up to 1 time." in drawing.caption


def test_a_search_that_is_not_finished_is_no_table_but_is_said(tmp_path):
    study, tables = tuned_study()
    is_there = tables.trials["key"] != tables.trials["key"].iloc[0]
    part = dataclasses.replace(tables, trials=tables.trials[is_there])
    write([(study, part)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "tuned" / "index.html").words()
    assert "1 of the 50 trials of this profile is missing" in words
    assert "at its best rate" not in words


def one_tuning(**fields) -> tuning_report.TunedStudy:
    """What is read of one finished tuning of two nets."""
    tuned = tuning(**fields)
    tables = train_all(tuned, lambda trial: abs(math.log10(trial.learning_rate) + 1))
    # A tenth more at the common rate, where sigmoid loses one of two nets.
    trials = tables.trials.assign(
        test_accuracy=0.8 + 0.1 * (tables.trials["learning_rate"] == tuned.common_rate)
    )
    is_lost = (trials["activation"] == "sigmoid") & (trials["seed"] == 1)
    trials = trials[~(is_lost & (trials["learning_rate"] == tuned.common_rate))]
    study = made_up_study(tunings={"quick": [tuned]})
    tables = dataclasses.replace(tables, trials=trials)
    read = tuning_report.read_tunings(study, tables, "quick")
    assert read is not None
    return read


def test_a_study_without_tunings_has_no_page_of_rates():
    study, tables = tuned_study()
    assert tuning_report.read_tunings(made_up_study(), tables, "quick") is None
    assert tuning_report.read_tunings(study, tables, "full") is None


@pytest.mark.parametrize(
    ("settings", "names", "panels"),
    [
        ([{}], ["relu"], ["MLP"]),
        (
            [{"depth": 2}, {"depth": 9}],
            ["relu, depth 2", "relu, depth 9"],
            ["MLP, depth 2", "MLP, depth 9"],
        ),
        (
            [{"optimizer": "adam"}, {"optimizer": "sgd"}],
            ["relu, adam", "relu, sgd"],
            ["MLP, adam", "MLP, sgd"],
        ),
        ([{}, {"activation": "tanh"}], ["relu", "tanh"], ["MLP", "MLP"]),
    ],
)
def test_nets_are_told_apart_by_the_settings_that_differ(settings, names, panels):
    nets = [Trial(**{"activation": "relu", **one}) for one in settings]
    read = one_tuning(nets=nets)
    assert [net.name for net in read.nets] == names
    first = read.curves.drop_duplicates("name").set_index("name")["panel"]
    assert first[names].tolist() == panels
    assert {net.group for net in read.nets} == {"MLP"}


def test_a_net_is_shown_at_its_own_rate_beside_the_common_one():
    read = one_tuning(
        nets=[Trial(activation=name) for name in ("relu", "sigmoid")],
        common_rate=1.0,
    )
    relu, sigmoid = read.nets
    assert (relu.rate, relu.common_rate, relu.stability) == ("0.1", "1", "100%")
    assert relu.own == tuning_report.Result(
        accuracy="0.800", interval="0.800 to 0.800", num_nets=2, num_lost=0
    )
    assert relu.common.accuracy == "0.900" and relu.common.num_lost == 0
    # The lost net may have had any accuracy.
    assert sigmoid.common == tuning_report.Result(
        accuracy="0.900", interval="0.000 to 1.000", num_nets=2, num_lost=1
    )


def test_nets_whose_rate_is_at_an_edge_are_listed_with_their_group():
    assert one_tuning(num_rounds=0).at_edge == ""
    edge = one_tuning(num_rounds=0, rates=(0.1, 1.0, 10.0))
    assert edge.at_edge == "MLP: relu; MLP: tanh"
    assert [net.is_at_edge for net in edge.nets] == [True, True]


def test_scores_of_other_names_have_figures_of_their_own():
    study = made_up_study(
        tunings={
            "quick": [
                tuning(),
                tuning(title="CNN", score_name="validation loss", num_tuning_seeds=7),
                tuning(title="deep"),
            ]
        }
    )
    read = tuning_report.read_tunings(study, results([], None), "quick")
    assert read is not None and read.nets == [] and read.curves.empty
    captions = [figure.caption for figure in read.figures]
    assert len(captions) == 2
    for caption, name, seeds in zip(
        captions, ("validation error", "validation loss"), (3, 7), strict=True
    ):
        assert f"lowest score ({name})" in caption
        assert f"from {seeds} separate tuning seeds" in caption
    for figure in read.figures:
        with pytest.raises(figures.NothingToDraw):
            figure.draw(results([], None))
