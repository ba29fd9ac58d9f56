"""The claims of the study of what surrounds an activation, on made-up tables."""

import pytest

from studies import surroundings
from tests.made_up_studies import made_up_tables, verdicts

STUDY = surroundings.STUDY


def noise(trial) -> float:
    return 1e-4 * ((7 * trial.seed + len(trial.activation)) % 11)


@pytest.mark.parametrize(
    ("behind", "verdict"),
    [(0.3, "supported"), (0.1, "contradicted"), (-0.3, "contradicted")],
)
def test_a_net_without_activation_is_limited_where_relu_is_far_ahead(behind, verdict):
    def accuracy(trial):
        # What is learned of other data must not matter.
        if trial.dataset not in ("ring", "checkerboard"):
            return 0.6 + noise(trial)
        return 0.6 - behind * (trial.activation == "linear") + noise(trial)

    found = verdicts(STUDY, made_up_tables(STUDY, accuracy=accuracy))
    assert found["linear-limited"] == {
        "ring": verdict,
        "spiral": "contradicted",
        "checkerboard": verdict,
    }
