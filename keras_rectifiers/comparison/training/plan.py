"""Which trials are trained together, in which order, and how they are compiled."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import nin
from keras_rectifiers.comparison.nets.parts import num_units
from keras_rectifiers.comparison.training import evaluation, part_sizes
from keras_rectifiers.comparison.training.memory import (
    COPIES_OF_WEIGHTS,
    COPIES_OF_WEIGHTS_UNTRAINED,
    MEMORY_LIMIT,
)
from keras_rectifiers.comparison.trials.recipes import RECIPES
from keras_rectifiers.comparison.trials.trial import Trial, distinct

# XLA fuses a dense net's many small operations, but costs a second more to compile;
# that pays from about this many steps on. It never does for convolutions on a CPU,
# which it runs ten times slower, nor for wide nets under plain SGD: there is little
# beside the matrix products to fuse, and its own are slower.
WIDE = 128
# Of recurrent nets it compiles the time steps one by one, each longer than the one
# before. That pays from so many steps of training for each time step on.
_STEPS_PER_TIME_STEP = 60

_NIN = ("nin", "nin_lin")

# Operations a second of the GPU that a time is estimated for, because `nin_lin` is not
# for processors: about a third of what those of a desktop reach at most in float32.
GPU_SPEED = 5e12

# What the peak of memory was measured to be made of, in float32.
_BYTES = 4
# Of the members that are measured at once, one part: pre-activations, activations, their
# gradients and derivatives, and working copies.
_COPIES_PROBED = 8
# Of the members that are evaluated at once: the layer at hand, with working copies.
_COPIES_EVALUATED = 3
# Of the members that train at once, one part on each core.
_COPIES_TRAINED = 4
# Of the members that are pre-trained, all: a layer's activations of the training split.
_COPIES_PRETRAINED = 4


def populations(trials: Iterable[Trial]) -> list[list[Trial]]:
    """Groups trials that share a graph, splits large groups, and sorts by cost.

    Args:
        trials: in any order; duplicates count once.

    Returns:
        The populations, the most costly first. The result does not depend on the order
        of `trials`.

    Raises:
        TypeError: if `trials` is not an iterable of trials.
        ValueError: if the data of a trial cannot be loaded or are not suitable for it.
    """
    groups: dict[tuple, list[Trial]] = defaultdict(list)
    for trial in distinct(trials):
        groups[trial.population()].append(trial)
    shards = []
    for group in groups.values():
        group = sorted(group, key=lambda t: tuple(t.settings().values()))
        largest = max(group, key=lambda t: t.pretraining)
        size = _shard_size(largest, len(group))
        shards += [group[i : i + size] for i in range(0, len(group), size)]
    return sorted(
        shards, key=lambda shard: (-cost(shard), tuple(shard[0].settings().values()))
    )


def population_bytes(trial: Trial, num_members: int) -> float:
    """Estimates the peak memory of a population, in bytes.

    Args:
        trial: any of its trials; a pre-trained one if there is one.
        num_members: the number of members.
    """
    data = datasets.describe(trial)
    weights, activations = _sizes(trial)
    size = part_size(trial, num_members, jit_compile=uses_xla(trial, data.num_train))
    measured = max(
        _COPIES_PROBED * activations * trial.probe_size,
        _COPIES_EVALUATED
        * (activations / trial.depth)
        * min(data.num_train, evaluation.EVALUATED_AT_ONCE),
    )
    pretrained = _COPIES_PRETRAINED * num_units(trial) * data.num_train
    num_training = (
        min(num_members, part_sizes.NUM_THREADS * size) if trial.epochs else 0
    )
    copies = COPIES_OF_WEIGHTS if trial.epochs else COPIES_OF_WEIGHTS_UNTRAINED
    return _BYTES * (
        copies * (weights + _num_output_weights(trial, data)) * num_members
        + measured * size
        + pretrained * num_members * bool(trial.pretraining)
        + _COPIES_TRAINED * activations * trial.batch_size * num_training
        # On the host and on the device.
        + 2 * data.num_train * math.prod(data.input_shape)
    )


def cost(trials: Sequence[Trial]) -> float:
    """Estimates roughly how many seconds a population adds to a run.

    For two workers on two cores, fitted to the times of a quick and a standard run. The
    estimates are used only relative to each other, for the order of populations and for
    the time left; the actual speed is measured during the run.
    """
    trial = trials[0]
    data = datasets.describe(trial)
    # A third more, as each epoch is evaluated too, without the gradient.
    examples = _rounds(trial) * data.num_train * 4 / 3
    examples += (trial.epochs + 1) * trial.probe_size
    # A decoder beside each layer makes twice the weights.
    pretraining = sum(t.pretraining for t in trials) / len(trials)
    examples += pretraining * data.num_train * 2
    operations = 6.0 * _multiplications(trial, data) * examples * len(trials)
    tracing = 0.1 + trial.depth * (0.23 if trial.epochs else 0.13)
    return tracing + operations / _speed(trial, data.num_train)


def uses_xla(trial: Trial, num_examples: int) -> bool:
    """Returns whether compiling the training with XLA is faster.

    Args:
        trial: any trial of the population.
        num_examples: size of the training split.
    """
    steps = _rounds(trial) * (num_examples // trial.batch_size)
    is_wide = trial.optimizer == "sgd" and trial.width >= WIDE
    if trial.is_recurrent:
        return steps >= _STEPS_PER_TIME_STEP * trial.depth
    is_heavy = trial.is_convolutional or is_wide
    return not is_heavy and steps >= part_sizes.STEPS_FOR_XLA


def part_size(trial: Trial, num_members: int, *, jit_compile: bool) -> int:
    """Returns how many members of a population are trained together.

    Args:
        trial: any trial of the population.
        num_members: the number of members.
        jit_compile: whether XLA compiles the training.
    """
    if trial.is_convolutional:
        return 1
    return part_sizes.part_size(num_members, jit_compile=jit_compile)


def _speed(trial: Trial, num_examples: int) -> float:
    """Operations a second, as they were measured; those of a GPU are assumed."""
    if trial.architecture == "nin_lin":
        return GPU_SPEED
    if trial.architecture == "nin":
        return 8e10  # more channels at once than in the other convolutional nets
    if trial.is_recurrent:
        # Small products, one time step after the other.
        return 1.8e10 if uses_xla(trial, num_examples) else 1e10
    return 2.2e10 if trial.is_convolutional else 3.9e10


def _shard_size(trial: Trial, num_members: int) -> int:
    """How many members go into a shard, if it is to fit and all are of like size."""
    num_shards, size = 1, num_members
    while size > 1 and population_bytes(trial, size) > MEMORY_LIMIT:
        num_shards += 1
        size = -(-num_members // num_shards)
    return size


def _sizes(trial: Trial) -> tuple[int, int]:
    """Returns the number of hidden weights and of hidden activations per example."""
    data = datasets.describe(trial)
    if trial.architecture in _NIN:
        layers = nin.sizes(trial, data)
        largest = max(units * positions for _, units, positions in layers)
        return sum(weights for weights, _, _ in layers), trial.depth * largest
    if trial.is_convolutional:
        inputs, kernel = data.input_shape[-1], 9
    else:
        inputs, kernel = math.prod(data.input_shape), 1
    if trial.is_recurrent:
        units = trial.width * (4 if trial.architecture == "lstm" else 1)
        features = math.prod(data.input_shape[1:])
        return units * (features + trial.width), trial.depth * units
    num_inner = trial.depth - (trial.architecture != "resmlp")
    units = num_units(trial)
    weights = units * kernel * (inputs + num_inner * trial.width)
    return weights, trial.depth * units * _positions(trial, data)


def _multiplications(trial: Trial, data: datasets.Description) -> int:
    """Returns how many numbers are multiplied for the output of one example."""
    if trial.architecture in _NIN:
        layers = nin.sizes(trial, data)
        hidden = sum(weights * positions for weights, _, positions in layers)
    else:
        hidden = _sizes(trial)[0] * _positions(trial, data)
    return hidden + _num_output_weights(trial, data)


def _num_output_weights(trial: Trial, data: datasets.Description) -> int:
    if trial.architecture in _NIN:
        return trial.width * data.num_outputs * (trial.architecture == "nin")
    sides = data.input_shape[:-1] if trial.is_convolutional else ()
    if trial.architecture == "cnn_pooled":
        sides = [math.ceil(side / 2**trial.depth) for side in sides]
    is_residual = trial.architecture == "resmlp"
    units = num_units(trial) if is_residual else trial.width
    return units * math.prod(sides) * data.num_outputs


def _rounds(trial: Trial) -> int:
    """Returns how often the training examples are passed."""
    recipe = RECIPES.get(trial.recipe)
    return trial.epochs * (recipe.rounds_per_epoch if recipe else 1)


def _positions(trial: Trial, data: datasets.Description) -> int:
    """Returns how often a weight is used on an example, at most: pooling takes some."""
    if trial.is_recurrent:
        return trial.depth
    return math.prod(data.input_shape[:-1]) if trial.is_convolutional else 1
