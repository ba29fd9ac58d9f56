"""Whether a change of a function is noticed."""

import functools

import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.code import code_of

WIDTH = 8
SCALES = np.array([1.0, 2.0])


def helper(x):
    return x + 1


def of_global(x):
    return helper(x) * WIDTH


def of_inner_function(x):
    return [(lambda value: helper(value) * WIDTH)(value) for value in x]


def of_array(x):
    return x * SCALES


def of_closure(width, how=helper):
    def build(x, depth=2):
        return how(x) * width + depth

    return build


def test_the_same_function_gives_the_same_text():
    assert code_of(of_closure(3)) == code_of(of_closure(3))
    assert code_of(of_global) == code_of(of_global)


def test_constants_of_closures_and_defaults_count():
    other = of_closure(3)
    other.__defaults__ = (5,)
    texts = {code_of(f) for f in (of_closure(3), of_closure(4), other)}
    assert len(texts) == 3


def test_functions_that_are_called_count(monkeypatch):
    before = code_of(of_global)
    monkeypatch.setitem(globals(), "WIDTH", 9)
    width = code_of(of_global)
    monkeypatch.setitem(globals(), "helper", lambda x: x + 2)
    assert len({before, width, code_of(of_global)}) == 3
    assert code_of(of_closure(3)) != code_of(of_closure(3, lambda x: x + 7))


def test_what_only_an_inner_function_uses_counts(monkeypatch):
    before = code_of(of_inner_function)
    monkeypatch.setitem(globals(), "WIDTH", 9)
    width = code_of(of_inner_function)
    monkeypatch.setitem(globals(), "helper", lambda x: x + 2)
    assert len({before, width, code_of(of_inner_function)}) == 3


@pytest.mark.parametrize(
    "other",
    [np.array([1.0, 3.0]), np.array([[1.0, 2.0]]), np.float32(2), np.float32(3)],
)
def test_arrays_and_their_numbers_count_by_value(monkeypatch, other):
    before = code_of(of_array)
    monkeypatch.setitem(globals(), "SCALES", np.array([1.0, 2.0]))
    assert code_of(of_array) == before
    monkeypatch.setitem(globals(), "SCALES", other)
    assert code_of(of_array) != before
    monkeypatch.setitem(globals(), "SCALES", other + 1)
    assert code_of(of_array) != before


def test_arguments_that_are_bound_count():
    one, other = (functools.partial(of_global, x=x) for x in (1, 2))
    assert code_of(one) != code_of(other)


def test_methods_and_callable_objects_have_a_text():
    class Builder:
        def build(self, x):
            return x

        def __call__(self, x):
            return x + 1

    assert code_of(Builder().build) != code_of(of_global)
    assert code_of(Builder()) != code_of(np.float64(1))
