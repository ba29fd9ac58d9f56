import pytest

from studies.wording import by_points


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (0.027, "2.7 percentage points higher"),
        (-0.027, "2.7 percentage points lower"),
        (1.0, "100.0 percentage points higher"),
        (0.0006, "0.1 percentage points higher"),
        # What would be rounded to 0.0 is a difference all the same.
        (0.0002, "0.02 percentage points higher"),
        (-0.0004, "0.04 percentage points lower"),
        (-0.00001, "0.001 percentage points lower"),
        (0.0, "0 percentage points higher"),
        (0.3 - 0.1 - 0.2, "0 percentage points lower"),  # of floats
    ],
)
def test_a_difference_of_shares_is_said_in_percentage_points(difference, said):
    assert by_points(difference, "higher", "lower") == said
