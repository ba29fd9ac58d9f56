"""The study of learned slopes, on made-up tables with known answers."""

import pytest

from studies import learned_slopes
from tests.studies.made_up_studies import made_up_tables, verdicts


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
