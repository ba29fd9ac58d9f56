"""What layers and functions say of arguments that they cannot take."""

import numpy as np
import pytest

from keras_rectifiers import Maxout, PReLU, ShiftedReLU, SmoothReLU
from keras_rectifiers.arguments import shown


def test_booleans_of_numpy_are_taken_as_its_numbers_are():
    assert PReLU(shared=np.True_).shared is True
    assert SmoothReLU(learnable=np.False_).learnable is False


@pytest.mark.parametrize("value", [0, 1, "yes", None, np.array([True])])
def test_what_is_no_boolean_is_no_flag(value):
    with pytest.raises(TypeError, match="expects `shared` to be True or False"):
        PReLU(shared=value)


@pytest.mark.parametrize(
    ("layer", "argument", "value"),
    [(Maxout, "units", -(10**5000)), (ShiftedReLU, "threshold", 10**5000)],
    ids=["units", "threshold"],
)
def test_a_number_of_thousands_of_digits_is_refused_by_name(layer, argument, value):
    with pytest.raises(ValueError) as raised:
        layer(**{argument: value})
    assert f"{layer.__name__} expects `{argument}` to be" in str(raised.value)


def test_a_value_is_shown_in_one_line_and_cut_where_it_is_long():
    assert shown("a  b\n") == repr("a  b\n")
    assert shown(np.eye(2)) == "array([[1., 0.], [0., 1.]])"
    assert shown("x" * 1000) == "'" + "x" * 199 + "..."
    assert shown([10**5000]) == "a value of type list that is too long to show"


def test_a_value_that_cannot_be_shown_is_named_by_its_type():
    class Deleted:
        def __repr__(self):
            raise RuntimeError("Array has been deleted")

    assert shown([Deleted()]) == "a value of type list that cannot be shown"
