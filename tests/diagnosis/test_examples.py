"""Examples from arrays and from data that arrive in batches."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.diagnosis.examples import (
    MOST_EXAMPLES,
    NUM_EXAMPLES,
    at_most,
    finite,
    taken,
    with_lost,
)

X, Y = np.arange(1400.0).reshape(700, 2), np.arange(700)


class Batches(keras.utils.PyDataset):
    @property
    def num_batches(self):
        return 7

    def __getitem__(self, index):
        rows = slice(100 * index, 100 * index + 100)
        return {"a": X[rows]}, Y[rows]


def test_arrays_are_taken_as_they_are():
    assert taken(X, Y) == (X, Y) or taken(X, Y)[0] is X


def test_of_a_data_set_the_first_examples_are_taken():
    x, y = taken(Batches(), None)
    np.testing.assert_array_equal(x["a"], X[:NUM_EXAMPLES])
    np.testing.assert_array_equal(y, Y[:NUM_EXAMPLES])


def test_a_generator_is_read_no_further_than_needed():
    numbers = iter(range(100))
    batches = ((X[:64], Y[:64], np.ones(64)) for _ in numbers)
    x, y = taken(batches, None)
    assert len(x) == len(y) == NUM_EXAMPLES
    assert next(numbers) == NUM_EXAMPLES // 64


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([X[:4]].__iter__(), "Expected a data set whose batches are (x, y) or "),
        (iter([]), "Expected a data set with batches. Received: none."),
        (iter([(1.0, 2)]), "Expected a data set of batches. Add .batch(32). "),
        (iter([(X[0], Y[0])]), "Expected a data set of batches. Add .batch(32). "),
        (
            X,
            "Expected the targets y beside the inputs x, as in diagnose(model, x, y), ",
        ),
        ((X, Y), "Expected the targets y beside the inputs x, "),
    ],
)
def test_what_holds_no_batches_of_examples_is_refused(data, message):
    with pytest.raises(ValueError) as raised:
        taken(data, None)
    assert str(raised.value).startswith(message)


def test_batches_of_another_size_than_the_first_are_passed_over():
    lengths = [3, 4, 3, 3, 4]
    batches = [(np.full((20, length), i), Y[:20]) for i, length in enumerate(lengths)]
    x, y = taken(iter(batches), None)
    assert x[::20, 0].tolist() == [0, 2, 3] and x.shape == (60, 3) and len(y) == 60


def test_no_end_is_waited_for_where_the_sizes_differ():
    sizes = iter([3])
    batches = ((np.zeros((2, next(sizes, 4))), Y[:2]) for _ in iter(int, 1))
    assert len(taken(batches, None)[0]) == 2


def test_a_data_set_has_its_targets():
    with pytest.raises(ValueError, match=r"data set alone.*Leave y out"):
        taken(Batches(), Y)


def test_of_many_examples_some_from_all_parts_are_taken():
    many = np.arange(3 * MOST_EXAMPLES)
    x, y = at_most({"a": many[:, None]}, many)
    assert len(y) == MOST_EXAMPLES and (y[0], y[-1]) == (0, many[-1])
    assert set(np.diff(y)) <= {2, 3, 4}
    np.testing.assert_array_equal(x["a"][:, 0], y)


@pytest.mark.parametrize(
    "given", [(X, Y), ([[1.0, 2.0]] * 3000, Y), (np.zeros((3000, 2)), np.zeros(2900))]
)
def test_few_examples_and_what_does_not_fit_are_left(given):
    assert at_most(*given)[0] is given[0]


def test_examples_that_are_not_finite_are_left_out():
    x, y = X[:8].copy(), [Y[:8] * 1.0, Y[:8]]
    assert finite(x, y) == (x, y, []) or finite(x, y)[0] is x
    x[2, 0], y[0][5] = np.nan, np.inf
    kept, (targets, _), found = finite(x, y)
    assert [finding.kind for finding in found] == ["not finite data"] * 2
    np.testing.assert_array_equal(targets, [0, 1, 3, 4, 6, 7])
    np.testing.assert_array_equal(kept, X[[0, 1, 3, 4, 6, 7]])
    x[:] = np.nan
    assert finite(x, y)[0] is x


def test_columns_that_are_lost_leave_the_examples_as_they_are():
    x, y = X[:8].copy(), Y[:8]
    x[:, 1] = np.nan
    kept, targets, found = finite(x, y)
    assert [finding.kind for finding in found] == ["not finite data"]
    np.testing.assert_array_equal(targets, y)
    np.testing.assert_array_equal(kept, X[:8] * [1, 0])


def test_some_of_them_are_taken_beside_others():
    x, y = X.copy(), Y.copy()
    like = (ops.zeros((2, 2)), ops.zeros(2, "int32"))
    assert with_lost(x, y, like=like) is None
    x[3, 0] = x[600:, 1] = np.nan
    few, targets = with_lost(x, y, like=like)
    few, targets = map(ops.convert_to_numpy, (few, targets))
    assert (few.dtype, targets.dtype) == ("float32", "int32")
    assert len(few) == 128 and np.isnan(few).any(1).sum() == 64
    np.testing.assert_array_equal(few, X[targets] * np.where(np.isnan(few), np.nan, 1))
    assert with_lost([x, x], y, like=like) is None
