"""The order of the examples."""

import numpy as np

from keras_rectifiers.comparison.training.example_order import example_order
from keras_rectifiers.comparison.trials.trial import Trial


def test_the_order_of_the_data_depends_on_seed_and_epoch_alone():
    one = example_order(Trial(seed=1), 100, 1)
    assert one.shape == (3, 32)
    assert len(np.unique(one)) == 96
    assert np.array_equal(one, example_order(Trial(seed=1, activation="elu"), 100, 1))
    assert not np.array_equal(one, example_order(Trial(seed=2), 100, 1))
    assert not np.array_equal(one, example_order(Trial(seed=1), 100, 2))
