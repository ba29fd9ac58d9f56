"""What each member starts from."""

import numpy as np

from keras_rectifiers.comparison.training.first_values import FirstValues, assign
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.training.task import Member
from tests.comparison.training.engine_cases import SPLITS, regression


def member(seed, start=None):
    return Member(seed=seed, split=SPLITS[0], start=start)


def test_what_a_start_gives_is_taken_and_the_rest_is_drawn():
    def start(model):
        return {model.variables[1].path: np.full(30, 7.0)}

    first = FirstValues(RecordedModel(regression))
    drawn, set_, other = map(first.of_member, (member(1), member(1, start), member(2)))
    np.testing.assert_array_equal(set_[1], np.full(30, 7, np.float32))
    assert set_[1].dtype == np.float32
    np.testing.assert_array_equal(set_[0], drawn[0])
    assert not np.array_equal(other[0], drawn[0])
    # The state for draws without a seed is the member's own too.
    assert set_[-1].tolist() == drawn[-1].tolist() != other[-1].tolist()


def test_the_variables_of_a_model_are_given_the_values():
    recorded = RecordedModel(regression)
    values = FirstValues(recorded).of_member(member(3))
    assign(recorded.model, values)
    for weight, value in zip(recorded.model.get_weights(), values, strict=False):
        np.testing.assert_array_equal(weight, value)
