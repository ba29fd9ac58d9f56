"""What the probe may have measured of a few layers."""

import dataclasses

import numpy as np

from keras_rectifiers.diagnosis.checks.layers import Measured

HEALTHY = {"signal_gradient": 1.0, "activation_std": 1.0, "dead_units": 0.0}


def measured(num_layers=3, *, fresh=None, values=None, **changed) -> Measured:
    """Healthy layers a, b, c and so on, but for what is changed."""
    columns = {name: np.full(num_layers, value) for name, value in HEALTHY.items()}
    seen = Measured(
        layers="abcdefghijklmnopqrstuvwxyz"[:num_layers],
        depths=np.arange(num_layers),
        num_units=[64] * num_layers,
        num_examples=100,
        values=columns | {n: np.array(v, float) for n, v in (values or {}).items()},
        fresh=columns | {n: np.array(v, float) for n, v in (fresh or {}).items()},
        kernel_scales=np.ones(num_layers),
        input_scales={"a": 1.0},
        lost=[],
        unseen={},
    )
    return dataclasses.replace(seen, **changed)
