"""Inputs that say something of the targets, and inputs that were shuffled alone."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.relation import check
from tests.diagnosis.made_up_outputs import BCE, CCE, MSE, SPARSE, output

N = 300


def inputs_and_targets(rng, kind):
    labels = np.arange(N) % 4
    if kind == "numbers":
        x = rng.normal(size=(N, 2))
        return x, ("linear", 1, MSE, x[:, 0] + np.sin(2 * x[:, 1]))
    centres = rng.normal(size=(4, 3, 3))
    x = centres[labels] + 0.7 * rng.normal(size=(N, 3, 3))
    if kind == "one-hot":
        return x, ("softmax", 4, CCE, np.eye(4)[labels])
    return x, ("softmax", 4, SPARSE, labels)


@pytest.mark.parametrize("kind", ["numbers", "labels", "one-hot"])
def test_what_was_shuffled_alone_says_nothing_of_the_targets(kind, rng):
    x, of = inputs_and_targets(rng, kind)
    seen = output(*of)
    assert check([seen], x) == []
    (finding,) = check([seen], rng.permutation(x))
    assert (finding.kind, finding.certainty) == ("unrelated", "possible")
    assert "same permutation" in finding.advice


def test_columns_of_other_sizes_count_alike(rng):
    x, of = inputs_and_targets(rng, "labels")
    columns = np.c_[x.reshape(N, -1), 1e6 * rng.normal(size=N), np.ones(N)]
    assert check([output(*of)], columns) == []


def test_of_a_rare_class_the_nearest_says_little(rng):
    seen = output("sigmoid", 1, BCE, np.arange(N) < 10)
    assert check([seen], rng.normal(size=(N, 3))) == []


@pytest.mark.parametrize("num", [20, 99])
def test_few_examples_have_no_near_ones(num, rng):
    seen = output("softmax", 4, SPARSE, np.arange(num) % 4)
    assert check([seen], rng.normal(size=(num, 3))) == []


def test_texts_tokens_and_several_outputs_are_not_compared(rng):
    x, of = inputs_and_targets(rng, "labels")
    assert check([output(*of)] * 2, rng.permutation(x)) == []
    assert check([output(*of)], x.astype(str)) == []
    assert check([output(*of)], rng.permutation(x).astype(int)) == []
