"""The claim on nets without activations, on made-up tables."""

import pytest

from studies.surroundings import STUDY
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.surroundings.made_up_noise import noise


@pytest.mark.parametrize(
    ("behind", "verdict"),
    [(0.3, "supported"), (0.1, "contradicted"), (-0.3, "contradicted")],
)
def test_a_net_without_activation_is_limited_where_relu_is_far_ahead(behind, verdict):
    def accuracy(trial):
        # What is learned of other data must not matter.
        if trial.dataset not in ("ring", "checkerboard"):
            return 0.7 + noise(trial)
        return 0.7 - behind * (trial.activation == "linear") + noise(trial)

    found = verdicts(STUDY, made_up_tables(STUDY, accuracy=accuracy))
    assert found["linear-limited"] == {
        "ring": verdict,
        "spiral": "contradicted",
        "checkerboard": verdict,
    }
