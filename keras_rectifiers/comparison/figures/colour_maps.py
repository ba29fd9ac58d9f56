"""Colours for measures, from a neutral value that leaves the page as it is.

The neutral value is nearly transparent and not white, which would glare on a dark page.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb

_NEUTRAL = (0.5, 0.5, 0.5, 0.12)
# Dark enough for white text, and light enough to stand out on a dark page.
_RED, _BLUE = to_rgb("#cc3344"), to_rgb("#2a76b5")
_DARK = 0.22  # of the luminance: white has as much contrast as the ink of a light page


def _from_neutral(colour: tuple[float, float, float]) -> list:
    """A colour that grows opaque; near the neutral value it is already no grey."""
    return [(0.0, _NEUTRAL), (0.15, (*colour, 0.25)), (1.0, (*colour, 1.0))]


# From the neutral value to blue, and from red over the neutral value to blue.
SEQUENTIAL = LinearSegmentedColormap.from_list("sequential", _from_neutral(_BLUE))
DIVERGING = LinearSegmentedColormap.from_list(
    "diverging",
    [
        *((0.5 - place / 2, colour) for place, colour in _from_neutral(_RED)[::-1]),
        *((0.5 + place / 2, colour) for place, colour in _from_neutral(_BLUE)[1:]),
    ],
)


def need_light_text(colours: np.ndarray) -> np.ndarray:
    """Tells which colours are dark on any page, from `(..., 4)` to `(...)`.

    The others are light on a light page and dark on a dark one.
    """
    opacity = colours[..., 3:]
    on_white = colours[..., :3] * opacity + 1 - opacity
    linear = np.where(
        on_white <= 0.04045, on_white / 12.92, ((on_white + 0.055) / 1.055) ** 2.4
    )
    return linear @ (0.2126, 0.7152, 0.0722) < _DARK
