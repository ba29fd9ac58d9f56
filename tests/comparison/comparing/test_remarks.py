"""What is said of models that can be trained, but are probably not meant so."""

import re

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.contenders import GivenActivation
from keras_rectifiers.comparison.comparing.remarks import remarks_on
from tests.comparison.comparing.made_up_work import compiled, contenders, data

X, Y = data()


def activation_at_the_end(activation):
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(6),
            activation(),
            keras.layers.Dense(1, activation=activation()),
        ]
    )


def logits(metric):
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    return compiled(loss, units=1, last=None, metrics=[metric])


@pytest.mark.parametrize(
    ("build", "y", "remark"),
    [
        (compiled(), Y, None),
        (
            activation_at_the_end,
            X[:, 0],
            "also that of the outputs.* end the model wit",
        ),
        (logits("accuracy"), Y % 2, r"metric accuracy counts .*\(threshold=0\)"),
        (logits(keras.metrics.BinaryAccuracy(threshold=0.0)), Y % 2, None),
        (compiled(units=4), Y + 1, "No example has a class below 1.* return_inverse"),
        (compiled(units=4), Y, None),
        (
            compiled("categorical_crossentropy"),
            np.float32(X[:, :3] > 0),
            "do not add up to 1.* binary_crossentropy",
        ),
        (compiled("categorical_crossentropy"), np.eye(3)[Y], None),
    ],
)
def test_what_is_probably_a_mistake_is_said_before_training(build, y, remark):
    activation = GivenActivation(contenders()[0])
    model = build(activation)
    if not model.compiled:
        model.compile(loss="mse")
    model.evaluate(X, y, verbose=0)  # so that its metrics are known
    found = remarks_on(model, activation.made, y)
    assert len(found) == (remark is not None)
    if remark is not None:
        assert re.search(remark, found[0])
