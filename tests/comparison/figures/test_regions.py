"""Figures of the regions in which nets say which class."""

import numpy as np
import pytest

from keras_rectifiers.comparison import figures

X, LABELS = np.array([[0.5, 0.0], [-0.5, 0.0], [-0.2, 0.3]]), np.array([1, 0, 0])


def region(row: str, column: str, heights, edges=()) -> figures.Region:
    lines = np.reshape(edges, (-1, 2, 2))
    return figures.Region(row, column, heights, X, LABELS, lines)


def test_panels_stand_in_their_rows_and_columns_with_points_boundary_and_edges():
    along = np.linspace(-1, 1, 21)
    # Class 1 to the right of 0.4.
    heights = np.tile(along + 0.1, (21, 1))
    figure = figures.regions(
        [
            region("ring", "relu", heights, [[[0, -1], [0, 1]]]),
            region("ring", "tanh", heights),
            region("moons", "tanh", np.zeros((21, 21))),
        ]
    )
    grid = np.reshape(figure.axes, (2, 2))
    assert [axes.get_title("left") for axes in grid[0]] == ["relu", "tanh"]
    assert [axes.get_ylabel() for axes in grid[:, 0]] == ["ring", "moons"]
    points = [line.get_xdata().tolist() for line in grid[0, 0].lines]
    assert points == [[-0.5, -0.2], [0.5]]
    _, boundary, edges = grid[0, 0].collections
    (path,) = boundary.get_paths()
    np.testing.assert_allclose(path.vertices[:, 0], 0.4, atol=1e-6)
    assert len(edges.get_segments()) == 1
    # One that says 0 everywhere has neither region nor boundary.
    assert [len(c.get_paths()) for c in grid[1, 1].collections] == [0]
    assert not grid[1, 0].get_visible() or not grid[1, 0].lines


def test_without_nets_there_is_nothing_to_draw():
    with pytest.raises(figures.NothingToDraw):
        figures.regions([])
