"""The layers that are timed in `layers.py`, and others that compute the same."""

from functools import partial

import keras
from keras import layers, ops

import keras_rectifiers as ours
from benchmarks.layer_steps import FLOOR

S_SHAPE = {
    "lower_threshold": -1.0,
    "lower_slope": 0.5,
    "upper_threshold": 1.0,
    "upper_slope": 0.25,
}


def cases(backend, kind, dtype, size):
    """(layer, "ours" or the peer's name) -> a layer, or a module of PyTorch."""
    num_channels = size[-1]
    makers = {("", FLOOR): formula(lambda x: x + 1)}
    makers |= kinked_cases(other_axes=list(range(1, len(size) - 1)))
    makers |= smooth_cases()
    makers |= cases_of_channels(units=num_channels // 2)
    makers |= random_cases(kind)
    found = {case: make(dtype=dtype) for case, make in makers.items()}
    if backend == "torch":
        found |= pytorch_cases(num_channels, dtype)
    return found


def formula(function):
    return partial(layers.Lambda, function)


class Learned(layers.Layer):
    """A formula as a user would write it, with learned numbers by their names."""

    def __init__(self, function, initial_values, *, shared, dtype):
        super().__init__(dtype=dtype)
        self.function = function
        self.initial_values = initial_values
        self.shared = shared

    def build(self, input_shape):
        self.learned = {
            name: self.add_weight(
                shape=() if self.shared else input_shape[-1:],
                initializer=keras.initializers.Constant(value),
                name=name,
            )
            for name, value in self.initial_values.items()
        }

    def call(self, x):
        return self.function(x, **self.learned)


def kinked_cases(other_axes):
    return {
        ("LeakyReLU", "Keras"): partial(layers.LeakyReLU, negative_slope=0.25),
        ("PReLU", "ours"): ours.PReLU,
        ("PReLU", "Keras"): partial(layers.PReLU, shared_axes=other_axes),
        ("ShiftedReLU", "ours"): ours.ShiftedReLU,
        ("ShiftedReLU", "ReLU"): layers.ReLU,
        ("SShapedReLU", "ours"): partial(ours.SShapedReLU, **S_SHAPE),
        ("SShapedReLU", "where, learned"): partial(
            Learned, s_shape_by_where, S_SHAPE, shared=False
        ),
        ("SShapedReLU", "where, constant"): formula(
            partial(s_shape_by_where, **S_SHAPE)
        ),
        ("SquaredReLU", "ours"): ours.SquaredReLU,
        ("SquaredReLU", "square of relu"): formula(lambda x: ops.square(ops.relu(x))),
        ("SquaredReLU", "relu ** 2"): formula(lambda x: ops.relu(x) ** 2),
    }


def s_shape_by_where(x, lower_threshold, lower_slope, upper_threshold, upper_slope):
    below = lower_threshold + lower_slope * (x - lower_threshold)
    above = upper_threshold + upper_slope * (x - upper_threshold)
    return ops.where(
        x <= lower_threshold, below, ops.where(x >= upper_threshold, above, x)
    )


def smooth_cases():
    return {
        ("SmoothReLU", "ours"): ours.SmoothReLU,
        ("SmoothReLU", "softplus"): activation("softplus"),
        ("SmoothReLU 2", "ours"): partial(ours.SmoothReLU, sharpness=2.0),
        ("SmoothReLU 2", "softplus"): activation("softplus"),
        ("Swish", "ours"): ours.Swish,
        ("Swish", "x * sigmoid, learned"): partial(
            Learned, swish_by_sigmoid, {"beta": 1.0}, shared=True
        ),
        ("Swish", "silu"): activation("silu"),
    }


def swish_by_sigmoid(x, beta):
    return x * ops.sigmoid(beta * x)


def activation(name):
    return partial(layers.Activation, activation=name)


def cases_of_channels(units):
    """Those whose outputs have another number of channels than their inputs."""

    def larger_half(x):
        first, second = ops.split(x, 2, axis=-1)
        return ops.where(first >= second, first, second)

    def gated_half(x, gate):
        first, second = ops.split(x, 2, axis=-1)
        return first * gate(second)

    return {
        ("CReLU", "ours"): ours.CReLU,
        ("CReLU", "concat of relu"): formula(
            lambda x: ops.concatenate([ops.relu(x), ops.relu(-x)], axis=-1)
        ),
        ("CReLU", "relu of concat"): formula(
            lambda x: ops.relu(ops.concatenate([x, -x], axis=-1))
        ),
        ("CReLU", "concat of maximum"): formula(
            lambda x: ops.concatenate([ops.maximum(x, 0), -ops.minimum(x, 0)], axis=-1)
        ),
        ("Maxout", "ours"): partial(ours.Maxout, units=units),
        ("Maxout", "max of reshape"): formula(
            lambda x: ops.max(ops.reshape(x, (*x.shape[:-1], 2, units)), axis=-2)
        ),
        ("Maxout", "maximum of split"): formula(
            lambda x: ops.maximum(*ops.split(x, 2, axis=-1))
        ),
        ("Maxout", "where of split"): formula(larger_half),
        ("GatedLinearUnit", "ours"): ours.GatedLinearUnit,
        ("GatedLinearUnit", "product of split"): formula(
            partial(gated_half, gate=ops.sigmoid)
        ),
        ("GatedLinearUnit", "Keras"): formula(ops.glu),
        ("GatedLinearUnit silu", "ours"): partial(ours.GatedLinearUnit, "silu"),
        ("GatedLinearUnit silu", "product of split"): formula(
            partial(gated_half, gate=ops.silu)
        ),
        ("GatedLinearUnit relu", "ours"): partial(ours.GatedLinearUnit, "relu"),
        ("GatedLinearUnit relu", "product of split"): formula(
            partial(gated_half, gate=ops.relu)
        ),
    }


def random_cases(kind):
    found = {("RReLU", "ours"): partial(ours.RReLU, seed=0)}
    if kind == "training":
        found["RReLU", "Dropout"] = partial(layers.Dropout, rate=0.5, seed=0)
    else:
        found["RReLU", "LeakyReLU"] = partial(layers.LeakyReLU, negative_slope=1 / 5.5)
    return found


def pytorch_cases(num_channels, dtype):
    import torch

    class ChannelsLast(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.prelu = torch.nn.PReLU(num_channels, dtype=getattr(torch, dtype))

        def forward(self, x):
            return self.prelu(x.movedim(-1, 1)).movedim(1, -1)

    found = {
        ("PReLU", "PyTorch"): ChannelsLast(),
        ("SmoothReLU", "PyTorch"): torch.nn.Softplus(),
        ("ShiftedReLU", "PyTorch"): torch.nn.Threshold(-1.0, -1.0),
        ("Swish", "PyTorch"): torch.nn.SiLU(),
        ("GatedLinearUnit", "PyTorch"): torch.nn.GLU(),
    }
    if dtype != "float16":  # in which PyTorch cannot draw its slopes on a CPU
        found["RReLU", "PyTorch"] = torch.nn.RReLU(1 / 8, 1 / 3)
    return found
