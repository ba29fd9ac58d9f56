"""What a large negative bias kills, on made-up tables with known answers."""

import pytest

from studies.dying_relu import STUDY
from tests.studies.dying_relu.made_up_deaths import RIGHT, dead
from tests.studies.made_up_studies import made_up_tables, verdicts


@pytest.mark.parametrize(
    ("bias_kills", "verdict"), [(0.2, "supported"), (0.05, "contradicted")]
)
def test_a_bias_has_to_kill_a_tenth_before_and_after_training(bias_kills, verdict):
    tables = made_up_tables(STUDY, dead(RIGHT, bias_kills=bias_kills))
    found = verdicts(STUDY, tables, "dead-by-bias")["dead-by-bias"]
    assert found == {
        "bias −1, before training": verdict,
        "bias −1, after training": verdict,
    }
