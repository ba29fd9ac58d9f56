"""Small drawings of intervals beside the bounds of a criterion."""

import dataclasses
import math
import re
import xml.etree.ElementTree

import pytest

from keras_rectifiers.comparison.reporting.strips import strip
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference, Within
from tests.comparison.reporting.judged_claims import judged_claim


def parts(judged) -> tuple[list[float], list[float], list[str]]:
    """Where the bounds and the dots stand, and the classes of the intervals."""
    root = xml.etree.ElementTree.fromstring(str(strip(judged.claim, judged.cases)))
    bounds = [
        float(line.attrib["x1"])
        for line in root
        if line.tag == "line" and line.attrib["class"] == "bound"
    ]
    groups = root.findall("g")
    dots = [float(group.findall("circle")[0].attrib["cx"]) for group in groups]
    return bounds, dots, [group.attrib["class"] for group in groups]


def test_a_dot_stands_on_the_side_of_the_bound_on_which_the_effect_is():
    judged = judged_claim({"a": 0.9, "b": 0.1}, AtLeast(threshold=0.5))
    (bound,), (above, below), kinds = parts(judged)
    assert below < bound < above
    assert bound - below == pytest.approx(above - bound, abs=0.2)
    assert kinds == ["supported", "contradicted"]


def test_both_bounds_are_drawn_and_0_where_a_difference_is_claimed():
    bounds, (dot,), _ = parts(judged_claim({"a": 0.5}, Within(lower=0.2, upper=0.8)))
    assert bounds[0] < dot < bounds[1]
    judged = judged_claim({"a": 0.5}, Difference(smallest_effect=0.2))
    assert str(judged.strip).count('class="zero"') == 1


def test_an_interval_without_an_end_reaches_to_the_edge():
    judged = judged_claim({"a": 0.9})
    (case,) = judged.cases
    endless = {**case, "low": -math.inf, "high": math.inf}
    ends = re.search(r'<g class="supported"><line x1="(\S+)" x2="(\S+)"',
                     str(strip(judged.claim, [endless])))  # fmt: skip
    assert ends and ends.groups() == ("0.0", "150.0")


def test_it_says_what_it_shows():
    text = str(judged_claim({"a": 0.9, "b": 0.1}, unit="nats").strip)
    assert 'aria-label="2 intervals from 0.095 to 0.905 nats; limit 0.500"' in text


def test_without_an_estimate_there_is_nothing_to_draw():
    assert judged_claim({"a": None}).strip == ""


def test_all_of_many_cases_are_drawn_within_a_small_height():
    judged = judged_claim({"a": 0.9})
    many = dataclasses.replace(judged, cases=judged.cases * 30)
    root = xml.etree.ElementTree.fromstring(str(many.strip))
    assert len(root.findall("g")) == 30
    assert float(root.attrib["height"]) <= 60
