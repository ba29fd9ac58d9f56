"""What holds by definition of softmax: worked examples."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures import share_bars
from keras_rectifiers.comparison.reporting.identities import Identity
from studies import sources
from studies.definitions.deviations import largest_deviation

# The inputs of softmax, and its shares as the text gives them, with three digits.
EXAMPLES = (
    ((3.0, 0.7, 0.5), (0.846, 0.085, 0.069)),
    ((1.2, 1.0, 1.5), (0.316, 0.258, 0.426)),
    ((1.5, *[1.2] * 9), (0.130, *[0.097] * 9)),
)


# The functions ------------------------------------------------------------------------


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# The deviations -----------------------------------------------------------------------


def _worked() -> float:
    return largest_deviation(*(softmax(np.array(x)) - shares for x, shares in EXAMPLES))


# The figures --------------------------------------------------------------------------


def _examples() -> Figure:
    titles = ("one is much larger", "three of a size", "one among ten")
    return share_bars(
        {
            title: list(zip(x, softmax(np.array(x)), strict=True))
            for title, (x, _) in zip(titles, EXAMPLES, strict=True)
        }
    )


def _rows() -> list[Sequence[str]]:
    return [
        (_listed(x, "{:g}"), _listed(shares, "{:.3f}"), _listed(softmax(np.array(x))))
        for x, shares in EXAMPLES
    ]


def _listed(numbers: Sequence[float] | np.ndarray, form: str = "{:.5f}") -> str:
    """Numbers in words, with those at the end that are equal only once."""
    shown = [form.format(number) for number in numbers]
    last = shown[-1]
    num_last = next(
        (i for i, text in enumerate(reversed(shown)) if text != last), len(shown)
    )
    if num_last < 3:
        return ", ".join(shown)
    return ", ".join([*shown[:-num_last], f"{num_last} times {last}"])


IDENTITIES = (
    Identity(
        name="softmax-examples",
        statement="Softmax makes shares of numbers, in which the largest stands out.",
        formula="softmax(x)ᵢ = e^xᵢ / (e^x₁ + … + e^xₙ)",
        reason="Only differences between the inputs count: a number that is larger by d "
        "has a share that is larger by the factor e^d. So the same 1.5 has 43% beside "
        "two others, and 13% beside nine.",
        sources=(sources.OVERVIEW,),
        deviation=_worked,
        checked="The three worked examples of the text, given there with three digits.",
        tolerance=5e-4,
        headings=("Inputs", "Shares in the text", "Computed"),
        rows=_rows(),
        draw=_examples,
        caption="The three examples. Hollow bars: each input divided by their sum. Filled "
        "bars: softmax. Here it exaggerates the differences, but with many inputs the "
        "largest share is small all the same.",
    ),
)
