"""Losses that do not fit, found before training."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.losses import check_loss
from keras_rectifiers.comparison.training.task import Data
from tests.comparison.comparing.made_up_work import compiled, contenders, data

X, Y = data()


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
        (compiled(keras.losses.BinaryCrossentropy(from_logits=True), units=1, last=None), Y % 2),
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
        (compiled(units=2), Y, "an output for each class.* 2 outputs and the class 2"),
        (compiled(None), Y, "Received: loss=None"),
        (compiled(lambda y, p: y["a"] - p, last=None), X, "cannot be computed"),
        (compiled(lambda y, p: p / 0, last=None), X, "a finite loss before training"),
    ],
)
def test_losses_that_do_not_fit_are_refused(build, y, message):
    with pytest.raises(ValueError, match=message):
        check(build, y)
