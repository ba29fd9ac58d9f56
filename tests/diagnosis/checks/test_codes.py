"""Numbers of categories, and amounts."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks import data
from keras_rectifiers.diagnosis.checks.codes import check
from tests.diagnosis.made_up_outputs import CCE, MSE, SPARSE, output

NUM = 600


def of(targets, loss=SPARSE):
    targets = np.asarray(targets, float)
    units = targets.shape[1] if targets.ndim > 1 else 3
    return output("softmax", units, loss, targets, prediction=np.zeros((NUM, units)))


def table(rng, codes):
    return np.c_[rng.normal(size=NUM), codes].astype("float32")


@pytest.mark.parametrize("form", ["labels", "one-hot", "numbers"])
def test_the_numbers_of_categories_say_nothing_by_their_size(rng, form):
    codes = rng.integers(0, 30, NUM)
    classes = rng.permutation(np.arange(30) % 3)[codes]
    seen = {
        "labels": of(classes),
        "one-hot": of(np.eye(3)[classes], CCE),
        "numbers": of(rng.normal(size=30)[codes] + 0.1 * rng.normal(size=NUM), MSE),
    }[form]
    finding = check(seen, table(rng, codes))
    assert finding is not None
    assert (finding.kind, finding.certainty) == ("codes", "possible")
    assert finding.observation.startswith(
        "column 1 of the inputs holds values at equal"
    )


@pytest.mark.parametrize(
    "scale",
    [lambda n: n / 29, lambda n: (n - 14.5) / 8.7, lambda n: 2 * n + (n > 3)],
)
def test_numbers_of_categories_stay_so_when_they_are_scaled(rng, scale):
    codes = rng.integers(0, 30, NUM)
    seen = of(rng.permutation(np.arange(30) % 3)[codes])
    assert check(seen, table(rng, scale(codes))) is not None


@pytest.mark.parametrize(
    "make",
    [
        # An amount: more of it is another class.
        lambda rng: (n := rng.integers(0, 30, NUM), n // 10),
        lambda rng: (n := rng.integers(0, 30, NUM), (n > 20) + (n > 10) * 1),
        # It says nothing, or there are too few values, or too few of each.
        lambda rng: (rng.integers(0, 30, NUM), np.arange(NUM) % 3),
        lambda rng: (n := rng.integers(0, 5, NUM), n % 3),
        lambda rng: (rng.permutation(NUM), np.arange(NUM) % 3),
        # Not at equal steps.
        lambda rng: (np.sqrt(n := rng.integers(0, 30, NUM)), n % 3),
    ],
)
def test_amounts_are_left_in_peace(rng, make):
    codes, classes = make(rng)
    assert check(of(classes), table(rng, codes)) is None


def test_integers_may_be_the_rows_of_an_embedding(rng):
    codes = rng.integers(0, 30, NUM)
    seen = of(rng.permutation(np.arange(30) % 3)[codes])
    assert check(seen, codes[:, None].astype("int32")) is None
    assert check(seen, codes[:, None].astype("float32")) is not None


def test_the_inputs_of_an_output_are_looked_at(rng):
    codes = rng.integers(0, 30, NUM)
    seen = of(rng.permutation(np.arange(30) % 3)[codes])
    (finding,) = data.check_targets([seen], table(rng, codes))
    assert finding.kind == "codes"
