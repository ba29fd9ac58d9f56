"""Claims by themselves: what they refuse, and how they write numbers."""

import math
import re

import pytest

from keras_rectifiers.comparison.verdicts.claims import Kind, format_number
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from tests.comparison.made_up_claims import made_up_claim


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234, "0.123"),
        (-0.5, "−0.500"),
        (-0.0001, "0.000"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_are_written_with_true_minus_signs(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.IDENTITY, ""),
        (Kind.THEORY, ""),
        (Kind.EMPIRICAL, "It follows from the definition."),
    ],
)
def test_a_kind_goes_with_its_reason_and_an_empirical_claim_needs_none(kind, reason):
    message = (
        "kind_reason says why a claim is not empirical. Give it for a claim that is by "
        "theory or an identity, and only for those. Received: "
        f"kind={str(kind)!r}, kind_reason={reason!r}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        made_up_claim(AtLeast(threshold=0.5), kind=kind, kind_reason=reason)


def test_a_claim_is_empirical_unless_it_says_otherwise():
    assert made_up_claim(AtLeast(threshold=0.5)).kind == Kind.EMPIRICAL
