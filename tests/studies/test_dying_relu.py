"""The claims of the study of dying ReLU, on made-up tables with known answers."""

from studies import dying_relu
from tests.studies.dying_relu.made_up_deaths import RIGHT, WRONG, curves, dead, leads
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = dying_relu.STUDY


def test_where_the_textbooks_are_right_the_study_says_so():
    tables = made_up_tables(
        STUDY,
        dead(RIGHT),
        curves=curves(relu=8, leaky=4),
        accuracy=leads(3e-2, 0.2),
    )
    found = verdicts(STUDY, tables)
    found.pop("born-dead"), found.pop("born-dead-bound")
    assert {claim: set(cases.values()) for claim, cases in found.items()} == {
        "dead-by-rate": {"supported"},
        "small-rate-spares": {"supported"},
        "dead-by-bias": {"supported"},
        "dead-grow": {"supported"},
        "dead-stay-dead": {"supported"},
        "leaky-lives": {"supported"},
        "leaky-faster": {"supported"},
    }
    assert len(found["leaky-lives"]) == 5


def test_where_the_textbooks_are_wrong_the_study_says_so():
    tables = made_up_tables(
        STUDY,
        dead(WRONG, bias_kills=0.0, first=1.0, revived=0.4),
        curves=curves(relu=4, leaky=8),
        accuracy=leads(3e-2, 0.2),
    )
    found = verdicts(STUDY, tables)
    # No rate kills enough for the leaky variants to be judged at.
    assert set(found.pop("leaky-lives").values()) == {"not testable here"}
    found.pop("born-dead"), found.pop("born-dead-bound")
    assert {v for cases in found.values() for v in cases.values()} == {"contradicted"}
