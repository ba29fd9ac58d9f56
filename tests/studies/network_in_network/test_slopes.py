"""The claim on the slopes that PReLU learns, on made-up tables."""

import pytest

from studies.network_in_network import STUDY
from tests.studies.made_up_studies import verdicts
from tests.studies.network_in_network.made_up_rectifiers import tables


@pytest.mark.parametrize(
    ("slopes", "verdict"),
    [
        ((0.5, 0.1), "supported"),
        ((0.3, 0.3), "contradicted"),
        ((0.1, 0.5), "contradicted"),
    ],
)
def test_the_slope_of_the_first_layer_has_to_be_larger_at_the_best_rate(
    slopes, verdict
):
    found = verdicts(STUDY, tables(slopes=slopes))
    assert found["prelu-slopes"] == {"PReLU": verdict}
