"""Whether pre-training is needed, on made-up tables with known answers."""

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import vanishing_gradients
from studies.vanishing_gradients import pretraining
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.vanishing_gradients.made_up_variants import (
    PRETRAINED,
    WHOLE,
    is_plain,
)

STUDY = vanishing_gradients.STUDY


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        (0.0, "supported"),
        (-0.3, "supported"),
        (0.03, "contradicted"),
        (0.01, "inconclusive"),
    ],
)
def test_pretraining_is_not_needed_where_it_gains_at_most_a_point(gain, verdict):
    def accuracy(trial):
        if trial.activation != "relu" or not is_plain(trial):
            return 0.1  # which must not matter
        noise = 0.001 * (trial.seed % 7 - 3) * (1 + bool(trial.pretraining))
        return 0.6 + noise + gain * bool(trial.pretraining)

    found = verdicts(WHOLE, made_up_tables(WHOLE, accuracy=accuracy))
    assert found["no-pretraining"] == {
        "relu, MLP, Adam": verdict,
        "relu, MLP, SGD": verdict,
    }


def test_pretraining_that_a_profile_leaves_out_is_no_training_lost():
    frame = judge(STUDY, made_up_tables(STUDY))
    rows = frame[frame["claim"] == "no-pretraining"]
    assert (rows["n"] == 0).all() and (rows["num_excluded"] == 0).all()
    assert rows["sentence"].str.contains("there are no trials").all()


def test_pretrained_and_plain_nets_share_a_grid_and_their_graphs():
    for grid in PRETRAINED:
        assert [(t.activation, t.pretraining) for t in grid.nets] == [
            (activation, epochs)
            for epochs in (0, pretraining.EPOCHS)
            for activation in ("relu", "sigmoid", "tanh")
        ]
        assert len({trial.population() for trial in grid.nets}) == 3
