"""The variables of a net in one row."""

import pandas as pd
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.training import packing
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import assert_equal_tables

SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, marks=pytest.mark.slow),
        pytest.param({"clipnorm": 0.1}, marks=pytest.mark.slow),
        {"depth": 1},
    ],
)
def test_variables_are_updated_together_as_alone(monkeypatch, settings):
    trials = [
        Trial(activation="prelu", seed=s, **SMALL | settings, learning_rate=0.01)
        for s in range(2)
    ]
    together = training.train(trials)
    monkeypatch.setattr(packing, "_BYTES_TOGETHER", 1)
    alone = training.train(trials)
    assert_equal_tables(together, alone, GROWN)
    pd.testing.assert_frame_equal(together.outputs, alone.outputs, atol=1e-5)
