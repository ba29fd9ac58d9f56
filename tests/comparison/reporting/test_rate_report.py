"""The learning rates on a study's page, and how often each was best."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting import rate_report
from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.trials.rates import validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.reporting.made_up_reports import DATE, VERSIONS, rate_study
from tests.comparison.reporting.strict_pages import Page
from tests.comparison.trials.made_up_results import distance, rate_grid, results


def test_the_page_shows_how_often_each_rate_was_best_and_the_accuracy_there(tmp_path):
    study, tables = rate_study()
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "rates" / "index.html").words()
    assert (
        "ReLU 0.900 0.900 to 0.900 0 of 8 lost 0 8 0 "
        # A diverged net may have had any accuracy. It counts at the smallest rate.
        "sigmoid† 0.900 0.000 to 1.000 1 of 8 lost 1 0 7"
    ) in words
    assert "largest of the grid for these nets: MLP of 3 layers: sigmoid." in words
    assert "Sensitivity to the learning rate" in words
    curves = pd.read_csv(tmp_path / "rates" / "learning_rates.csv")
    assert len(curves) == 6
    assert curves.loc[curves["is_best"], "learning_rate"].tolist() == [0.01, 0.1]


def test_seeds_that_are_not_finished_are_lost_and_said_to_be_missing(tmp_path):
    study, tables = rate_study()
    is_there = tables.trials["key"] != tables.trials["key"].iloc[0]
    part = dataclasses.replace(tables, trials=tables.trials[is_there])
    write([(study, part)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "rates" / "index.html").words()
    assert "1 of the 48 trials of this profile is missing" in words
    assert "1 of 8 lost 0 7 0" in words


def one_grid(**fields) -> rate_report.RateReport:
    """What is read of one finished grid of two nets."""
    grid = rate_grid(**fields)
    tables = results(grid.trials(), lambda t: abs(math.log10(t.learning_rate) + 1))
    read = rate_report.read_rates(tables, [grid])
    assert read is not None
    return read


def test_a_study_without_grids_has_no_page_of_rates():
    assert rate_report.read_rates(results([], None), []) is None


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
            ["relu, Adam", "relu, SGD"],
            ["MLP, Adam", "MLP, SGD"],
        ),
        (
            [{"initializer": "glorot"}, {"initializer": "he"}],
            ["relu, Glorot initialisation", "relu, He initialisation"],
            ["MLP, Glorot initialisation", "MLP, He initialisation"],
        ),
        (
            [{"activity_l1": 0.0}, {"activity_l1": 0.001}],
            [
                "relu, no L1 penalty on activations",
                "relu, L1 penalty on activations 0.001",
            ],
            [
                "MLP, no L1 penalty on activations",
                "MLP, L1 penalty on activations 0.001",
            ],
        ),
        ([{}, {"activation": "tanh"}], ["relu", "tanh"], ["MLP", "MLP"]),
    ],
)
def test_nets_are_told_apart_by_the_settings_that_differ(settings, names, panels):
    nets = [Trial(**{"activation": "relu", **one}) for one in settings]
    read = one_grid(nets=nets)
    assert [net.name for net in read.nets] == names
    first = read.curves.drop_duplicates("name").set_index("name")["panel"]
    assert first[names].tolist() == panels
    assert {net.group for net in read.nets} == {"MLP"}


def test_a_net_is_shown_with_its_accuracy_at_the_best_rate_of_each_seed():
    grid = rate_grid()
    tables = results(grid.trials(), distance({"relu": 0.1, "tanh": 1.0}))
    accuracy = tables.trials["learning_rate"].map({0.01: 0.5, 0.1: 0.7, 1.0: 0.9})
    tables = dataclasses.replace(
        tables, trials=tables.trials.assign(test_accuracy=accuracy)
    )
    read = rate_report.read_rates(tables, [grid])
    assert read is not None
    relu, tanh = read.nets
    assert (relu.reached, tanh.reached) == ("0.700", "0.900")
    assert relu.num_chosen == {"0.01": 0, "0.1": 3, "1": 0}
    assert (relu.num_nets, relu.num_lost) == (3, 0)
    assert sum(read.is_best.values()) == 6 and len(read.is_best) == 18


@pytest.mark.parametrize(
    ("reached", "shown"), [(3.0, "3.000"), (0.0, "0.000"), (0.000188, "0.000188")]
)
def test_a_net_for_numbers_is_shown_with_its_loss_at_the_best_rate_of_each_seed(
    reached, shown
):
    grid = rate_grid(score=validation_loss)
    tables = results(
        grid.trials(), lambda t: 1.0, loss=distance({"relu": 1, "tanh": 1})
    )
    loss = tables.trials["learning_rate"].map({0.01: 0.5, 0.1: 0.7, 1.0: reached})
    trials = tables.trials.assign(test_accuracy=np.nan, test_loss=loss)
    read = rate_report.read_rates(dataclasses.replace(tables, trials=trials), [grid])
    assert read is not None
    for net in read.nets:
        assert (net.outcome, net.reached, net.num_lost) == ("loss", shown, 0)
        assert net.interval == f"{shown} to {shown}"


def test_nets_whose_mean_is_best_at_an_edge_are_listed_with_their_group():
    assert one_grid().at_edge == ""
    edge = one_grid(rates=(0.1, 1.0, 10.0))
    assert edge.at_edge == "MLP: relu; MLP: tanh"
    assert [net.is_at_edge for net in edge.nets] == [True, True]


def test_a_net_that_is_as_good_at_another_rate_is_not_at_an_edge():
    grid = rate_grid()
    for score in (lambda trial: 9.0, lambda trial: math.nan):
        read = rate_report.read_rates(results(grid.trials(), score), [grid])
        assert read is not None and read.at_edge == ""
    # What loses fewer nets is better.
    tables = results(
        grid.trials(),
        lambda t: math.nan if t.learning_rate > 0.01 and t.seed == 0 else 9.0,
    )
    read = rate_report.read_rates(tables, [grid])
    assert read is not None and read.at_edge == "MLP: relu; MLP: tanh"


def test_each_net_is_shown_with_its_own_grid_only():
    grids = [
        rate_grid(nets=[Trial(depth=2)]),
        rate_grid(title="deep", nets=[Trial(depth=9)], rates=(0.001, 0.01, 0.1)),
    ]
    trials = [trial for grid in grids for trial in grid.trials()]
    read = rate_report.read_rates(results(trials, lambda trial: 1.0), grids)
    assert read is not None
    assert [(net.group, list(net.num_chosen)) for net in read.nets] == [
        ("MLP", ["0.01", "0.1", "1"]),
        ("deep", ["0.001", "0.01", "0.1"]),
    ]


def test_a_curve_has_the_estimate_and_the_interval_of_the_seeds_that_are_not_lost():
    def score(trial):
        if trial.learning_rate == 1.0:
            return math.nan
        return trial.seed if trial.learning_rate == 0.1 else 5.0

    grid = rate_grid(nets=[Trial(depth=2)], seeds=range(7))
    read = rate_report.read_rates(results(grid.trials(), score), [grid])
    assert read is not None
    ends = read.curves[["estimate", "low", "high"]] * 10
    np.testing.assert_allclose(ends, [[5, 5, 5], [3, 1, 5], [math.nan] * 3])


def test_scores_of_other_names_have_figures_of_their_own():
    grids = [
        rate_grid(),
        rate_grid(title="CNN", score_name="validation loss"),
        rate_grid(title="deep"),
    ]
    read = rate_report.read_rates(Tables.empty(), grids)
    assert read is not None and read.nets == [] and read.curves.empty
    captions = [figure.caption for figure in read.figures]
    assert len(captions) == 2
    for caption, name in zip(
        captions, ("validation error", "validation loss"), strict=True
    ):
        assert caption.startswith(f"The score ({name})")
    for figure in read.figures:
        with pytest.raises(figures.NothingToDraw):
            figure.draw(results([], None))
