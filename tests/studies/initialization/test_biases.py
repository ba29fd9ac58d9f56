"""Positive initial biases, on made-up tables with known answers."""

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import initialization
from studies.initialization import biases
from tests.studies.initialization.made_up_starts import starts
from tests.studies.made_up_studies import only, verdicts


@pytest.mark.parametrize(
    ("active", "verdict"), [(0.92, "supported"), (0.88, "contradicted")]
)
def test_nine_tenths_of_the_units_are_nearly_all(active, verdict):
    tables = starts(0.0, active, 2.3, 0.9)
    found = verdicts(initialization.STUDY, tables, "small-bias")
    assert found == {"small-bias": {"bias 0.1": verdict}}
    row = judge(only(initialization.STUDY, "small-bias"), tables).iloc[0]
    # In made-up nets the seeds 0 to 9 lack up to 0.0009 of it.
    assert row["estimate"] == pytest.approx(active - 4.5e-4)
    assert row["n"] == 10


@pytest.mark.parametrize(
    ("accuracy", "verdict"),
    [(0.9055, "supported"), (0.9045, "contradicted"), (0.89, "contradicted")],
)
def test_a_bias_has_to_gain_half_a_percentage_point(accuracy, verdict):
    tables = starts(0.0, 0.95, 2.3, accuracy)
    found = verdicts(initialization.STUDY, tables, "positive-bias-helps")
    assert found["positive-bias-helps"] == {
        f"bias {bias} against 0": verdict for bias in ("0.1", "0.5", "1")
    }


def test_nets_differ_by_their_bias_alone():
    trials = biases.trials(seeds=range(3), epochs=2)
    assert [(trial.bias, trial.seed) for trial in trials] == [
        (bias, seed) for bias in (0.0, 0.1, 0.5, 1.0) for seed in range(3)
    ]
    settings = [trial.settings() | {"bias": 0.0, "seed": 0} for trial in trials]
    assert all(own == settings[0] for own in settings)
