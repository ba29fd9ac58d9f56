"""The claim on the circle, on made-up tables."""

import pytest

from studies.decision_boundary import STUDY
from tests.studies.made_up_studies import made_up_tables, verdicts


@pytest.mark.parametrize(
    ("accuracy", "verdict"), [(0.96, "supported"), (0.93, "contradicted")]
)
def test_the_circle_is_judged_by_the_net_with_leaky_relu_first(accuracy, verdict):
    def of(trial):
        return accuracy if trial.recipe == "leaky_first" else 0.5

    found = verdicts(STUDY, made_up_tables(STUDY, accuracy=of), "polygon")
    assert found["polygon"] == {"2-20-1 net": verdict}
