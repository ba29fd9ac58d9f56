"""What the members of a population compute together."""

import numpy as np
import pytest

from keras_rectifiers.comparison.training import backends
from keras_rectifiers.comparison.training.examples import Examples
from keras_rectifiers.comparison.training.first_values import FirstValues
from keras_rectifiers.comparison.training.programs import Programs
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from tests.comparison.training.engine_cases import data, members, numbers, regression

POINTS = data(numbers(1), np.sin(numbers(1)))


@pytest.fixture(scope="module")
def programs():
    return Programs(
        RecordedModel(regression).model,
        Examples(POINTS),
        2,
        backends.current(),
        sites=[],
        monitor="loss",
        has_rates=False,
    )


@pytest.fixture(scope="module")
def values(programs):
    first = FirstValues(RecordedModel(regression))
    return programs.initial([first.of_member(member) for member in members()])


def test_each_member_is_evaluated_on_its_own_examples(programs, values):
    rows = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    tensors, totals = programs.examples.tensors, programs.no_totals()
    own, _, (mae,) = programs.evaluate(values, totals, rows, tensors)
    for member in range(2):
        same, _, (error,) = programs.evaluate(values, totals, rows[member], tensors)
        assert float(own[member]) == pytest.approx(float(same[member]), rel=1e-6)
        assert float(mae[member]) == pytest.approx(float(error[member]), rel=1e-6)
    assert float(own[0]) != pytest.approx(float(own[1]), rel=1e-2)


def test_the_metrics_of_two_cuts_are_those_of_all_examples(programs, values):
    rows, tensors = np.arange(9, dtype=np.int32), programs.examples.tensors
    _, _, (whole,) = programs.evaluate(values, programs.no_totals(), rows, tensors)
    totals = programs.no_totals()
    for cut in (rows[:4], rows[4:]):
        _, totals, (mae,) = programs.evaluate(values, totals, cut, tensors)
    np.testing.assert_allclose(mae, whole, rtol=1e-6)


def test_only_the_chosen_members_get_new_values(programs, values):
    first = FirstValues(RecordedModel(regression))
    drawn = [first.of_member(member) for member in members()]
    new = programs.initial([[v + 1 for v in of_member] for of_member in drawn])
    kept = programs.chosen(np.array([True, False]), new, values)
    for old, changed, given in zip(
        values.trainable, kept.trainable, new.trainable, strict=True
    ):
        np.testing.assert_array_equal(changed[0], given[0])
        np.testing.assert_array_equal(changed[1], old[1])
