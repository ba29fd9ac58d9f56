"""Made-up points in the plane: where they lie, and that they stay the same."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from keras_rectifiers.comparison.data import datasets, planar
from keras_rectifiers.comparison.trials.trial import Trial


def points(name: str) -> tuple[np.ndarray, np.ndarray]:
    """All points of a data set, and their classes."""
    arrays = planar.make(name)
    return (
        np.concatenate([arrays["x_train"], arrays["x_test"]]).astype(np.float64),
        np.concatenate([arrays["y_train"], arrays["y_test"]]),
    )


@pytest.mark.parametrize(
    ("name", "first", "last", "checksum"),
    [
        ("ring", [-0.324845, -0.231768], [0.139082, -0.716756], "aadac982c4d2eef0"),
        ("spiral", [-0.519071, -0.207931], [0.148907, 0.679263], "b338c52a1ff5414a"),
        (
            "checkerboard",
            [0.73183, -0.241938],
            [-0.641872, 0.652324],
            "74ea0c5a57a5829b",
        ),
        ("circle", [-0.828702, -0.526379], [-0.361672, -0.151562], "56b2b1cdb069f67c"),
        ("two_moons", [-0.63697, 0.399341], [0.089716, -0.267513], "78c375c0f31d0e67"),
    ],
)
def test_the_points_are_the_same_on_every_machine(name, first, last, checksum):
    arrays = planar.make(name)
    np.testing.assert_array_equal(arrays["x_train"][0], np.float32(first))
    np.testing.assert_array_equal(arrays["x_test"][-1], np.float32(last))
    assert datasets.load(name).checksum.startswith(checksum)


@pytest.mark.parametrize("name", planar.MAKERS)
def test_classes_are_balanced_and_no_point_stands_twice(name):
    arrays = planar.make(name)
    assert np.bincount(arrays["y_train"]).tolist() == [800, 800]
    assert np.bincount(arrays["y_test"]).tolist() == [1000, 1000]
    x, _ = points(name)
    assert np.abs(x).max() <= 1 and len(np.unique(x, axis=0)) == 3600
    data = datasets.load(name)
    sizes = [len(y) for y in (data.y_train, data.y_validation, data.y_test)]
    assert sizes == [1440, 160, 2000]
    assert np.bincount(data.y_validation).tolist() == [80, 80]
    assert data.x_train.dtype == np.float32 and data.num_classes == 2
    np.testing.assert_allclose(data.x_train.std(axis=0), 1, atol=1e-5)


def test_the_ring_lies_round_the_disc_and_fills_its_area():
    x, labels = points("ring")
    square = (x**2).sum(axis=1)
    for label, least, most in ((0, 0.0, 0.5**2), (1, 0.7**2, 1.0)):
        within = square[labels == label]
        assert least - 1e-5 <= within.min() and within.max() <= most + 1e-5
        # The squared radius of a point that is uniform over the area is uniform.
        error = (most - least) / np.sqrt(12 * len(within))
        assert abs(within.mean() - (least + most) / 2) <= 4 * error
        quadrants = np.histogram2d(*x[labels == label].T, bins=2, range=[[-1, 1]] * 2)[
            0
        ]
        assert np.abs(quadrants - 450).max() <= 4 * np.sqrt(450 * 0.75)


def test_each_spiral_winds_once_and_is_the_others_half_turn():
    x, labels = points("spiral")
    radius = np.hypot(*x.T)
    share = (np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - labels / 2) % 1
    assert 0.1 - 1e-5 <= share.min() < 0.11 and share.max() > 0.99
    stray = radius / share
    assert 0.95 - 1e-4 <= stray.min() < 0.955 and 0.995 < stray.max() <= 1 + 1e-4
    # On a ray from the centre the classes take turns.
    on_ray = np.abs(x[:, 1]) < 0.02
    right = on_ray & (x[:, 0] > 0)
    assert (
        labels[right & (radius < 0.8)].tolist() == [1] * (right & (radius < 0.8)).sum()
    )
    assert (
        labels[right & (radius > 0.9)].tolist() == [0] * (right & (radius > 0.9)).sum()
    )


def test_the_board_changes_colour_three_times_along_each_row_and_column():
    x, labels = points("checkerboard")
    for axis in (0, 1):
        first = []
        for edge in (-1.0, -0.5, 0.0, 0.5):
            band = (x[:, axis] >= edge) & (x[:, axis] < edge + 0.5)
            along = labels[band][np.argsort(x[band, 1 - axis])]
            assert (np.diff(along) != 0).sum() == 3
            first.append(along[0])
        assert (np.diff(first) != 0).all()
    squares = np.histogram2d(*x.T, bins=4, range=[[-1, 1]] * 2)[0]
    assert np.abs(squares - 225).max() <= 4 * np.sqrt(225)


def test_the_circle_takes_half_of_the_square_and_both_are_filled():
    x, labels = points("circle")
    np.testing.assert_array_equal(labels, np.hypot(*x.T) < np.sqrt(2 / np.pi))
    # Of points that are uniform over the square, half are in the circle.
    squares = np.histogram2d(*x.T, bins=4, range=[[-1, 1]] * 2)[0]
    assert np.abs(squares - 225).max() <= 4 * np.sqrt(225)


def test_the_moons_reach_into_each_other_and_do_not_touch():
    x, labels = points("two_moons")
    upper, lower = (x[labels == label] for label in (0, 1))
    assert upper[:, 1].max() > 0.5 > 0 > lower[:, 1].max() - 0.5
    # Turned by half a turn, each is the other.
    np.testing.assert_allclose(
        np.sort(np.abs(upper).max(axis=0)),
        np.sort(np.abs(lower).max(axis=0)),
        atol=0.02,
    )
    assert (
        upper[:, 1].min() < lower[:, 1].max() and upper[:, 0].max() > lower[:, 0].min()
    )
    nearest = np.linalg.norm(upper[:, np.newaxis] - lower, axis=-1).min()
    assert nearest > 0.02


@pytest.mark.parametrize("name", planar.MAKERS)
def test_neighbours_tell_the_classes_apart_and_a_line_does_not(name):
    data = datasets.load(name)
    line = LogisticRegression().fit(data.x_train, data.y_train)
    neighbours = KNeighborsClassifier(5).fit(data.x_train, data.y_train)
    most = 0.95 if name == "two_moons" else 0.6  # much of the moons is beside a line
    assert line.score(data.x_test, data.y_test) < most
    assert neighbours.score(data.x_test, data.y_test) > 0.93


@pytest.mark.parametrize("architecture", ["cnn", "cnn_pooled"])
def test_points_suit_a_fully_connected_net_alone(architecture):
    assert datasets.describe(Trial(dataset="ring")).input_shape == (2,)
    message = (
        rf"^Trial's architecture '{architecture}' needs images\. The data set 'ring' has "
        r"2 features; use 'mlp'\.$"
    )
    with pytest.raises(ValueError, match=message):
        datasets.describe(Trial(dataset="ring", architecture=architecture))
