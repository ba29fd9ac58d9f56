"""How a finding reads."""

import pytest

from keras_rectifiers.diagnosis.findings import Finding, first_few, number


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ((), None),
        (("b",), "b."),
        (("b", "c", "d"), "b, c, d."),
        (("b", "c", "d", "e"), "b, c, d and 1 more."),
        (("b", "c", "d", "e", "f"), "b, c, d and 2 more."),
    ],
)
def test_three_of_the_other_layers_are_named(others, told):
    finding = Finding(
        kind="dead",
        layer="a",
        measure="dead_units",
        value=1.0,
        observation="seen",
        meaning="Meant.",
        advice="Mend it.",
        **({"others": others} if others else {}),
    )
    assert finding.others == others
    text = str(finding)
    assert text.startswith("a: seen.") and text.endswith(" Meant. Mend it.")
    between = text.removeprefix("a: seen.").removesuffix(" Meant. Mend it.")
    assert between.endswith(f" {told}") if told else between == ""


def test_what_is_in_no_layer_is_told_of_what_has_to_be_changed():
    finding = Finding(
        kind="targets", where="data", observation="seen", meaning="M.", advice="A."
    )
    assert str(finding) == "data: seen. M. A."


def test_consequences_and_what_was_tried_stand_at_the_end():
    follows = Finding(
        kind="dead", layer="b", observation="b is dead", meaning="M.", advice="A."
    )
    finding = Finding(
        kind="output",
        layer="a",
        observation="seen",
        meaning="Meant.",
        advice="Do.",
        tried=("Tried: it helps.",),
        consequences=(follows,),
    )
    assert str(finding) == (
        "a: seen. Meant. Do. Tried: it helps. What follows from it: b: b is dead."
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (99.4, "99"),
        (100, "100"),
        (12345.6, "12,346"),
        (1e6, "1e+06"),
        (0.00123, "0.0012"),
    ],
)
def test_numbers_have_the_digits_that_matter(value, shown):
    assert number(value) == shown


def test_of_many_values_the_first_five_are_told():
    assert first_few([3]) == "3"
    assert first_few(range(5)) == "0, 1, 2, 3, 4"
    assert first_few(range(1, 7)) == "1, 2, 3, 4, 5, ..."
