"""Each layer trains on several devices, and in each mode of training, as on one.

The model of `branches` has every row of the contract table.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import RReLU
from tests.layers import branches

# Keras 3.15 converts its TensorFlow variables in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

BACKEND = keras.backend.backend()
ROOT = Path(__file__).parent.parent.parent


def only_on(*backends, reason):
    return pytest.mark.skipif(BACKEND not in backends, reason=reason)


def trained(*, with_noise=True, scope=None, **settings):
    """The losses of each output and the weights, after training."""
    model = branches.make_model(with_noise=with_noise, scope=scope)
    history = branches.train(model, **settings)
    return history, branches.values(model.trainable_variables)


@pytest.fixture(scope="module")
def on_one_device():
    """What a plain training gives, by whether RReLU draws."""
    return {noise: trained(with_noise=noise) for noise in (False, True)}


def assert_same_training(one, other, tolerance):
    """Equal losses and weights, but for the order in which gradients are summed."""
    for values, expected in zip(one, other, strict=True):
        branches.assert_same(values, expected, rtol=10 * tolerance, atol=tolerance)


def in_a_new_process(mode, folder, **environment):
    """Runs a mode of `on_devices`."""
    file = folder / "trained.npz"
    result = subprocess.run(
        [sys.executable, "-m", "tests.layers.on_devices", mode, file],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    arrays = dict(np.load(file))
    history, weights = (
        {
            name.removeprefix(kind): arrays.pop(name)
            for name in [*arrays]
            if kind in name
        }
        for kind in ("loss ", "weight ")
    )
    return (history, weights), arrays


def test_training_moves_every_weight_of_every_layer(on_one_device):
    before = branches.values(branches.make_model().trainable_variables)
    _, after = on_one_device[True]
    for path, value in before.items():
        assert np.any(value != after[path]), path


@only_on("tensorflow", reason="only TensorFlow has tf.distribute")
def test_two_replicas_train_as_one_device_and_draw_the_same_numbers(
    on_one_device, tmp_path, tolerance
):
    """Takes 20 seconds: a process of its own has two devices."""
    result, arrays = in_a_new_process("mirrored", tmp_path)
    assert_same_training(result, on_one_device[False], tolerance)
    alone = RReLU(seed=3)(-np.ones((4, 8), "float32"), training=True)
    for name in ("rrelu", "dropout"):
        first, second = arrays[f"draws of {name}"]
        assert len(np.unique(first)) > 1
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(arrays["draws of rrelu"][0], alone)


@only_on("jax", reason="Keras distributes on JAX only")
@pytest.mark.parametrize("mode", ["data_parallel", "model_parallel"])
def test_distributions_of_keras_train_as_one_device_with_the_same_draws(
    mode, on_one_device, tmp_path, tolerance
):
    """Takes 30 seconds: a process of its own has four devices."""
    devices = "--xla_force_host_platform_device_count=4"
    flags = f"{os.environ.get('XLA_FLAGS', '')} {devices}"
    result, arrays = in_a_new_process(mode, tmp_path, XLA_FLAGS=flags)
    assert_same_training(result, on_one_device[True], tolerance)
    if mode == "model_parallel":
        sharded = {
            path for path in result[1] if "/kernel" in path and "_out" not in path
        }
        for path in result[1]:
            one_per_channel = ("prelu", "smooth_relu_per_channel")
            if path.split("/")[0].removesuffix("_hidden") in one_per_channel and (
                path.endswith(("negative_slope", "log_sharpness"))
            ):
                sharded.add(path)
        assert sorted(arrays["sharded"]) == sorted(sharded)


@only_on("tensorflow", "jax", reason="Keras refuses it on PyTorch")
def test_several_steps_at_once_train_as_one_after_the_other(on_one_device, tolerance):
    result = trained(steps_per_execution=2)
    assert_same_training(result, on_one_device[True], tolerance)


@only_on("tensorflow", "jax", reason="PyTorch compiles for minutes")
def test_compiled_training_is_that_without_compilation(on_one_device, tolerance):
    result = trained(jit_compile=True)
    assert_same_training(result, on_one_device[True], tolerance)


def test_gradients_of_two_half_batches_train_as_one_batch(on_one_device, tolerance):
    # Without noise: two batches draw other numbers than one.
    result = trained(with_noise=False, batch_size=4, gradient_accumulation_steps=2)
    assert_same_training(result, on_one_device[False], tolerance)


def test_rectifiers_that_are_computed_again_have_the_gradient_of_their_draw(
    on_one_device, tolerance
):
    result = trained(scope=keras.RematScope("full"))
    assert_same_training(result, on_one_device[True], tolerance)


@pytest.mark.parametrize(
    ("policy", "loss_scale", "num_bits"),
    # The scale at which Keras begins overflows here, so that it would leave out steps.
    [("mixed_bfloat16", None, 8), ("mixed_float16", 2.0**8, 11)],
)
def test_mixed_precision_trains_nearly_as_single_precision(
    policy, loss_scale, num_bits, on_one_device
):
    before = branches.values(branches.make_model().trainable_variables)
    keras.config.set_dtype_policy(policy)
    try:
        history, weights = trained(loss_scale=loss_scale)
    finally:
        keras.config.set_dtype_policy("float32")
    single_history, single_weights = on_one_device[True]
    # Some roundings of numbers with so many bits; a square, here of 7, has more of them,
    # and so has the total.
    of_squares = {"loss", "squared_relu_loss"}
    for names, roundings in ((history.keys() - of_squares, 4), (of_squares, 24)):
        branches.assert_same(
            {name: history[name] for name in names},
            {name: single_history[name] for name in names},
            rtol=roundings / 2**num_bits,
            atol=0,
        )
    for path, value in weights.items():
        assert value.dtype == "float32"
        move = np.linalg.norm(single_weights[path] - before[path])
        error = np.linalg.norm(value - single_weights[path])
        # A unit near its kink may be on the other side of it for an example or two.
        assert error < 128 / 2**num_bits * move, path


def test_frozen_rectifiers_keep_their_slopes_and_still_draw():
    model = branches.make_model()
    for layer in model.layers:
        layer.trainable = layer.name.endswith("_out")
    seeds = [
        model.get_layer(name).seed_generator for name in ("rrelu", "rrelu_channel")
    ]
    before = branches.values(model.weights)
    branches.train(model)
    for path, value in branches.values(model.weights).items():
        is_trained = "_out/" in path
        assert np.array_equal(value, before[path]) is not is_trained, path
    for seed in seeds:
        _, num_draws = keras.ops.convert_to_numpy(seed.state)
        assert num_draws == branches.NUM_STEPS
