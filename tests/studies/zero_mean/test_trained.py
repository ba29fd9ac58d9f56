"""The offsets and the speed of trained ELU nets, on made-up tables."""

import pytest

from studies import zero_mean
from tests.studies.made_up_studies import made_up_tables, verdicts


@pytest.mark.parametrize(
    ("elu", "epochs", "verdict"),
    [(0.6, 3, "supported"), (0.9, 8, "contradicted")],
)
def test_offsets_are_averaged_over_layers_and_paired(elu, epochs, verdict):
    def measures(trial, epoch, layer):
        level = {"relu": 0.8, "elu": elu}.get(trial.activation, 0.1)
        offset = 0.1 * (layer - (trial.depth - 1) / 2) / trial.depth
        return {"mean_shift": level + offset + 0.001 * (trial.seed % 10)}

    def curves(trial, epoch):
        needed = {"relu": 6, "elu": epochs}.get(trial.activation, 1)
        return {"train_loss": 0.05 if epoch >= needed else 1.0}

    tables = made_up_tables(zero_mean.STUDY, measures, curves=curves)
    found = verdicts(zero_mean.STUDY, tables)
    assert found["elu-zero-mean"] == {
        f"{net}, {when} training": verdict
        for net in ("MLP", "CNN")
        for when in ("before", "after")
    }
    assert found["elu-faster"] == {"MLP, Adam": verdict}
