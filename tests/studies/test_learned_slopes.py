"""The study of learned slopes, on made-up tables with known answers."""

import pytest

from studies import learned_slopes
from tests.studies.made_up_studies import made_up_tables, verdicts


def outputs(first):
    def of_trial(trial):
        for layer in range(trial.depth):
            for unit, offset in enumerate((-0.1, 0.1)):
                # The others scatter around 0.2, and so do the channels.
                slope = first if layer == 0 else 0.2 + 0.01 * (layer % 2)
                yield layer, "negative_slope", unit, slope + offset + trial.seed / 1e4
            yield layer, "other", 0, 9.0

    return of_trial


@pytest.mark.parametrize(
    ("first", "verdict"), [(0.5, "supported"), (0.25, "contradicted")]
)
def test_slopes_of_the_first_layer_are_compared_with_the_mean_of_the_others(
    first, verdict
):
    tables = made_up_tables(learned_slopes.STUDY, outputs=outputs(first))
    assert verdicts(learned_slopes.STUDY, tables) == {
        "prelu-slopes": {
            "MLP, rate 0.001": verdict,
            "MLP, rate 0.01": verdict,
            "CNN, rate 0.01": verdict,
        }
    }


def test_the_spread_of_the_first_layers_slopes_is_told_in_numbers():
    tables = made_up_tables(learned_slopes.STUDY, outputs=outputs(0.05))
    figure = next(f for f in learned_slopes.STUDY.figures if f.name == "channels")
    assert figure.finding is not None
    said = figure.finding(tables)
    assert "between −0.05 and 0.15 (MLP, rate 0.001)" in said
    assert said.endswith("; 50.0% of them all are below 0.")
    panels = figure.draw(tables).axes
    # Of the first layer, whose slopes are of two values.
    assert [float(line.get_xdata()[0]) for line in panels[0].lines[1:2]] == [
        pytest.approx(0.05, abs=0.001)
    ]
