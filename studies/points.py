"""A difference of shares in words: "0.4 percentage points higher"."""

# A smaller share is the rounding of the arithmetic.
_MOST_DIGITS = 6


def in_points(difference: float, *, digits: int = 1) -> str:
    """The size of a difference of shares, in percentage points.

    It has more digits if it would otherwise be rounded to 0.

    >>> in_points(-0.004), in_points(0.0002), in_points(0.0)
    ('0.4 percentage points', '0.02 percentage points', '0 percentage points')
    """
    return f"{_percent(difference, digits)} percentage points"


def in_percent(share: float, *, digits: int = 1) -> str:
    """A share, with more digits if it would otherwise be rounded to 0.

    >>> in_percent(0.5), in_percent(0.0002), in_percent(0.0)
    ('50.0%', '0.02%', '0%')
    """
    return f"{_percent(share, digits)}%"


def side(difference: float, above: str, below: str) -> str:
    """The word for the sign of a difference, and both words if there is none.

    >>> side(0.1, "higher", "lower"), side(0.0, "higher", "lower")
    ('higher', 'higher or lower')
    """
    if is_nothing(difference):
        return f"{above} or {below}"
    return above if difference > 0 else below


def is_nothing(difference: float) -> bool:
    """Whether a difference of shares is 0 but for the rounding of the arithmetic."""
    return not round(difference, _MOST_DIGITS)


def _percent(share: float, digits: int) -> str:
    if is_nothing(share):
        return "0"
    percent = 100 * abs(share)
    while not round(percent, digits):
        digits += 1
    return f"{percent:.{digits}f}"
