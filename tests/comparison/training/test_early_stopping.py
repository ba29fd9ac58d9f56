"""Early stopping of a population against Keras's callback."""

import keras
import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.training import early_stopping
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import (
    assert_equal_tables,
    keep,
    train_alone,
)

DIGITS = datasets.load("digits")
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


@pytest.mark.slow
def test_a_member_that_stops_early_keeps_its_weights_while_the_others_go_on():
    settings = SMALL | {"activation": "prelu", "dropout": 0.1, "optimizer": "sgd"}
    settings |= {"depth": 2, "epochs": 4, "patience": 1, "seed": 1}
    trials = [Trial(learning_rate=rate, **settings) for rate in (0.5, 1.6, 1e30)]
    together = training.train(trials)
    alone = train_alone(trials[:2])
    assert_equal_tables(keep(together, trials[:2]), alone, GROWN)
    stopped = together.trials.set_index("learning_rate").stopped_epoch
    assert stopped.isna()[0.5] and stopped[1.6] == stopped[1e30] == 2
    assert together.measurements.groupby("key").epoch.max().to_dict() == {
        trial.key(DIGITS.checksum, backend="tensorflow"): epoch
        for trial, epoch in zip(trials, [4, 2, 2], strict=True)
    }
    # The slopes, too, are those of the epoch at which it stopped.
    grain = ["key", "epoch", "layer", "index"]
    pd.testing.assert_series_equal(
        keep(together, trials[:2]).outputs.set_index(grain).value.sort_index(),
        alone.outputs.set_index(grain).value.sort_index(),
        atol=1e-5,
    )


def test_members_stop_when_keras_stops_a_net(rng):
    losses = rng.normal(size=(12, 40))
    losses[5:, 0] = losses[:, 1] = np.nan
    for patience in (1, 3):
        ours = early_stopping.EarlyStopping(patience, 40)
        stops = np.array([ours.stops(epoch) for epoch in losses])
        for member in range(40):
            model = keras.Sequential()
            theirs = keras.callbacks.EarlyStopping(mode="min", patience=patience)
            theirs.set_model(model)
            theirs.on_train_begin()
            for epoch, loss in enumerate(losses[:, member]):
                model.stop_training = False
                theirs.on_epoch_end(epoch, {"val_loss": loss})
                assert model.stop_training == stops[epoch, member]
                if model.stop_training:
                    break
    assert not early_stopping.EarlyStopping(0, 40).stops(losses[0]).any()
