"""What cures by other inputs and targets change of a program."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.diagnosis.data_cures import with_lost
from tests.diagnosis.made_up_programs import LABELS, X, cured, output_of, program

SPARSE = "sparse_categorical_crossentropy"


def embedded(tokens, rows, *parts):
    after = parts or (layers.GlobalAveragePooling1D(),)
    last = layers.Dense(3, "softmax")
    parts = layers.Embedding(rows, 4), *after, last
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(tokens.shape[1:]), *parts])
    model.compile("sgd", SPARSE)
    # It cannot be run, so it has no outputs.
    given = program(layers.Dense(3, "softmax"), y=LABELS, loss=SPARSE)
    values = [[v.value for v in model.trainable_variables], []]
    tokens = ops.convert_to_tensor(tokens, "float32")
    return replace(given, model=model, x=tokens, outputs=(), values=values)


def test_inputs_and_targets_get_mean_0_and_variance_1():
    changed = cured("unscaled inputs", "and targets", program(layers.Dense(1)))
    x = ops.convert_to_numpy(changed.x)
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(x.std(0), 1, rtol=1e-4)
    targets = output_of(changed).targets
    assert (targets.mean(), targets.std()) == pytest.approx((0, 1), abs=1e-6)


def test_what_is_not_finite_is_left_out_or_filled():
    x, y = X.copy(), np.arange(32.0)
    x[::4, 1], x[2, :], y[3] = np.nan, np.inf, np.nan
    as_given = (ops.convert_to_tensor(x), ops.convert_to_tensor(y))
    finite = np.isfinite(x).all(1) & np.isfinite(y)
    given = program(layers.Dense(1), x=X[finite], y=y[finite])
    assert cured("not finite data", "without", given) is None
    assert cured("not finite data", "filled", given) is None
    assert with_lost(given) is given
    given = replace(given, as_given=as_given)
    assert cured("not finite data", "without", given) is given
    changed = cured("not finite data", "filled", given)
    filled, targets = map(ops.convert_to_numpy, (changed.x, changed.y))
    assert len(filled) == len(targets) == 31 and 3 not in targets
    means = np.where(np.isfinite(x), x, np.nan)[np.arange(32) != 3]
    np.testing.assert_allclose(filled[2], np.nanmean(means, 0), rtol=1e-5)
    np.testing.assert_array_equal(filled[1], X[1])
    assert np.isnan(ops.convert_to_numpy(with_lost(given).x)).any()


def test_of_targets_that_are_missing_none_is_filled():
    y = np.r_[np.nan, np.arange(31.0)]
    given = program(layers.Dense(1), x=X[1:], y=y[1:])
    given = replace(given, as_given=tuple(map(ops.convert_to_tensor, (X, y))))
    assert cured("not finite data", "filled", given) is None


def test_an_embedding_gets_a_row_for_each_token():
    tokens = np.arange(32 * 6).reshape(32, 6) % 12 - 2
    changed = cured("tokens", "row", embedded(tokens, 5))
    assert changed.model.layers[0].input_dim == 12
    np.testing.assert_array_equal(ops.convert_to_numpy(changed.x), tokens + 2)
    assert cured("tokens", "row", embedded(tokens + 2, 12)) is None
    assert cured("tokens", "row", program(layers.Dense(1))) is None


def test_divided_tokens_are_numbered_again():
    tokens = np.arange(32 * 6).reshape(32, 6) % 12
    changed = cured("tokens", "numbered", embedded(tokens / 12, 5))
    assert changed.model.layers[0].input_dim == 12
    np.testing.assert_array_equal(ops.convert_to_numpy(changed.x), tokens)
    assert cured("tokens", "numbered", embedded(tokens, 5)) is None
    # Of numbers that were never tokens all differ.
    numbers = np.random.default_rng(0).normal(size=(32, 6))
    assert cured("tokens", "numbered", embedded(numbers, 12)) is None


def test_a_padding_is_masked():
    tokens = np.where(np.arange(6) < 2, 3, 0) * np.ones((32, 1))
    given = embedded(tokens, 5, layers.LSTM(4))
    assert cured("tokens", "mask_zero", given).model.layers[0].mask_zero
    divided = embedded(tokens / 5, 5, layers.LSTM(4))
    assert cured("tokens", "mask_zero", divided) is None
    assert cured("tokens", "mask_zero", embedded(tokens, 5)) is None
