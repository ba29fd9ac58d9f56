"""The claims of the study of auto-encoders, on made-up tables with known answers."""

import pytest

from studies.autoencoder import STUDY
from studies.autoencoder.nets import PENALTIES, PENALTY
from tests.studies.autoencoder.made_up_codes import tables_of
from tests.studies.made_up_studies import verdicts

L1 = PENALTY
MIDDLE = f"L1 {L1:g}"


def judged(tables, claim):
    return verdicts(STUDY, tables, claim)[claim]


@pytest.mark.parametrize(
    ("relu", "tanh", "verdict"),
    [
        (0.6, 0.0, "supported"),
        (0.05, 0.0, "contradicted"),
        (0.6, 0.6, "contradicted"),
    ],
)
def test_relu_with_a_penalty_has_to_have_more_zeros(relu, tanh, verdict):
    shares = {"relu": relu, "tanh": tanh, "sigmoid": 0.0}
    tables = tables_of(lambda t: shares[t.activation] if t.activity_l1 == L1 else 0.9)
    found = judged(tables, "sparse-code")
    assert found["ReLU against tanh"] == verdict


def test_each_penalty_has_to_add_zeros():
    shares = dict(zip(PENALTIES, (0.4, 0.45, 0.6, 0.3), strict=True))
    tables = tables_of(lambda trial: shares[trial.activity_l1])
    assert judged(tables, "sparse-code-l1") == {
        "L1 0.0003": "contradicted",
        MIDDLE: "supported",
        "L1 0.003": "contradicted",
    }


def test_a_quarter_more_error_is_harm():
    factors = dict(zip(PENALTIES, (1.0, 0.9, 1.2, 1.3), strict=True))
    tables = tables_of(
        lambda trial: 0.5,
        error=lambda trial: 0.02 * factors[trial.activity_l1] * (1 + trial.seed / 100),
    )
    assert judged(tables, "sparse-code-reconstructs") == {
        "L1 0.0003": "supported",
        MIDDLE: "supported",
        "L1 0.003": "contradicted",
    }


def test_nets_that_reconstruct_nothing_are_not_judged():
    tables = tables_of(lambda trial: 0.5, error=lambda trial: 1.0)
    for claim in STUDY.claims:
        assert set(judged(tables, claim.id).values()) == {"not testable here"}


def test_a_code_that_has_collapsed_is_not_sparser():
    tables = tables_of(
        lambda trial: 1.0 if trial.activity_l1 == 3e-3 else 0.4,
        error=lambda trial: 1.0 if trial.activity_l1 == 3e-3 else 0.02,
    )
    assert judged(tables, "sparse-code-l1")["L1 0.003"] == "not testable here"
    # It harms the reconstruction, which can be told.
    harm = judged(tables, "sparse-code-reconstructs")
    assert harm["L1 0.003"] == "contradicted"


def test_codes_are_judged_by_the_two_nets_that_are_compared():
    tables = tables_of(
        lambda trial: 0.6 if trial.activation == "relu" else 0.0,
        error=lambda trial: 1.0 if trial.activation == "sigmoid" else 0.02,
    )
    assert judged(tables, "sparse-code") == {
        "ReLU against tanh": "supported",
        "ReLU against sigmoid": "not testable here",
    }


def test_the_table_tells_the_zeros_of_dead_units_apart():
    dead = dict(zip(PENALTIES, (0.4, 0.0, 0.6, 1.0), strict=True))
    tables = tables_of(
        lambda trial: max(0.7, dead[trial.activity_l1]),
        dead=lambda trial: dead[trial.activity_l1],
    )
    (table,) = STUDY.tables
    assert table.rows(tables) == [
        ["0", "0.70", "0.40", "0.50"],
        ["0.0003", "0.70", "0.00", "0.70"],
        ["0.001", "0.70", "0.60", "0.25"],
        ["0.003", "1.00", "1.00", "–"],
    ]
