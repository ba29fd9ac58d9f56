"""One model with a branch for each row of the contract table, and its training.

Each branch has weights, an output and a loss of its own, so that no layer can hide what
another does, and one training serves for all.
"""

import contextlib
import dataclasses

import keras
import numpy as np

from keras_rectifiers import layers
from tests.layers.test_contract import ROWS

INPUT_SHAPE = (6, 4)
NUM_EXAMPLES, BATCH_SIZE = 32, 8
NUM_STEPS = NUM_EXAMPLES // BATCH_SIZE


def make_model(*, with_noise=True, scope=None):
    """Returns a model with an output for each row of the table, by its name.

    Args:
        with_noise: if not, RReLU has equal bounds and draws a single value only.
        scope: context in which the rectifiers are made, and no other layer.
    """
    scope = scope or contextlib.nullcontext()
    inputs = keras.Input(INPUT_SHAPE)
    outputs = {}
    for seed, (name, row) in enumerate(ROWS.items()):
        if row.layer is layers.RReLU:
            row = _seeded(row, seed) if with_noise else _without_noise(row)
        kernel = keras.initializers.GlorotUniform(seed)
        x = keras.layers.Conv1D(
            4, 3, padding="same", kernel_initializer=kernel, name=f"{name}_in"
        )(inputs)
        with scope:
            rectifier = row.make(name=name)
            activation = None
            if row.usable_as_activation:
                activation = row.make(name=f"{name}_activation")
        x = keras.layers.Flatten()(rectifier(x))
        x = keras.layers.Dense(
            4, activation, kernel_initializer=kernel, name=f"{name}_hidden"
        )(x)
        # In float32 under every policy, for the loss.
        outputs[name] = keras.layers.Dense(
            1, kernel_initializer=kernel, name=f"{name}_out", dtype="float32"
        )(x)
    model = keras.Model(inputs, outputs)
    model(
        make_data()[0]
    )  # Slopes of an activation are there only after a call on data.
    return model


def make_data():
    """Returns the inputs, and the targets of each output."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(NUM_EXAMPLES, *INPUT_SHAPE)).astype("float32")
    y = np.abs(x).mean(axis=(1, 2)).reshape(-1, 1)
    return x, dict.fromkeys(ROWS, y)


def train(
    model,
    *,
    batch_size=BATCH_SIZE,
    gradient_accumulation_steps=None,
    loss_scale=None,
    **compile_settings,
):
    """Trains in place for one epoch; returns the losses by the names of the outputs."""
    optimizer = keras.optimizers.SGD(
        0.02, gradient_accumulation_steps=gradient_accumulation_steps
    )
    if loss_scale is not None:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, loss_scale)
    model.compile(optimizer, "mse", **{"jit_compile": False} | compile_settings)
    x, y = make_data()
    return model.fit(x, y, batch_size=batch_size, shuffle=False, verbose=0).history


def values(variables):
    """Returns the values of variables by their paths."""
    return {v.path: keras.ops.convert_to_numpy(v) for v in variables}


def assert_same(one, other, *, rtol, atol):
    """Checks that arrays of the same names are equal to rounding."""
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(
            one[name], other[name], rtol=rtol, atol=atol, err_msg=name
        )


def _seeded(row, seed):
    return dataclasses.replace(row, arguments={**row.arguments, "seed": seed})


def _without_noise(row):
    bound = 0.2 if row.arguments.get("form") == "slope" else 5
    bounds = {"lower": bound, "upper": bound}
    return dataclasses.replace(row, arguments={**row.arguments, **bounds})
