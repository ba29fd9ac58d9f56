"""The residual net against NumPy, and how it starts."""

import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import evaluation
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.measures import signal_gradient
from keras_rectifiers.inspection.probe import probe
from tests.comparison.nets.small_nets import DIGITS, build, weights


def test_residual_blocks_add_what_they_make_of_their_input():
    model = build(architecture="resmlp", activation="tanh", bias=0.1)
    kernels, biases = weights(model)[::2], weights(model)[1::2]
    assert [kernel.shape for kernel in kernels] == [
        (64, 8),
        *[(8, 8)] * 3,
        (8, 10),
    ]
    x = DIGITS.x_train[:5].reshape(5, 64).astype(np.float64) @ kernels[0] + biases[0]
    for kernel, bias in zip(kernels[1:4], biases[1:4], strict=True):
        x = x + np.tanh(x) @ kernel + bias
    logits = model(DIGITS.x_train[:5])
    np.testing.assert_allclose(logits, x @ kernels[4] + biases[4], rtol=1e-4, atol=1e-5)


def test_a_residual_net_starts_with_signals_and_gradients_that_hardly_grow():
    # Each block adds 1 / depth of the mean square that comes in, and as much of the
    # gradient that comes back.
    growth = (1 + 1 / 16) ** 15
    signals, backward = [], []
    for seed in range(4):
        trial = Trial(architecture="resmlp", depth=16, width=256, seed=seed)
        model = architectures.build(trial, DIGITS)
        layers = probe(
            model,
            DIGITS.x_train[:128],
            DIGITS.y_train[:128],
            loss=evaluation.loss_per_example,
            sites=architectures.activation_sites(model, DIGITS),
        )
        assert [layer.known.name for layer in layers] == ["relu"] * 16
        squares = [float(ops.mean(layer.pre_activation**2)) for layer in layers]
        signals.append(squares[-1] / squares[0])
        flows = [float(signal_gradient(layer.activation_gradient)) for layer in layers]
        backward.append((flows[0] / flows[-1]) ** 2)
    assert np.mean(signals) == pytest.approx(growth, rel=0.15)
    assert np.mean(backward) == pytest.approx(growth, rel=0.15)


@pytest.mark.parametrize("normalised", [False, True])
def test_a_residual_block_normalises_activates_drops_and_then_weighs(normalised):
    model = build(
        architecture="resmlp", batch_normalization=normalised, dropout=0.25, bias=0.5
    )
    kinds = [type(layer).__name__ for layer in model.layers]
    block = ["BatchNormalization"] * normalised + ["ReLU", "Dropout", "Dense", "Add"]
    assert kinds == ["InputLayer", "Flatten", "Dense", *block * 3, "Dense"]
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    has_bias = [layer.bias is not None for layer in weighted]
    assert has_bias == [not normalised] * 4 + [True]
    states = [
        tuple(ops.convert_to_numpy(layer.seed_generator.state))
        for layer in model.layers
        if hasattr(layer, "seed_generator")
    ]
    assert len(set(states)) == 3
