"""What a check found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_rectifiers.printable import printable


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A problem of a model; as text, it says what is wrong, where, and what helps.

    Args:
        kind: one of `keras_rectifiers.diagnosis.reasoning.KINDS`.
        where: what has to be changed: "data", "model", "compile" or "training".
        layer: the layer with the worst value, "" if it is in no layer.
        measure: the measure that shows it, "" if none does.
        value: the value of that measure in that layer.
        certainty: "certain" if it is wrong whatever the numbers are, "likely" if the
            numbers show it, "possible" if it often harms and the model does not learn.
        observation: what was seen.
        meaning: what it means.
        advice: what usually helps.
        others: the other layers with the same problem, the worst first.
        consequences: the findings that follow from this one.
        tried: what the advice did when it was tried, one sentence for each cure.
    """

    kind: str
    where: str = "model"
    layer: str = ""
    measure: str = ""
    value: float = math.nan
    certainty: str = "likely"
    observation: str
    meaning: str
    advice: str
    others: tuple[str, ...] = ()
    consequences: tuple["Finding", ...] = ()
    tried: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it is: the layer, or else what has to be changed."""
        return self.layer or self.where

    def __str__(self) -> str:
        also = ""
        if self.others:
            names = ", ".join(self.others[:3])
            more = len(self.others) - 3
            also = f" The same holds for {names}" + (
                f" and {more} more." if more > 0 else "."
            )
        sentences = [f"{self.observation}.{also}", self.meaning, self.advice]
        sentences += self.tried
        if self.consequences:
            seen = "; ".join(f"{f.place}: {f.observation}" for f in self.consequences)
            sentences.append(f"What follows from it: {seen}.")
        return printable(f"{self.place}: {' '.join(sentences)}")


def number(value: float) -> str:
    """A number as text: whole from 100 to a million, else of two significant digits."""
    return f"{value:,.0f}" if 100 <= abs(value) < 1e6 else f"{value:.2g}"


def first_few(values: Sequence[int] | np.ndarray) -> str:
    """The first five as text, such as the numbers of columns: `0, 1, 2, 3, 4, ...`."""
    return ", ".join(map(str, values[:5])) + (", ..." if len(values) > 5 else "")
