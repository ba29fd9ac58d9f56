"""The layers that are timed in `layers.py`, and others that compute the same."""

from benchmarks.layer_steps import FLOOR


def cases(backend, kind, dtype, size):
    """(layer, "ours" or the peer's name) -> a layer, or a module of PyTorch."""
    from keras import layers, ops

    import keras_rectifiers as ours

    units, axes = size[-1] // 2, list(range(1, len(size) - 1))

    def of(layer, **settings):
        return layer(**settings, dtype=dtype)

    def formula(function):
        return layers.Lambda(function, dtype=dtype)

    def larger_half(x):
        first, second = ops.split(x, 2, axis=-1)
        return ops.where(first >= second, first, second)

    found = {
        ("", FLOOR): formula(lambda x: x + 1),
        ("LeakyReLU", "Keras"): of(layers.LeakyReLU, negative_slope=0.25),
        ("PReLU", "ours"): of(ours.PReLU),
        ("PReLU", "Keras"): of(layers.PReLU, shared_axes=axes),
        ("SmoothReLU", "ours"): of(ours.SmoothReLU),
        ("SmoothReLU 2", "ours"): of(ours.SmoothReLU, sharpness=2.0),
        ("SmoothReLU 2", "softplus"): of(layers.Activation, activation="softplus"),
        ("SmoothReLU", "softplus"): of(layers.Activation, activation="softplus"),
        ("ShiftedReLU", "ours"): of(ours.ShiftedReLU),
        ("ShiftedReLU", "ReLU"): of(layers.ReLU),
        ("CReLU", "ours"): of(ours.CReLU),
        ("CReLU", "concat of relu"): formula(
            lambda x: ops.concatenate([ops.relu(x), ops.relu(-x)], axis=-1)
        ),
        ("CReLU", "relu of concat"): formula(
            lambda x: ops.relu(ops.concatenate([x, -x], axis=-1))
        ),
        ("CReLU", "concat of maximum"): formula(
            lambda x: ops.concatenate([ops.maximum(x, 0), -ops.minimum(x, 0)], axis=-1)
        ),
        ("Maxout", "ours"): of(ours.Maxout, units=units),
        ("Maxout", "max of reshape"): formula(
            lambda x: ops.max(ops.reshape(x, (*x.shape[:-1], 2, units)), axis=-2)
        ),
        ("Maxout", "maximum of split"): formula(
            lambda x: ops.maximum(*ops.split(x, 2, axis=-1))
        ),
        ("Maxout", "where of split"): formula(larger_half),
        ("RReLU", "ours"): of(ours.RReLU, seed=0),
    }
    if kind == "training":
        found["RReLU", "Dropout"] = of(layers.Dropout, rate=0.5, seed=0)
    else:
        found["RReLU", "LeakyReLU"] = of(layers.LeakyReLU, negative_slope=1 / 5.5)
    if backend == "torch":
        found |= pytorch_cases(size[-1], dtype)
    return found


def pytorch_cases(num_channels, dtype):
    import torch

    class ChannelsLast(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.prelu = torch.nn.PReLU(num_channels, dtype=getattr(torch, dtype))

        def forward(self, x):
            return self.prelu(x.movedim(-1, 1)).movedim(1, -1)

    return {
        ("PReLU", "PyTorch"): ChannelsLast(),
        ("SmoothReLU", "PyTorch"): torch.nn.Softplus(),
        ("ShiftedReLU", "PyTorch"): torch.nn.Threshold(-1.0, -1.0),
        ("RReLU", "PyTorch"): torch.nn.RReLU(1 / 8, 1 / 3),
    }
