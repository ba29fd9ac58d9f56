"""Populations on TensorFlow, with XLA and without."""

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import (
    assert_equal_tables,
    keep,
    train_alone,
)

SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


def test_xla_changes_no_number_beyond_rounding():
    settings = {"optimizer": "adamw", "weight_decay": 0.3, "global_clipnorm": 0.1}
    trials = [Trial(activation="prelu", seed=s, **SMALL | settings) for s in range(2)]
    together = training.train(trials, jit_compile=True)
    assert list(together.trials["mode"]) == ["tensorflow-xla"] * 2
    alone = train_alone(trials[-1:], jit_compile=True)
    assert_equal_tables(keep(together, trials[-1:]), alone, GROWN)
