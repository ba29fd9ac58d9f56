"""Each claim of the textbooks has a study that measures it, and docs/claims.md lists it."""

from pathlib import Path

import pytest

from studies import STUDIES
from studies.definitions import IDENTITIES

TABLE = Path(__file__).parents[2] / "docs" / "claims.md"

# Study -> the claims of the textbooks and papers that it has to measure.
CLAIMED = {
    "vanishing_gradients": {
        *("sigmoid-vanishes", "tanh-vanishes", "rectifier-flows", "saturates"),
        *("deep-sigmoid-stuck", "deep-tanh-stuck", "no-pretraining"),
        *("near-linear-easier", "theory", "derivative-at-zero"),
    },
    "exploding_gradients": {"exploding"},
    "sparsity": {
        *("half-active", "exact-zeros", "sparse-trained", "l1-sparsity"),
        *("sparse-generalises", "zero-weights"),
    },
    "dying_relu": {
        *("dead-by-rate", "dead-by-bias", "dead-stay-dead", "dead-grow"),
        *("leaky-lives", "leaky-faster", "born-dead"),
    },
    "initialization": {
        *("he-init", "text-bounds", "small-bias", "scaled-inputs", "weight-penalty"),
    },
    "accuracy": {
        *("relu-better", "tanh-over-sigmoid", "leaky-negligible", "leaky-worse"),
        *("leaky-better", "very-leaky-better", "elu-better", "prelu-train-best"),
        *("rrelu-least-overfit", "rrelu-best"),
    },
    "surroundings": {"linear-limited", "rectify-cnn", "batch-norm-closes", "maxout"},
    "learned_slopes": {"prelu-slopes"},
    "convergence": {"faster-than-tanh"},
    "zero_mean": {"elu-zero-mean", "elu-faster", "elu-noise"},
    "cost": {"cheap", "trains-cheaper"},
    "approximation": {
        *("sigmoid-from-two", "piecewise-linear", "more-neurons", "small-rate"),
    },
    "decision_boundary": {"polygon", "too-fast-dies"},
    "recurrent": {"irnn", "relu-in-lstm"},
    "autoencoder": {"sparse-code"},
}


@pytest.mark.parametrize("name", CLAIMED)
def test_a_study_measures_the_claims_that_are_its_own(name):
    lacking = CLAIMED[name] - {claim.id for claim in STUDIES[name].claims}
    assert lacking == set()


def test_the_table_lists_each_claim_with_the_studies_that_measure_it():
    measuring: dict[str, list[str]] = {}
    statements = {}
    for study in STUDIES.values():
        for claim in study.claims:
            measuring.setdefault(claim.id, []).append(f"`{study.name}`")
            statements.setdefault(claim.id, claim.statement)
    expected = [
        f"| {id} | {statements[id]} | {', '.join(names)} |"
        for id, names in measuring.items()
    ]
    rows = lines("claim")
    assert rows == expected, "The table should be:\n" + "\n".join(expected)


def test_the_table_lists_what_holds_by_definition():
    expected = [f"| {one.statement} | {one.formula} |" for one in IDENTITIES]
    assert lines("statement") == expected, "It should be:\n" + "\n".join(expected)


def lines(header: str) -> list[str]:
    """The rows of the table whose first heading is `header`."""
    text = TABLE.read_text(encoding="utf-8")
    _, _, rest = text.partition(f"\n| {header} |")
    return [line for line in rest.split("\n\n")[0].splitlines() if line][2:]
