"""The evaluation of a split, in parts."""

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.training import evaluation
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import assert_equal_tables

DIGITS = datasets.load("digits")
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}


def test_a_split_is_evaluated_in_parts_as_at_once(monkeypatch):
    small = SMALL | {"depth": 1, "epochs": 1}
    trials = [Trial(**small, seed=seed) for seed in range(2)]
    at_once = training.train(trials, jit_compile=False)
    monkeypatch.setattr(evaluation, "EVALUATED_AT_ONCE", 170)  # of 180, 360 and 1257
    in_parts = training.train(trials, jit_compile=False)
    assert_equal_tables(in_parts, at_once, 1e-6)
    # The last part is smaller: the mean of the parts' means is another.
    assert len(DIGITS.y_validation) == 180
