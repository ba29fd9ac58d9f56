"""Figures of a study whose tables have no trials for them."""

import pytest

from keras_rectifiers.comparison import figures
from tests.comparison.figures.made_up_frames import frame


@pytest.mark.parametrize(
    "draw",
    [
        lambda f: figures.lines_by_layer(f, ylabel="", column="panel"),
        lambda f: figures.points_by_layer(f, ylabel="", column="panel"),
        lambda f: figures.dots(f, xlabel="", column="panel"),
        lambda f: figures.lines_against(
            f, "layer", xlabel="", ylabel="", column="panel"
        ),
        lambda f: figures.training_curves(
            f, f, row="panel", group="when", ylabel="", outcome_label=""
        ),
    ],
)
def test_without_data_there_is_nothing_to_draw(draw):
    with pytest.raises(
        figures.NothingToDraw, match="The tables have no trials for this figure"
    ):
        draw(frame().iloc[:0])
