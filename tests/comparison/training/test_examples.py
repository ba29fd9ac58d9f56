"""Examples in nests of any form."""

import keras
import numpy as np

from keras_rectifiers.comparison.training.examples import (
    Examples,
    examples_of,
    taken,
)
from keras_rectifiers.comparison.training.task import Data

X = {"left": np.arange(6.0).reshape(3, 2), "right": [np.arange(3)]}


def test_tensors_are_put_back_where_they_were():
    examples = Examples(Data(x=X, y=None, sample_weight=np.ones(3)))
    assert len(examples.tensors) == 3
    x, y, weight = examples.nest([t[1:] for t in examples.tensors])
    assert y is None and tuple(weight.shape) == (2,)
    np.testing.assert_array_equal(x["left"], X["left"][1:])
    np.testing.assert_array_equal(x["right"][0], [1, 2])


def test_fractions_have_the_default_type_of_keras_and_classes_stay_integers():
    left, right = Examples(Data(x=X, y=None)).tensors
    assert keras.backend.standardize_dtype(left.dtype) == "float32"
    assert "int" in keras.backend.standardize_dtype(right.dtype)


def test_examples_are_taken_by_their_indices():
    (taken_left, _) = taken(Examples(Data(x=X, y=None)).tensors, np.array([[2], [0]]))
    np.testing.assert_array_equal(taken_left, [[[4, 5]], [[0, 1]]])
    x, y, weight = examples_of(Data(x=X, y=[np.arange(3)]), np.array([2, 0]))
    assert weight is None
    np.testing.assert_array_equal(x["left"], [[4, 5], [0, 1]])
    np.testing.assert_array_equal(y[0], [2, 0])
