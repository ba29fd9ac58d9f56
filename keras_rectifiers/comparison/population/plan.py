"""Which trials are trained together, in which order, and how they are compiled."""

import math
import os
from collections import defaultdict
from collections.abc import Sequence

from keras_rectifiers.comparison import datasets
from keras_rectifiers.comparison.trial import Trial

# A population is cut where it would need more than this, so that two workers fit in
# the memory of a laptop.
MEMORY_LIMIT = 2e9

# XLA fuses a dense net's many small operations, but costs a second more to compile;
# that pays from about this many steps on. It never does for convolutions on a CPU,
# which it runs ten times slower, nor for wide nets under plain SGD: there is little
# beside the matrix products to fuse, and its own are slower.
STEPS_FOR_XLA = 250
WIDE = 128

# A population is trained in parts, side by side, as XLA runs a dense net on one core;
# in more parts than cores if that keeps what a step touches in the processor's cache.
# Without XLA most of the time goes to starting operations, the fewer the better.
# Convolutions are trained one by one: TensorFlow cannot vectorise them over filters.
NUM_THREADS = os.cpu_count() or 1
FEWEST_IN_PART = 8
MOST_IN_PART_FOR_XLA = 32

_BYTES = 4
# Weights, their gradients, two moments of the optimizer and working copies.
_COPIES_OF_WEIGHTS = 6
# Pre-activations, activations, their gradients and derivatives, and working copies.
_COPIES_OF_ACTIVATIONS = 6


def populations(trials: Sequence[Trial]) -> list[list[Trial]]:
    """Groups trials that share a graph, cuts large groups, and sorts by cost.

    Args:
        trials: in any order.

    Returns:
        The populations, the most costly first. Equal trials give equal populations
        in an equal order, whatever the order of `trials`.
    """
    groups: dict[tuple, list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.population()].append(trial)
    shards = []
    for group in groups.values():
        group = sorted(group, key=lambda t: tuple(t.settings().values()))
        most = max(1, int(MEMORY_LIMIT / member_bytes(group[0])))
        num_shards = -(-len(group) // most)
        size = -(-len(group) // num_shards)
        shards += [group[i : i + size] for i in range(0, len(group), size)]
    return sorted(
        shards, key=lambda shard: (-cost(shard), tuple(shard[0].settings().values()))
    )


def member_bytes(trial: Trial) -> float:
    """Estimates the memory that one member of a population needs, in bytes."""
    weights, activations = _sizes(trial)
    examples = trial.probe_size
    if trial.architecture != "cnn":  # whose members train one after the other
        examples = max(examples, trial.batch_size)
    return _BYTES * (
        _COPIES_OF_WEIGHTS * weights + _COPIES_OF_ACTIVATIONS * activations * examples
    )


def cost(trials: Sequence[Trial]) -> float:
    """Estimates the work of a population, in the work of a second, roughly.

    The figures only weigh populations against each other, for their order and for the
    time left: how fast they go is measured while they run.
    """
    trial = trials[0]
    weights, _ = _sizes(trial)
    data = datasets.describe(trial)
    # A third more, as each epoch is evaluated too, without the gradient.
    examples = trial.epochs * data.num_train * 4 / 3
    examples += (trial.epochs + 1) * trial.probe_size
    positions = _positions(trial, data)
    operations = 6.0 * weights * positions * examples * len(trials)
    tracing = trial.depth * (0.06 if trial.epochs else 0.03)
    return 0.5 + tracing + operations / 3e10


def uses_xla(trial: Trial, num_examples: int) -> bool:
    """Tells whether compiling the training with XLA pays.

    Args:
        trial: any of the population.
        num_examples: size of the training split.
    """
    steps = trial.epochs * (num_examples // trial.batch_size)
    is_heavy = trial.architecture == "cnn" or (
        trial.optimizer == "sgd" and trial.width >= WIDE
    )
    return not is_heavy and steps >= STEPS_FOR_XLA


def part_size(trial: Trial, num_members: int, *, jit_compile: bool) -> int:
    """How many members of a population are trained in one go.

    Args:
        trial: any of them.
        num_members: how many there are.
        jit_compile: whether XLA compiles the training.
    """
    if trial.architecture == "cnn":
        return 1
    num_parts = min(NUM_THREADS, max(1, num_members // FEWEST_IN_PART))
    if jit_compile:
        num_parts = max(num_parts, -(-num_members // MOST_IN_PART_FOR_XLA))
    return -(-num_members // num_parts)


def _sizes(trial: Trial) -> tuple[int, int]:
    """Returns the number of hidden weights and of hidden activations per example."""
    data = datasets.describe(trial)
    if trial.architecture == "cnn":
        inputs, kernel = data.input_shape[-1], 9
    else:
        inputs, kernel = math.prod(data.input_shape), 1
    weights = trial.width * kernel * (inputs + (trial.depth - 1) * trial.width)
    return weights, trial.depth * trial.width * _positions(trial, data)


def _positions(trial: Trial, data: datasets.Description) -> int:
    """Returns how often a hidden unit stands in a layer."""
    return math.prod(data.input_shape[:-1]) if trial.architecture == "cnn" else 1
