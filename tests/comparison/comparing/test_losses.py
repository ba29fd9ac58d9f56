"""Losses that do not fit, found before training."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.losses import check_loss
from keras_rectifiers.comparison.training.task import Data
from tests.comparison.comparing.made_up_work import compiled, contenders, data

X, Y = data()
SPARSE = keras.losses.SparseCategoricalCrossentropy
BINARY = keras.losses.BinaryCrossentropy


def check(build, y=Y, x=X):
    model = build(contenders()[0].make)
    outputs = keras.ops.convert_to_numpy(model(x))
    check_loss(model, Data(x=x, y=y), outputs, "relu")


@pytest.mark.parametrize(
    ("build", "y"),
    [
        (compiled(), Y),
        (compiled("categorical_crossentropy"), np.eye(3, dtype="float32")[Y]),
        (compiled("mse", units=1, last=None), X[:, 0]),
        (compiled("mse", units=1, last=None), X[:, :1]),
        (compiled(BINARY(from_logits=True), units=1, last=None), Y % 2),
        (compiled("binary_crossentropy", units=1, last="sigmoid"), np.float32(Y % 2)),
        (compiled(SPARSE(from_logits=True), last=None), np.float32(Y)[:, None]),
        (compiled("mse", units=1, last="sigmoid"), Y / 2),
        (compiled(lambda y, p: keras.ops.mean(p, -1), last=None), X),
    ],
)  # fmt: skip
def test_losses_that_fit_pass(build, y):
    check(build, y)


@pytest.mark.parametrize(
    ("build", "y", "message"),
    [
        (compiled("mse"), Y, "'mse' compares outputs .* use sparse_categorical"),
        (
            compiled("mse", units=2),
            X[:, 0],
            r"outputs of shape \(None, 2\) and targets",
        ),
        (compiled("categorical_crossentropy"), Y, "number by number"),
        (compiled(last=None), Y, "takes probabilities.* from_logits=True"),
        (
            compiled(keras.losses.BinaryCrossentropy(), units=1, last=None),
            Y % 2,
            "probab",
        ),
        (compiled(units=2), Y, "each class.* 2 outputs and the classes 0 to 2"),
        (
            compiled(),
            Y + 1,
            "counted from 0. Number .* 3 outputs and the classes 1 to 3",
        ),
        (compiled(), Y - 1, "counted from 0.* the classes -1 to 1"),
        (compiled(), np.eye(3)[Y], r"argmax\(axis=-1\). .* shape \(None, 3\)"),
        (compiled(), Y + 0.5, "that are no classes use mean_sq.* such as 0.5"),
        (compiled("mse", units=1), Y, "over a single unit is always 1.* a sigmoid"),
        (compiled(units=1), Y % 2, "over a single unit is always 1"),
        (
            compiled("categorical_crossentropy", units=1, last="sigmoid"),
            Y % 2,
            "at least two.* use binary_crossentropy",
        ),
        (
            compiled("binary_crossentropy", units=1, last="sigmoid"),
            2 * (Y % 2) - 1,
            "takes targets from 0 to 1. Number the classes.* from -1 to 1",
        ),
        (
            compiled("poisson", units=1, last="exponential"),
            Y - 1,
            "takes targets of at least 0. .* from -1 to 1",
        ),
        (
            compiled("mse", units=1, last="sigmoid"),
            2 * (Y % 2) - 1,
            "ends with a sigmoid.* cannot reach.* from -1 to 1",
        ),
        (compiled(SPARSE(from_logits=True)), Y, "takes logits.* ends with a softmax"),
        (
            compiled(BINARY(from_logits=True), units=1, last="sigmoid"),
            Y % 2,
            "takes logits.* ends with a sigmoid",
        ),
        (compiled(None), Y, "Received: loss=None"),
        (compiled(lambda y, p: y["a"] - p, last=None), X, "cannot be computed"),
        (compiled(lambda y, p: p / 0, last=None), X, "a finite loss before training"),
    ],
)
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1")
def test_losses_that_do_not_fit_are_refused(build, y, message):
    with pytest.raises(ValueError, match=message):
        check(build, y)
