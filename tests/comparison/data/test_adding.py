"""The adding problem: two marked numbers, one in each half, and their sum."""

import numpy as np
import pytest

from keras_rectifiers.comparison.data import adding, datasets
from keras_rectifiers.comparison.trials.trial import Trial


@pytest.mark.parametrize("length", [3, 10])
def test_two_numbers_are_marked_one_in_each_half_and_the_target_is_their_sum(length):
    arrays = adding.make(length)
    for split, size in (("train", adding.NUM_TRAIN), ("test", adding.NUM_TEST)):
        x, y = arrays[f"x_{split}"], arrays[f"y_{split}"]
        assert (x.shape, y.shape) == ((size, length, 2), (size, 1))
        numbers, marks = x[..., 0], x[..., 1]
        assert 0 <= numbers.min() < 0.01 and 0.99 < numbers.max() <= 1
        assert set(marks.ravel()) == {0, 1}
        for half in (marks[:, : length // 2], marks[:, length // 2 :]):
            assert (half.sum(axis=1) == 1).all()
            assert (half.sum(axis=0) > 0).all()
        np.testing.assert_allclose(y[:, 0], (numbers * marks).sum(axis=1), atol=2e-6)


def test_who_guesses_the_mean_errs_by_a_sixth():
    y = adding.make(20)["y_train"]
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, abs=0.01)


@pytest.mark.parametrize("length", adding.LENGTHS)
def test_each_length_has_a_name(length):
    trial = Trial(
        dataset=f"adding_{length}",
        architecture="rnn",
        initializer="glorot",
        depth=length,
    )
    description = datasets.describe(trial)
    assert description.input_shape == (length, 2)
    assert (description.num_classes, description.num_outputs) == (0, 1)


def test_a_recurrent_net_needs_as_many_steps_as_its_data():
    def described(depth, dataset="adding_10"):
        return datasets.describe(
            Trial(
                dataset=dataset, architecture="rnn", initializer="glorot", depth=depth
            )
        )

    described(8, "digits")
    with pytest.raises(ValueError) as caught:
        described(9)
    assert str(caught.value) == (
        "Trial's depth must be the number of time steps of the data with 'rnn'. "
        "Received: 9, and 'adding_10' has 10 time steps."
    )
    with pytest.raises(ValueError, match="'ring' has no time steps"):
        described(2, "ring")
