"""What cures by other outputs, losses and targets change of a program."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.diagnosis.output_cures import (
    each_state,
    fitting_loss,
    fitting_units,
    linear_output,
    numbered_classes,
    other_sign,
    regression,
    right_output,
    shaped_targets,
)
from tests.diagnosis.made_up_programs import (
    LABELS,
    SEQUENCES,
    N,
    activations,
    cured,
    output_of,
    program,
)

BCE, CCE = "binary_crossentropy", "categorical_crossentropy"
SPARSE = f"sparse_{CCE}"
ONE_HOT = np.eye(3)[LABELS]
NUMBERS = np.linspace(-2, 2, N)
BINARY = np.arange(N) % 2
EACH_STEP = (SEQUENCES[:, :, 0] > 0).astype(int)


def net(units, activation, y, loss):
    return program(
        layers.Dense(8, "relu"), layers.Dense(units, activation), y=y, loss=loss
    )


def seen(changed):
    output = output_of(changed)
    assert np.isfinite(output.prediction).all()
    return output.units, output.activation, output.loss


def test_an_output_that_cannot_reach_the_targets_becomes_linear():
    changed = cured("targets", "linear output", net(1, "relu", NUMBERS, "mse"))
    assert activations(changed) == ["relu", "linear"]
    assert changed.loss is None
    for other in (net(1, None, NUMBERS, "mse"), net(3, "softmax", LABELS, SPARSE)):
        assert cured("targets", "linear output", other) is None


@pytest.mark.parametrize(
    ("units", "y", "loss"),
    [
        (3, LABELS + 1, SPARSE),
        (3, LABELS / 255, SPARSE),
        (5, LABELS[:, None] - 7, SPARSE),
        (1, LABELS % 2 * 2 - 1, BCE),
    ],
)
def test_classes_are_numbered_from_0(units, y, loss):
    given = net(units, "sigmoid", y, loss)
    changed = cured("targets", "numbered", given)
    targets = output_of(changed).targets
    assert targets.shape == y.shape
    assert sorted(set(targets.ravel())) == list(range(len(np.unique(y))))
    # The order is kept.
    assert np.corrcoef(targets.ravel(), y.ravel())[0, 1] == pytest.approx(1)
    assert (
        ops.convert_to_numpy(given.y).tolist()
        == y.astype(keras.backend.standardize_dtype(given.y.dtype)).tolist()
    )


@pytest.mark.parametrize(
    ("units", "y", "loss"),
    [
        (3, LABELS, SPARSE),
        (4, LABELS + 1, SPARSE),
        (2, LABELS + 1, SPARSE),
        (1, BINARY, BCE),
        (1, LABELS, BCE),
        (1, NUMBERS, "mse"),
        (3, ONE_HOT, CCE),
    ],
)
def test_what_fits_or_needs_more_units_is_not_numbered(units, y, loss):
    assert cured("targets", "numbered", net(units, "sigmoid", y, loss)) is None


@pytest.mark.parametrize(
    ("units", "activation", "y", "loss", "found"),
    [
        (2, "softmax", LABELS, SPARSE, (3, "softmax", SPARSE)),
        (2, "softmax", LABELS + 4, SPARSE, (3, "softmax", SPARSE)),
        (1, "sigmoid", LABELS, BCE, (3, "softmax", SPARSE)),
        (1, "sigmoid", LABELS, SPARSE, (3, "softmax", SPARSE)),
        (2, "softmax", ONE_HOT, CCE, (3, "softmax", CCE)),
        (1, "sigmoid", ONE_HOT, BCE, (3, "softmax", CCE)),
        (1, "tanh", np.c_[NUMBERS, BINARY], "mse", (2, "tanh", "mean_squared_error")),
        (4, None, NUMBERS, "mse", (1, "linear", "mean_squared_error")),
    ],
)
def test_the_last_layer_gets_the_units_that_the_targets_need(
    units, activation, y, loss, found
):
    given = net(units, activation, y, loss)
    assert seen(cured("targets", "units", given)) == found
    fits = net(found[0], found[1], y % 3 if y.ndim == 1 else y, found[2])
    assert cured("targets", "units", fits) is None or found[2] == SPARSE


@pytest.mark.parametrize(
    ("units", "y", "loss", "found"),
    [
        (3, ONE_HOT, SPARSE, (3, "softmax", CCE)),
        (3, LABELS, CCE, (3, "softmax", SPARSE)),
        (3, LABELS, BCE, (3, "softmax", SPARSE)),
    ],
)
def test_the_loss_gets_the_form_of_the_targets(units, y, loss, found):
    given = net(units, "sigmoid", y, loss)
    assert seen(cured("targets", "softmax", given)) == found
    assert cured("targets", "softmax", net(1, None, NUMBERS, "mse")) is None


def test_targets_of_many_values_become_a_regression():
    found = (1, "linear", "mean_squared_error")
    for units, loss in ((3, SPARSE), (1, BCE)):
        given = net(units, "sigmoid", NUMBERS, loss)
        assert seen(cured("targets", "linear unit", given)) == found
    assert (
        cured("targets", "linear unit", net(3, "softmax", LABELS / 9, SPARSE)) is None
    )
    assert cured("targets", "linear unit", net(1, None, NUMBERS, "mse")) is None


@pytest.mark.parametrize(
    "recurrent",
    [layers.LSTM, lambda *a, **k: layers.Bidirectional(layers.GRU(*a, **k))],
)
def test_recurrent_layers_return_the_last_state_or_each(recurrent):
    def sequence(returns, y):
        first = layers.LSTM(3, return_sequences=True)
        parts = (
            first,
            recurrent(4, return_sequences=returns),
            layers.Dense(2, "softmax"),
        )
        return program(*parts, x=SEQUENCES, y=y, loss=SPARSE)

    changed = cured("targets", "=False", sequence(True, BINARY))
    assert [layer.return_sequences for layer in changed.model.layers[:2]] == [1, 0]
    assert output_of(changed).prediction.shape == (N, 2)
    changed = cured("targets", "=True", sequence(False, EACH_STEP))
    assert output_of(changed).prediction.shape == (N, 5, 2)
    assert cured("targets", "=False", sequence(True, EACH_STEP[:, :, None])) is None
    assert cured("targets", "=True", sequence(False, BINARY)) is None
    assert cured("targets", "Flatten", sequence(True, BINARY)) is None


def test_positions_are_flattened_before_the_last_layer():
    parts = layers.Conv1D(3, 2), layers.Dense(1)
    changed = cured("targets", "Flatten", program(*parts, x=SEQUENCES))
    assert output_of(changed).prediction.shape == (N, 1)
    names = [type(layer).__name__ for layer in changed.model.layers]
    assert names == ["Conv1D", "Flatten", "Dense"]
    assert cured("targets", "Flatten", net(1, None, NUMBERS, "mse")) is None


def test_a_loss_of_the_users_own_gets_targets_of_its_shape_and_the_other_sign():
    class Own(keras.losses.Loss):
        def call(self, y, prediction):
            return -ops.square(y - prediction)

    given = net(1, None, NUMBERS, Own())
    changed = cured("targets", "shape", given)
    assert output_of(changed).targets.shape == (N, 1)
    negated = cured("loss", "sign", changed)
    losses = ops.convert_to_numpy(negated.loss(changed.y, ops.zeros((N, 1))))
    np.testing.assert_allclose(losses, NUMBERS**2, rtol=1e-5)
    for kind, words in (("targets", "shape"), ("loss", "sign")):
        assert cured(kind, words, net(1, None, NUMBERS, "mse")) is None


def test_of_several_outputs_none_is_changed():
    start = keras.Input((4,))
    ends = [layers.Dense(1, name=name)(start) for name in "ab"]
    model = keras.Model(start, ends)
    model.compile("sgd", ["mse", "mse"])
    given = program(layers.Dense(1))
    given = type(given)(**{**vars(given), "model": model, "outputs": given.outputs * 2})
    cures = (linear_output, right_output, numbered_classes, fitting_units, fitting_loss)
    for cure in (*cures, regression, each_state, shaped_targets, other_sign):
        assert cure(given) is None
