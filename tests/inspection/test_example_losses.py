"""The loss of each example against numpy and against what Keras reports."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.inspection.example_losses import per_example


def squared_error(y, prediction):
    return ops.mean((y - prediction) ** 2, axis=-1)


def cross_entropy(y, logits):
    chosen = ops.one_hot(ops.cast(y, "int32"), logits.shape[-1], dtype=logits.dtype)
    return -ops.sum(chosen * ops.log_softmax(logits), axis=-1)


def through(shape):
    """A model that gives out what it is given."""
    return keras.Sequential([keras.Input(shape), keras.layers.Identity()])


def losses(loss, y, prediction, *, compiled=True):
    """The losses, checked against the one that Keras reports."""
    model = through(prediction.shape[1:])
    model.compile(loss=loss)
    function = per_example(model) if compiled else per_example(model, loss)
    values = ops.convert_to_numpy(
        function(ops.convert_to_tensor(y), ops.convert_to_tensor(prediction))
    )
    reported = model.evaluate(prediction, y, batch_size=len(y), verbose=0)
    assert values.mean() == pytest.approx(reported, rel=1e-6)
    return values


@pytest.mark.parametrize(
    "loss",
    [
        "binary_crossentropy",
        "BinaryCrossentropy",
        keras.losses.binary_crossentropy,
        keras.losses.BinaryCrossentropy(),
        keras.losses.BinaryCrossentropy,
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_targets_may_lack_the_last_axis_of_the_outputs(rng, loss, compiled):
    y, prediction = np.array([0, 1, 1]), rng.uniform(0.1, 0.9, size=(3, 1))
    expected = -np.log(np.where(y == 1, prediction[:, 0], 1 - prediction[:, 0]))
    for targets in (y, y[:, None]):
        values = losses(loss, targets, prediction, compiled=compiled)
        assert values == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("y_shape", "shape"),
    [
        ((4,), (4, 1)),
        ((4, 1), (4,)),
        ((4, 5), (4, 5, 1)),
        ((4, 5, 1), (4, 5)),
        ((4, 3), (4, 3)),
    ],
)
def test_an_axis_of_size_1_is_never_broadcast_into_pairs_of_examples(
    rng, y_shape, shape
):
    # In types that TensorFlow does not subtract from one another.
    y, prediction = rng.normal(size=y_shape), rng.normal(size=shape).astype("float32")
    expected = ((y.reshape(4, -1) - prediction.reshape(4, -1)) ** 2).mean(axis=1)
    assert losses(squared_error, y, prediction) == pytest.approx(expected, rel=1e-5)


def test_classes_keep_their_shape(rng):
    y, logits = np.array([2, 0, 1]), rng.normal(size=(3, 4))
    expected = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(3), y]
    for loss in (
        cross_entropy,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    ):
        assert losses(loss, y, logits) == pytest.approx(expected, rel=1e-5)


def test_half_precision_is_widened():
    values = per_example(through((1,)), squared_error)(
        ops.zeros((1, 1)), ops.full((1, 1), 1000, dtype="float16")
    )
    assert ops.convert_to_numpy(values) == 1e6  # infinite in float16


def test_double_precision_is_kept(rng):
    y, prediction = rng.normal(size=(2, 4, 3))
    for loss in (squared_error, keras.losses.MeanSquaredError()):
        values = per_example(through((3,)), loss)(
            ops.convert_to_tensor(y), ops.convert_to_tensor(prediction)
        )
        expected = ((y - prediction) ** 2).mean(axis=1)
        assert ops.convert_to_numpy(values) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("loss", "got"),
    [
        (["mse", "mse"], "2 of them"),
        ([], "0 of them"),
        ([None], "1 of them"),
        ({"other": "mse"}, "those of other"),
        ({}, "none"),
    ],
)
def test_losses_that_fit_no_output_are_refused(loss, got):
    start = keras.Input((3,))
    model = keras.Model(start, keras.layers.Identity(name="result")(start))
    with pytest.raises(ValueError) as raised:
        per_example(model, loss)(np.zeros((2, 3)), np.zeros((2, 3)))
    assert str(raised.value) == (
        f"The model {model.name!r} has the outputs result. Expected a single loss for "
        "all of them, or a list or dictionary with one loss for each, where None "
        f"leaves an output out. Received: {got}."
    )


def test_a_loss_that_returns_nothing_is_refused():
    with pytest.raises(
        ValueError, match=r"must return one value for each .* Received: None"
    ):
        losses(lambda y, prediction: None, np.zeros((2, 3)), np.zeros((2, 3)))


SPARSE = keras.losses.SparseCategoricalCrossentropy


@pytest.mark.parametrize("loss", [SPARSE(), "sparse_categorical_crossentropy"])
@pytest.mark.parametrize(
    ("y", "got"), [([1, 2, 3], "3"), ([0, -1, -2], "-2, -1"), ([0.5, 1, 2], "0.5")]
)
def test_classes_that_the_model_does_not_have_are_refused(loss, y, got):
    with pytest.raises(ValueError) as raised:
        losses(loss, np.array(y), np.full((3, 3), 1 / 3))
    assert str(raised.value) == (
        "The targets y of the probe batch must be classes from 0 to 2, because the "
        f"model has 3 outputs. Received: {got}."
    )


def test_a_class_that_is_ignored_is_none():
    values = per_example(through((3,)), SPARSE(ignore_class=-1))(
        ops.convert_to_tensor([0, -1]), ops.full((2, 3), 1 / 3)
    )
    expected = [np.log(3), 0]
    assert ops.convert_to_numpy(values) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "loss", [keras.losses.CategoricalCrossentropy(), "categorical_crossentropy"]
)
def test_classes_for_a_loss_of_one_hot_targets_are_refused(loss):
    with pytest.raises(ValueError, match=r"are classes, .*to_categorical\(y\)"):
        losses(loss, np.array([0, 1, 2]), np.full((3, 3), 1 / 3))
