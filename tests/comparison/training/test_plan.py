"""Which trials share a graph, and what they cost."""

import dataclasses
import math

import numpy as np
import pytest

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import plan
from keras_rectifiers.comparison.trials.trial import Trial

DIGITS = datasets.load("digits")


def test_populations_share_a_graph_and_fit_the_memory(monkeypatch):
    trials = [
        Trial(activation=a, seed=s, depth=d, width=128)
        for s in range(20)
        for a in ("relu", "tanh")
        for d in (2, 20)
    ]
    groups = plan.populations(trials)
    assert sorted(map(len, groups)) == [20] * 4
    assert groups == plan.populations(trials[::-1])
    assert [g[0].depth for g in groups] == [20, 20, 2, 2]  # the costly first
    deep = next(t for t in trials if t.depth == 20)
    monkeypatch.setattr(plan, "MEMORY_LIMIT", plan.population_bytes(deep, 7))
    cut = plan.populations([t for t in trials if t.depth == 20])
    assert sorted(map(len, cut)) == [6, 7, 7] * 2 or max(map(len, cut)) <= 7
    assert sum(map(len, cut)) == 40


def test_convolutions_are_trained_one_after_another():
    def size(**settings):
        return plan.part_size(Trial(**settings), 60, jit_compile=False)

    assert size(architecture="cnn") == size(architecture="cnn_pooled") == 1
    assert size(architecture="mlp") > 1


def test_xla_compiles_long_trainings_of_small_dense_nets_only():
    assert plan.uses_xla(Trial(epochs=100), 1257)
    assert plan.uses_xla(Trial(epochs=100, width=128), 1257)
    assert not plan.uses_xla(Trial(epochs=100, architecture="cnn"), 1257)
    assert not plan.uses_xla(Trial(epochs=100, width=128, optimizer="sgd"), 1257)
    assert not plan.uses_xla(Trial(epochs=2), 1257)


@pytest.mark.parametrize("architecture", ["mlp", "resmlp", "cnn", "cnn_pooled"])
@pytest.mark.parametrize("activation", ["relu", "maxout"])
def test_the_plan_counts_the_weights_of_a_net(architecture, activation):
    trial = Trial(architecture=architecture, activation=activation, depth=3, width=4)
    model = architectures.build(trial, DIGITS)
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    num_weights, _ = plan._sizes(trial)
    assert num_weights == sum(math.prod(kernel.shape) for kernel in kernels[:-1])
    num_output_weights = plan._num_output_weights(trial, datasets.describe(trial))
    assert num_output_weights == math.prod(kernels[-1].shape)


@pytest.mark.parametrize("architecture", ["rnn", "lstm"])
def test_the_plan_counts_the_weights_of_a_recurrent_net(architecture):
    trial = Trial(
        architecture=architecture,
        activation="tanh",
        initializer="glorot",
        depth=8,
        width=4,
        epochs=100,
    )
    model = architectures.build(trial, DIGITS)
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    num_weights, num_activations = plan._sizes(trial)
    assert num_weights == sum(math.prod(kernel.shape) for kernel in kernels[:-1])
    assert num_activations == 8 * kernels[0].shape[-1]
    # All weights are used at each of eight steps.
    assert plan._positions(trial, datasets.describe(trial)) == 8
    # An epoch has 39 steps; it pays from 480 on.
    assert plan.uses_xla(dataclasses.replace(trial, epochs=13), 1257)
    assert not plan.uses_xla(dataclasses.replace(trial, epochs=12), 1257)


@pytest.mark.parametrize(
    "settings",
    [
        {"architecture": "nin", "depth": 4, "width": 4},
        {"architecture": "nin", "depth": 4, "width": 4, "activation": "maxout"},
        {"architecture": "nin_lin", "depth": 8, "width": 192},
    ],
)
def test_the_plan_counts_what_a_network_in_network_multiplies(settings):
    trial = Trial(**settings)
    model = architectures.build(trial, DIGITS)
    # Each weight of a convolution is used at each position of its output.
    expected = sum(
        math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])
        for layer in model.layers
        if hasattr(layer, "kernel")
    )
    assert plan._multiplications(trial, datasets.describe(trial)) == expected
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    num_weights, num_activations = plan._sizes(trial)
    num_all = num_weights + plan._num_output_weights(trial, datasets.describe(trial))
    assert num_all == sum(math.prod(kernel.shape) for kernel in kernels)
    is_convolution = [hasattr(layer, "filters") for layer in model.layers]
    assert num_activations >= sum(
        math.prod(layer.output.shape[1:])
        for layer, is_own in zip(model.layers, is_convolution, strict=True)
        if is_own
    )


@pytest.mark.parametrize(
    ("architecture", "num_members", "measured"), [("lstm", 60, 14), ("rnn", 120, 9)]
)
def test_the_cost_of_recurrent_nets_is_about_the_time_measured(
    architecture, num_members, measured
):
    net = Trial(
        architecture=architecture,
        activation="relu",
        initializer="glorot",
        dataset="adding_10",
        train_size=1000,
        depth=10,
        width=16,
        epochs=40,
        batch_size=20,
        optimizer="adam",
        inputs="raw",
        probe_size=64,
    )
    trials = [dataclasses.replace(net, seed=seed) for seed in range(num_members)]
    # Seconds in a quick run, for two workers on two cores.
    assert plan.cost(trials) == pytest.approx(measured, rel=0.4)


def test_the_cost_and_the_memory_grow_with_the_images(tmp_path):
    arrays = {f"x_{s}": np.zeros((2514, 16, 16), np.uint8) for s in ("train", "test")}
    arrays |= {f"y_{s}": np.arange(2514) % 10 for s in ("train", "test")}
    arrays["x_train"][::2] = 255  # data that are all alike are refused
    np.savez_compressed(tmp_path / "own.npz", **arrays)
    net = {"architecture": "cnn", "width": 64, "depth": 8, "epochs": 50}
    small = Trial(**net)
    large = Trial(**net, dataset=str(tmp_path / "own.npz"), train_size=1257)
    assert plan.cost([large]) == pytest.approx(4 * plan.cost([small]), rel=0.05)
    assert plan.population_bytes(large, 1) == pytest.approx(
        4 * plan.population_bytes(small, 1), rel=0.05
    )
    most = max(map(len, plan.populations([large, *_others(large, 300)])))
    assert plan.population_bytes(large, most) <= plan.MEMORY_LIMIT


def _others(trial, num_seeds):
    return [dataclasses.replace(trial, seed=seed) for seed in range(1, num_seeds)]
