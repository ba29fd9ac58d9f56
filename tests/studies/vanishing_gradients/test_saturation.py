"""The claim on saturation, on made-up tables with known answers."""

import pytest

from studies.vanishing_gradients import STUDY
from tests.studies.made_up_studies import made_up_tables, verdicts


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.2, "supported"), (0.05, "contradicted")]
)
def test_saturation_is_averaged_over_the_layers_of_the_trained_deep_nets(
    share, verdict
):
    def measures(trial, epoch, layer):
        if trial.activation not in ("sigmoid", "tanh"):
            return {}
        # What is not trained, or not the first or last epoch, must not matter.
        is_judged = trial.depth == 20 and trial.epochs and epoch in (0, trial.epochs)
        offset = 0.02 * (layer - (trial.depth - 1) / 2) / trial.depth
        level = share + offset if is_judged else 0.1
        return {"saturation": level + 1e-4 * (trial.seed % 10)}

    tables = made_up_tables(STUDY, measures)
    assert verdicts(STUDY, tables, "saturates")["saturates"] == {
        f"{activation}, {when}": verdict
        for activation in ("sigmoid", "tanh")
        for when in (
            "before training",
            "after training by Adam",
            "after training by SGD",
        )
    }
