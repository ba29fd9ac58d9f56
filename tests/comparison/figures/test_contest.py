"""The figures of a comparison on a user's own model."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures
from tests.comparison.verdicts.made_up_scores import contest_of, scores_of

GIVEN = {"relu": 0.0, "gelu": 0.03, "mine": -0.05}


def contest_figure(given=None, **settings):
    given = given or GIVEN
    contest = contest_of(given)
    return figures.contest_figure(
        scores_of(given),
        contest.table,
        **{
            "score_label": "test accuracy",
            "improvement_label": "improvement",
            "smallest_effect": 0.01,
            **settings,
        },
    )


def centres(axes) -> dict[int, float]:
    """Height -> the estimate that is drawn there."""
    return {
        int(line.get_ydata()[0]): line.get_xdata()[0]
        for line in axes.lines
        if len(line.get_xdata()) == 1
    }


def test_the_best_is_at_the_top_and_each_seed_is_a_point():
    above, below = contest_figure().axes
    labels = [label.get_text() for label in above.get_yticklabels()]
    assert labels == ["mine", "ReLU", "GELU"]
    points = [line for line in above.lines if len(line.get_xdata()) == 10]
    assert len(points) == 3
    table = contest_of(GIVEN).table.set_index("activation")
    for height, name in enumerate(labels):
        score = table.loc[name if name == "mine" else name.lower(), "score"]
        assert centres(above)[height] == pytest.approx(score)
    assert centres(below)[2] == pytest.approx(table.loc["gelu", "improvement"])
    assert np.isnan(centres(below)[1])


def test_values_are_scaled_and_what_does_not_matter_is_shaded():
    above, below = contest_figure(scale=100).axes
    assert centres(above)[1] == pytest.approx(90, abs=2)
    points = [line for line in above.lines if len(line.get_xdata()) == 10]
    assert all(line.get_xdata().min() > 50 for line in points)
    (shaded,) = below.patches
    assert (shaded.get_x(), shaded.get_width()) == (-1.0, 2.0)
    assert above.get_xlabel() == "test accuracy"


def test_activations_have_the_colours_of_the_catalogue_and_others_one_of_their_own():
    above, _ = contest_figure().axes
    colours = {
        round(line.get_ydata()[0]): to_hex(line.get_color())
        for line in above.lines
        if len(line.get_xdata()) == 1
    }
    assert colours[2] == CATALOGUE["gelu"].colour
    assert colours[0] not in {known.colour for known in CATALOGUE.values()}


def test_without_a_finished_seed_there_is_nothing_to_draw():
    contest = contest_of(GIVEN)
    table = contest.table.assign(num_seeds=0)
    with pytest.raises(figures.NothingToDraw):
        figures.contest_figure(
            scores_of(GIVEN),
            table,
            score_label="",
            improvement_label="",
            smallest_effect=0.1,
        )


def curves(**panels):
    return pd.DataFrame(
        [
            (panel, name, seed, epoch, level * epoch + seed)
            for panel, level in panels.items()
            for name in GIVEN
            for seed in range(5)
            for epoch in range(4)
        ],
        columns=["panel", "activation", "seed", "epoch", "value"],
    )


def test_learning_curves_are_the_medians_over_the_seeds():
    figure = figures.learning_curves(
        curves(loss=1.0, accuracy=2.0), ylabel="", column="panel"
    )
    first, second = figure.axes
    assert [a.get_title("left") for a in figure.axes] == ["loss", "accuracy"]
    assert len(first.lines) == 3
    np.testing.assert_allclose(first.lines[0].get_ydata(), [2, 3, 4, 5])
    np.testing.assert_allclose(second.lines[0].get_ydata(), [2, 4, 6, 8])


def test_without_curves_there_is_nothing_to_draw():
    with pytest.raises(figures.NothingToDraw):
        figures.learning_curves(curves(), ylabel="", column="panel")


def test_a_name_with_dollar_signs_is_shown_as_it_is():
    above, _ = contest_figure({"relu": 0.0, "$x^2_$": 0.03}).axes
    assert "$x^2_$" in [label.get_text() for label in above.get_yticklabels()]
