"""The studies of learned slopes and of zero mean, on made-up tables."""

import pytest

from studies import learned_slopes, zero_mean
from tests.made_up_studies import made_up_tables, verdicts


@pytest.mark.parametrize(
    ("first", "verdict"), [(0.5, "supported"), (0.25, "contradicted")]
)
def test_slopes_of_the_first_layer_are_compared_with_the_mean_of_the_others(
    first, verdict
):
    def outputs(trial):
        for layer in range(trial.depth):
            for unit, offset in enumerate((-0.1, 0.1)):
                # The others scatter around 0.2, and so do the channels.
                slope = first if layer == 0 else 0.2 + 0.01 * (layer % 2)
                yield layer, "negative_slope", unit, slope + offset + trial.seed / 1e4
            yield layer, "other", 0, 9.0

    tables = made_up_tables(learned_slopes.STUDY, outputs=outputs)
    assert verdicts(learned_slopes.STUDY, tables) == {
        "prelu-slopes": {
            "MLP, rate 0.001": verdict,
            "MLP, rate 0.01": verdict,
            "CNN, rate 0.01": verdict,
        }
    }


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
