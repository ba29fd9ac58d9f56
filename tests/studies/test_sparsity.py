"""The claims of the study of sparsity, on made-up tables with known answers."""

from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.sparsity.made_up_zeros import SHARES, STUDY, zeros


def test_where_the_textbooks_are_right_sparsity_says_so():
    sparsities = {0.0: 0.5, 1e-4: 0.65, 1e-3: 0.8, 1e-2: 0.95}
    tables = made_up_tables(
        STUDY,
        zeros(SHARES, sparsities, weights=0.05),
        accuracy=lambda t: 0.9 + 0.02 * (t.activity_l1 > 0) + 1e-4 * (t.seed % 7),
    )
    found = verdicts(STUDY, tables)
    assert {claim: set(cases.values()) for claim, cases in found.items()} == {
        "half-active": {"supported"},
        "exact-zeros": {"supported"},
        "no-exact-zeros": {"supported"},
        "sparse-trained": {"supported"},
        "l1-sparsity": {"supported"},
        "l1-harmless": {"supported"},
        "sparse-generalises": {"supported"},
        "zero-weights": {"supported"},
    }
    assert list(found["sparse-trained"]) == list(found["zero-weights"])
    assert list(found["sparse-trained"]) == [
        "MLP, without L1",
        "MLP, with L1",
        "CNN, without L1",
        "CNN, with L1",
    ]


def test_where_the_textbooks_are_wrong_sparsity_says_so():
    shares = {"relu": 0.2, "sigmoid": 0.01, "tanh": 0.01, "smooth_relu": 0.01}
    tables = made_up_tables(
        STUDY,
        zeros(shares, trained=0.4),
        accuracy=lambda t: 0.9 - 0.02 * (t.activity_l1 > 0) + 1e-4 * (t.seed % 7),
    )
    found = verdicts(STUDY, tables)
    assert {verdict for cases in found.values() for verdict in cases.values()} == {
        "contradicted"
    }
