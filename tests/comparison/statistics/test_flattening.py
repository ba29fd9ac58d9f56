"""Whether nets still got better at the end of their training."""

import numpy as np
import pytest

from keras_rectifiers.comparison.statistics import falls_at_the_end
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.made_up_curves import tables_of_curves


def nets(num_seeds: int = 8, **settings) -> list[Trial]:
    return [Trial(**{"epochs": 8, **settings}, seed=seed) for seed in range(num_seeds)]


def falls(trials, loss):
    """The falls of nets whose validation loss is `loss(trial, epoch)`."""
    return falls_at_the_end(
        tables_of_curves(trials, lambda trial, epoch: (0.5, loss(trial, epoch), 1.0))
    )


def noise(trial: Trial, epoch: int) -> float:
    return 0.001 * (trial.seed - 3.5) * epoch


@pytest.mark.parametrize(
    ("epochs", "first"), [(2, 1), (3, 2), (5, 4), (8, 6), (20, 15), (60, 45)]
)
def test_the_fall_is_that_of_the_last_quarter_by_the_epoch(epochs, first):
    def loss(trial, epoch):
        # It falls fast up to there.
        return 3.0 - 0.02 * epoch + 10 * max(first - epoch, 0) + noise(trial, epoch)

    (found,) = falls(nets(epochs=epochs), loss).to_dict("records")
    assert found["fall"] == pytest.approx(0.02)
    assert found["low"] > 0.01 and found["high"] < 0.03
    assert (found["n"], found["is_falling"]) == (8, True)


@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_a_loss_that_stays_or_rises_has_flattened(slope):
    found = falls(nets(), lambda t, e: 1.0 + slope * e + noise(t, e))
    assert list(found["is_falling"]) == [False]


def test_too_few_seeds_cannot_tell_a_fall():
    def falling(trial, epoch):
        return 3.0 - 0.1 * epoch

    assert not falls(nets(5), falling)["is_falling"].any()
    assert falls(nets(6), falling)["is_falling"].all()


def test_each_net_counts_at_its_rate_of_the_lowest_loss_and_the_fastest_is_first():
    trials = [
        *nets(activation="tanh", learning_rate=0.01),
        *nets(activation="relu", learning_rate=0.01),
        *nets(activation="relu", learning_rate=0.001),
    ]

    def loss(trial, epoch):
        speed = 0.05 if trial.activation == "relu" else 0.01
        # At the small rate a net falls faster, and ends higher.
        return (1.0 if trial.learning_rate == 0.01 else 9.0) - epoch * (
            speed if trial.learning_rate == 0.01 else 0.5
        )

    found = falls(trials, loss)
    assert list(found["activation"]) == ["relu", "tanh"]
    assert list(found["learning_rate"]) == [0.01, 0.01]
    assert found["fall"].to_numpy() == pytest.approx([0.05, 0.01])


def test_a_diverged_net_has_no_fall_and_counts_against_its_rate():
    trials = [*nets(learning_rate=0.01), *nets(learning_rate=0.1)]

    def loss(trial, epoch):
        if trial.seed < (5 if trial.learning_rate == 0.1 else 1) and epoch > 6:
            return np.nan
        return (1.0 if trial.learning_rate == 0.01 else 0.5) - 0.01 * epoch

    (found,) = falls(trials, loss).to_dict("records")
    # Of the large rate five of eight are lost, however low the loss of the others is.
    assert (found["learning_rate"], found["n"]) == (0.01, 7)


def test_nets_of_a_single_epoch_are_left_out():
    assert falls(nets(epochs=1), lambda t, e: 1.0).empty
