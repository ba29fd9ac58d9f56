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


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("kind", ["dense", "channels_last", "channels_first"])
def test_a_net_trains_here_as_in_pytorch_and_its_slopes_go_there_and_back(
    kind, shared, rng
):
    import torch

    # On axis 1 in PyTorch; `Permute` puts it there for channels first.
    channel_axis = 1 if kind == "channels_first" else -1
    shape = (6,) if kind == "dense" else (4, 3, 6)
    x = rng.normal(size=(32, *shape)).astype("float32")
    y = rng.normal(size=(32, *shape[:-1], 5)).astype("float32")
    prelu = layers.PReLU(shared=shared, channel_axis=channel_axis)
    permute, permute_back = [], []
    if kind == "channels_first":
        permute = [keras.layers.Permute((3, 1, 2))]
        permute_back = [keras.layers.Permute((2, 3, 1))]
    first, second = keras.layers.Dense(5), keras.layers.Dense(5)
    model = keras.Sequential(
        [keras.Input(shape), first, *permute, prelu, *permute_back, second]
    )
    net = torch.nn.Sequential(
        torch.nn.Linear(6, 5), torch.nn.PReLU(1 if shared else 5), torch.nn.Linear(5, 5)
    )

    def in_pytorch(inputs):
        hidden = torch.movedim(net[0](torch.tensor(inputs)), -1, 1)
        return net[2](torch.movedim(net[1](hidden), 1, -1))

    def to_pytorch():
        with torch.no_grad():
            for linear, dense in ((net[0], first), (net[2], second)):
                kernel, bias = dense.get_weights()
                linear.weight.copy_(torch.tensor(kernel.T))
                linear.bias.copy_(torch.tensor(bias))
            net[1].weight.copy_(torch.tensor(prelu.get_weights()[0]))

    def assert_same_outputs():
        mine = keras.ops.convert_to_numpy(model(x))
        other = in_pytorch(x).detach().numpy()
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)

    to_pytorch()
    assert_same_outputs()
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
    model.fit(x, y, batch_size=32, epochs=10, shuffle=False, verbose=0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(in_pytorch(x), torch.tensor(y)).backward()
        optimizer.step()
    slopes = net[1].weight.detach().cpu().numpy()
    assert (np.abs(slopes - 0.25) > 1e-4).all()
    np.testing.assert_allclose(prelu.get_weights()[0], slopes, rtol=1e-5)
    # Now the trained weights of each go to the other.
    net[1].weight.data += 0.1
    prelu.negative_slope.assign(net[1].weight.detach().cpu().numpy())
    for linear, dense in ((net[0], first), (net[2], second)):
        dense.set_weights(
            [linear.weight.detach().numpy().T, linear.bias.detach().numpy()]
        )
    assert_same_outputs()
    model.fit(x, y, batch_size=32, shuffle=False, verbose=0)
    to_pytorch()
    assert_same_outputs()
