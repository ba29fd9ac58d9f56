"""The layers beside PyTorch's, on the same random inputs: values and gradients.

Not collected by `make test`, which installs no PyTorch; `make test-backends` names
this file.
"""

import keras
import numpy as np
import pytest

from keras_rectifiers import layers

SHAPE = (64, 16, 8, 8)  # channels first, as PyTorch has them


def ours(layer, x, weights):
    """Value, and gradient of the weighted sum, by the backend that runs."""
    x = keras.ops.convert_to_tensor(x)
    weights = keras.ops.convert_to_tensor(weights)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            total = keras.ops.sum(weights * y)
        gradient = tape.gradient(total, x)
    elif keras.backend.backend() == "jax":
        import jax

        y = layer(x)
        gradient = jax.grad(lambda x: keras.ops.sum(weights * layer(x)))(x)
    else:
        x.requires_grad_()
        y = layer(x)
        keras.ops.sum(weights * y).backward()
        gradient = x.grad
    return keras.ops.convert_to_numpy(y), keras.ops.convert_to_numpy(gradient)


def theirs(module, x, weights):
    import torch

    x = torch.tensor(x, requires_grad=True)
    y = module(x)
    (torch.tensor(weights) * y).sum().backward()
    return y.detach().numpy(), x.grad.numpy()


def prelu():
    import torch

    slopes = np.linspace(-0.5, 1.5, SHAPE[1], dtype="float32")
    module = torch.nn.PReLU(SHAPE[1])
    with torch.no_grad():
        module.weight.copy_(torch.tensor(slopes))
    layer = layers.PReLU(channel_axis=1)
    layer.build(SHAPE)
    layer.negative_slope.assign(module.weight.detach().numpy())
    return layer, module


def shared_prelu():
    import torch

    module = torch.nn.PReLU()
    layer = layers.PReLU(shared=True)
    layer.build(SHAPE)
    layer.negative_slope.assign(module.weight.detach().numpy())
    return layer, module


def torch_nn():
    # Imported where it is used: `make test` reads this file for examples.
    import torch

    return torch.nn


PAIRS = {
    "PReLU": prelu,
    "PReLU, one slope": shared_prelu,
    "RReLU, inference": lambda: (
        layers.RReLU(form="slope"),
        torch_nn().RReLU().eval(),
    ),
    "RReLU, equal bounds": lambda: (
        layers.RReLU(0.2, 0.2, form="slope"),
        torch_nn().RReLU(0.2, 0.2).train(),
    ),
    "SmoothReLU": lambda: (layers.SmoothReLU(), torch_nn().Softplus()),
    "SmoothReLU, sharpness 5": lambda: (
        layers.SmoothReLU(5.0),
        # Above its threshold it is linear; here it is never.
        torch_nn().Softplus(beta=5, threshold=1e9),
    ),
    "LeakyReLU": lambda: (
        keras.layers.LeakyReLU(negative_slope=0.01),
        torch_nn().LeakyReLU(0.01),
    ),
    "ELU": lambda: (keras.layers.ELU(alpha=0.7), torch_nn().ELU(0.7)),
    "CELU": lambda: (
        keras.layers.Activation(keras.activations.celu),
        torch_nn().CELU(),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_values_and_gradients_are_those_of_pytorch(name, rng):
    x = (3 * rng.normal(size=SHAPE)).astype("float32")
    weights = rng.normal(size=SHAPE).astype("float32")
    layer, module = PAIRS[name]()
    for mine, other in zip(
        ours(layer, x, weights), theirs(module, x, weights), strict=True
    ):
        # Far below 0 the exponentials' relative error grows with their argument.
        np.testing.assert_allclose(mine, other, rtol=5e-6, atol=1e-7)


def test_slopes_of_rrelu_are_distributed_as_those_of_pytorch():
    import torch

    x = np.full((1000, 1000), -1, "float32")
    torch.manual_seed(0)
    other = -torch_nn().RReLU().train()(torch.tensor(x)).numpy()
    layer = layers.RReLU(form="slope", seed=0)
    mine = -keras.ops.convert_to_numpy(layer(x, training=True))
    quantiles = np.linspace(0, 1, 101)
    np.testing.assert_allclose(
        np.quantile(mine, quantiles), np.quantile(other, quantiles), atol=5e-4
    )
