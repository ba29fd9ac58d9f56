"""The table of all activations and their properties."""

import pandas as pd

from keras_rectifiers.comparison.reporting.property_table import property_table
from keras_rectifiers.comparison.verdicts.properties import Property


def column(name: str, values: dict, *, by_definition=(), mark="good", **fields):
    judged = Property(
        **{
            "name": name,
            "title": name.capitalize(),
            "nets": "MLPs of 6 layers",
            "explanation": "A number.",
            "values": lambda tables: {},
            **fields,
        }
    )
    rows = pd.DataFrame(
        [
            {
                "activation": activation,
                "estimate": value,
                "low": value - 0.1,
                "high": value + 0.1,
                "n": 0 if activation in by_definition else 20,
                "mark": mark if isinstance(mark, str) else mark[activation],
            }
            for activation, value in values.items()
        ]
    )
    return "study", judged, rows


def test_activations_stand_in_the_order_of_the_catalogue_with_what_was_measured():
    table = property_table(
        [
            column("one", {"sigmoid": 0.5, "relu": 0.25}),
            column("two", {"relu": 0.0, "linear": 0.0}, by_definition=["linear"]),
        ],
        {},
    )
    assert table.activations == ["relu", "sigmoid"]
    first, second = table.columns
    assert first.cells["relu"].number == "0.250"
    assert first.cells["relu"].interval == "0.150 to 0.350"
    assert second.cells["linear"].is_by_definition
    assert second.cells["linear"].interval == ""
    assert "sigmoid" not in second.cells


def test_a_column_leads_to_its_claim_in_its_own_study_if_it_is_there():
    found = [
        column("one", {"relu": 0.5}, claim="there"),
        column("two", {"relu": 0.5}, claim="both"),
        column("three", {"relu": 0.5}, claim="gone"),
    ]
    claims = [("study", "both"), ("other", "there"), ("other", "both")]
    table = property_table(found, {(s, c): f"{s}#{c}" for s, c in claims})
    assert [c.link for c in table.columns] == [
        "other#there",
        "study#both",
        "study/index.html",
    ]


def test_a_property_of_which_nothing_was_measured_has_no_column():
    found = [column("one", {"relu": 0.0}, by_definition=["relu"])]
    assert property_table(found, {}).columns == []
