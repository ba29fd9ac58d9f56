"""Data as users give them: read into arrays, and refused before anything is trained."""

import keras
import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.comparing.examples import labels_of, read_examples


def xy(num=30, classes=3):
    x = np.arange(num * 2, dtype=float).reshape(num, 2)
    return x, np.arange(num) % classes


def test_x_and_y_are_read_with_their_classes():
    x, y = xy()
    examples = read_examples((x, y))
    assert examples.num_train == 30
    assert examples.num_validation == examples.num_test == 0
    np.testing.assert_array_equal(examples.data.x, x)
    assert examples.data.x.dtype == np.float32
    np.testing.assert_array_equal(examples.labels, y)


def test_three_parts_stay_what_they_are():
    (x, y), (v, w), (t, u) = xy(30), xy(12), xy(6)
    examples = read_examples(((x, y), (v, w), (t, u)))
    given = examples.given()
    assert [len(part) for part in given] == [30, 12, 6]
    np.testing.assert_array_equal(examples.data.x[given.test], t)
    np.testing.assert_array_equal(examples.data.y[given.validation], w)


def test_two_parts_are_for_training_and_test_as_in_keras_datasets():
    examples = read_examples((xy(30), xy(6)))
    assert (examples.num_train, examples.num_validation, examples.num_test) == (
        30,
        0,
        6,
    )


def test_sample_weights_and_several_inputs_are_kept():
    x, y = xy()
    weight = np.ones(30)
    examples = read_examples(({"a": x, "b": x[:, :1]}, y, weight))
    assert set(examples.data.x) == {"a", "b"}
    assert examples.data.sample_weight.dtype == np.float32


def test_frames_and_lists_are_arrays():
    x, y = xy()
    frame = pd.DataFrame(x, columns=["a", "b"])
    for given in ((frame, pd.Series(y)), (x.tolist(), y.tolist())):
        examples = read_examples(given)
        np.testing.assert_array_equal(examples.data.x, x)
        np.testing.assert_array_equal(examples.data.y, y)


def test_the_checksum_changes_with_a_number_a_part_and_a_type():
    x, y = xy()
    changed = x.copy()
    changed[3, 1] += 1
    given = [
        (x, y),
        (changed, y),
        (x, y, np.ones(30)),
        (x, y.astype("uint8")),
        ((x[:20], y[:20]), (x[20:], y[20:])),
        ((x[:25], y[:25]), (x[25:], y[25:])),
    ]
    assert len({read_examples(data).data.checksum for data in given}) == len(given)
    assert (
        read_examples((x, y)).data.checksum
        == read_examples((x.copy(), y.copy())).data.checksum
    )


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        (np.array([2, 5, 2]), [0, 1, 0]),
        (np.array([[0], [1], [1]]), [0, 1, 1]),
        (np.array([0.0, 1.0, 1.0]), [0, 1, 1]),
        (np.array([[0, 1.0], [1, 0], [0, 1]]), [1, 0, 1]),
        (np.array([[1, 1], [1, 0], [0, 1]]), None),
        (np.array([0.1, 2.0, 3.0]), None),
        (np.arange(100), None),
        ({"a": np.array([0, 1]), "b": np.array([0, 1])}, None),
    ],
)
def test_classes_are_told_from_other_targets(y, labels):
    found = labels_of(y)
    if labels is None:
        assert found is None
    else:
        assert found.tolist() == labels


X, Y = xy()
LOST = X.copy()
LOST[4, 0] = np.nan


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((LOST, Y), "x of data .* finite .* Received: 1 that are NaN.* of 60"),
        ((X, np.where(Y == 1, np.inf, Y)), "Expected y of data to hold finite"),
        ((X * 1e300, Y), "too large"),
        ((X, Y[:29]), "as many examples as x. Received: 30 in x and 29 in y"),
        ((X, Y, np.ones(29)), "29 in sample_weight"),
        ((X, Y, -np.ones(30)), "sample weights of data of at least 0"),
        ((X, 0 * Y), "at least two classes. Received: only one, in all 30"),
        ((X, np.full(30, 0.5)), "to differ. Received: the same target in all 30"),
        (((X, 0.5 + 0 * Y), (X, Y + 0.5)), "to differ. Received: the same target"),
        ((X, np.where(Y == 2, np.arange(30) < 3, 7)), "at least three examples"),
        ((X[:5], Y[:5]), "at least 20 examples.* Received: 5"),
        ((X, None), "Expected targets in data. Received: y=None"),
        ((X, np.array(["a", "b", "c"] * 10)), "hold numbers. Number the classes first"),
        ((X[:0], Y[:0]), r"Received: the shape \(0, 2\)"),
        (((X, Y), (X[:, :1], Y)), r"the same shapes .* Received: \[\(2,\), \(1,\)\]"),
        (((X, Y), (LOST, Y)), "x of the test part .* finite"),
        (((X, Y), (X, Y, Y)), "the same structure"),
    ],
)
def test_bad_data_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        read_examples(data)


@pytest.mark.parametrize(
    "data", [X, (X,), [X, Y], ((X, Y), Y), (X, Y, Y, Y), ((X,),) * 2]
)
def test_what_is_no_data_is_refused_with_the_forms_that_are(data):
    with pytest.raises(TypeError, match=r"Expected `data` to be \(x, y\)"):
        read_examples(data)


def test_a_loader_stands_for_a_part():
    class Batches(keras.utils.PyDataset):
        num_batches = 3

        def __getitem__(self, index):
            part = slice(10 * index, 10 * index + 10)
            return X[part], Y[part]

    examples = read_examples((Batches(), xy(6)))
    assert (examples.num_train, examples.num_test) == (30, 6)
    np.testing.assert_array_equal(examples.data.x[:30], X)
