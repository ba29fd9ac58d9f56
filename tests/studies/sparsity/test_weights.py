"""Zeros among the weights, on made-up tables with known answers."""

import pytest

from studies.sparsity import weights
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.sparsity.made_up_zeros import SHARES, STUDY, zeros


@pytest.mark.parametrize(
    ("factor", "verdict"), [(2, "supported"), (0.5, "contradicted")]
)
def test_some_weights_have_to_be_zero_after_training(factor, verdict):
    measures = zeros(SHARES, weights=factor * weights.SOME)
    found = verdicts(STUDY, made_up_tables(STUDY, measures))["zero-weights"]
    assert len(found) == 4 and set(found.values()) == {verdict}
