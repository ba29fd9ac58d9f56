import pytest

from studies.accuracy.nets import points_as_claimed
from studies.points import in_percent, in_points, side


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (0.123, "12.3 percentage points"),
        (-0.123, "12.3 percentage points"),
        (0.0004, "0.04 percentage points"),
        (-0.00001, "0.001 percentage points"),
        (5e-9, "0 percentage points"),
        (0.0, "0 percentage points"),
    ],
)
def test_only_what_is_zero_is_said_to_be_zero_points(difference, words):
    assert in_points(difference) == words


def test_whole_points_get_digits_only_where_they_would_be_zero():
    assert in_points(0.253, digits=0) == "25 percentage points"
    assert in_points(0.0025, digits=0) == "0.2 percentage points"


def test_a_small_share_is_not_said_to_be_zero_percent():
    assert in_percent(0.00037) == "0.04%"
    assert in_percent(0) == "0%"


def test_a_difference_of_zero_has_no_side():
    assert side(0.001, "higher", "lower") == "higher"
    assert side(-0.001, "higher", "lower") == "lower"
    assert side(-5e-9, "higher", "lower") == "higher or lower"


def test_no_difference_is_not_said_to_be_in_the_direction_claimed():
    in_words = points_as_claimed("difference")
    assert in_words(0.0) == "the difference is 0 percentage points"
    assert in_words(0.0003) == (
        "the difference is 0.03 percentage points in the direction claimed"
    )
