"""How many members a program trains at once, and whether XLA compiles it."""

import os

import keras

from keras_rectifiers import keras_internals

# XLA fuses a dense net's many small operations, but costs a second more to compile;
# that pays from about this many steps on. It never does for convolutions on a CPU,
# which it runs ten times slower.
STEPS_FOR_XLA = 250

# A population is trained in parts, side by side, as XLA runs a dense net on one core;
# in more parts than cores if that keeps what a step touches in the processor's cache.
# Without XLA most of the time goes to starting operations, the fewer the better.
NUM_THREADS = os.cpu_count() or 1
FEWEST_IN_PART = 8
MOST_IN_PART_FOR_XLA = 32


def part_size(num_members: int, *, jit_compile: bool) -> int:
    """Returns how many members of a population a program trains.

    Args:
        num_members: the number of members.
        jit_compile: whether XLA compiles the training.
    """
    num_parts = min(NUM_THREADS, max(1, num_members // FEWEST_IN_PART))
    if jit_compile:
        num_parts = max(num_parts, -(-num_members // MOST_IN_PART_FOR_XLA))
    return -(-num_members // num_parts)


def has_convolutions(model: keras.Model) -> bool:
    """Whether a layer of a model convolves.

    Convolutions are trained one member after another: TensorFlow cannot vectorise them
    over their filters, and on a CPU all at once are no faster.
    """
    return any(
        kind.__module__.startswith("keras.") and "Conv" in kind.__name__
        for layer in keras_internals.layers_within(model)
        for kind in type(layer).__mro__
    )


def uses_xla(model: keras.Model, num_steps: int) -> bool:
    """Returns whether compiling the training with XLA is faster.

    Args:
        model: the model.
        num_steps: steps of the training.
    """
    return (
        all(map(_may_be_compiled, keras_internals.layers_within(model)))
        and not has_convolutions(model)
        and num_steps >= STEPS_FOR_XLA
    )


def _may_be_compiled(layer) -> bool:
    # Once vectorised, the steps of recurrent layers cannot.
    if isinstance(layer, keras.layers.RNN):
        return False
    # Keras's noise cannot on TensorFlow, but ours can.
    return layer.supports_jit or hasattr(layer, "seed_generator")
