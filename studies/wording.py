"""Differences between shares in words, the same in all studies."""

# Of percentage points: below it a difference is due to the rounding of floats.
_NONE = 1e-4
# Smaller ones would be rounded to 0.0.
_SMALL = 0.05


def by_points(difference: float, more: str, less: str) -> str:
    """A difference between two shares, such as "2.7 percentage points higher".

    It has one decimal, and a smaller one its first digit other than 0. No difference is
    "0 percentage points".

    Args:
        difference: of the shares.
        more, less: the words that follow, if it is positive and if it is negative.
    """
    size = abs(difference) * 100
    if size < _NONE:
        written = "0"
    else:
        written = f"{size:.1g}" if size < _SMALL else f"{size:.1f}"
    return f"{written} percentage points {more if difference >= 0 else less}"
