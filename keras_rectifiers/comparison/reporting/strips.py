"""Small drawings of intervals beside the bounds of a criterion, as inline SVG."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import VERDICTS, Difference

_WIDTH = 150
_MARGIN = 6
_ROW = 6
# Rows of many cases stand closer together.
_MOST_HEIGHT = 48


def strip(claim: Claim, cases: Sequence[Mapping[str, Any]]) -> Markup:
    """Draws the intervals of all cases of a claim, and the bounds of its criterion.

    Args:
        claim: the claim.
        cases: its cases with their verdicts, see `JudgedClaim`.

    Returns:
        The SVG; empty if no case has an estimate. What is infinite reaches to the edge.
    """
    drawn = [case for case in cases if math.isfinite(case["estimate"])]
    if not drawn:
        return Markup("")
    bounds = claim.rule.bounds
    ends = [case[name] for case in drawn for name in ("low", "estimate", "high")]
    zero = (0.0,) if isinstance(claim.rule, Difference) else ()
    values = [v for v in (*ends, *bounds, *zero) if math.isfinite(v)]
    least, most = min(values), max(values)
    span = (most - least) or 1.0

    def x(value: float) -> float:
        inside = min(max(value, least), most) if not math.isnan(value) else least
        if math.isinf(value):
            return float(_WIDTH) if value > 0 else 0.0
        share = (inside - least) / span
        return round(_MARGIN + share * (_WIDTH - 2 * _MARGIN), 1)

    row = min(_ROW, _MOST_HEIGHT / len(drawn))
    height = math.ceil(row * len(drawn) + 8)
    parts = [
        Markup('<line class="{}" x1="{}" x2="{}" y1="0" y2="{}"/>').format(
            name, x(value), x(value), height
        )
        for name, some in (("zero", zero), ("bound", bounds))
        for value in some
    ]
    for i, case in enumerate(drawn):
        y = round(4 + row * (i + 0.5), 1)
        kind = case["verdict"] if case["verdict"] in VERDICTS else "not-decided"
        parts.append(
            Markup(
                '<g class="{}"><line x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<circle cx="{}" cy="{}" r="{}"/></g>'
            ).format(
                *(kind, x(case["low"]), x(case["high"]), y, y),
                *(x(case["estimate"]), y, 2.5 if row >= 4 else 1.5),
            )
        )
    return Markup(
        '<svg class="strip" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(
        *(_WIDTH, height, _WIDTH, height),
        _in_words(claim, drawn),
        Markup("").join(parts),
    )


def _in_words(claim: Claim, cases: Sequence[Mapping[str, Any]]) -> str:
    number = claim.numbers(*(v for c in cases for v in (c["low"], c["high"])))
    least = min(case["low"] for case in cases)
    most = max(case["high"] for case in cases)
    bounds = " and ".join(number(bound) for bound in claim.rule.bounds)
    what = "Interval" if len(cases) == 1 else f"{len(cases)} intervals"
    unit = f" {claim.unit}" if claim.unit else ""
    return f"{what} from {number(least)} to {number(most)}{unit}; limit {bounds}"
