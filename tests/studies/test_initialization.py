"""The claims of the study of initialisation, on made-up tables with known answers."""

from studies import initialization
from tests.studies.initialization.made_up_starts import starts
from tests.studies.made_up_studies import verdicts


def test_where_the_textbooks_are_right_initialisation_says_so():
    tables = starts(decay=0.0, active=0.95, glorot_loss=2.3, biased_accuracy=0.95)
    found = verdicts(initialization.STUDY, tables)
    assert {v for cases in found.values() for v in cases.values()} == {"supported"}
    assert list(found) == [
        "he-init",
        "text-bounds",
        "small-bias",
        "positive-bias-helps",
        "scaled-inputs",
        "scaled-inputs-accuracy",
        "weight-penalty",
        "weight-penalty-accuracy",
    ]
    assert list(found["scaled-inputs"]) == [
        "raw against 0 to 1, rate 0.01",
        "raw against standardised, rate 0.01",
        "raw against 0 to 1, rate 0.1",
        "raw against standardised, rate 0.1",
    ]


def test_where_the_textbooks_are_wrong_initialisation_says_so():
    tables = starts(
        decay=-0.1,
        active=0.6,
        glorot_loss=1.1,
        biased_accuracy=0.9,
        raw_accuracy=0.9,
        activation=4.5,
    )
    found = verdicts(initialization.STUDY, tables)
    assert {v for cases in found.values() for v in cases.values()} == {"contradicted"}
