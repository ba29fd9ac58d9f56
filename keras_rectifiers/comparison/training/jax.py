"""Training of a population on JAX, with the same functions as `tensorflow`."""

import importlib
from collections.abc import Callable

import keras

# By name, as types are also checked where JAX is not installed.
jax = importlib.import_module("jax")

# `jax.vmap` vectorises every operation.
NOT_VECTORISABLE = ()


def mode(jit_compile: bool) -> str:
    """The column `mode` of the trials; JAX always compiles with XLA."""
    return "jax-xla"


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error means that there was not enough memory."""
    return isinstance(error, MemoryError) or (
        isinstance(error, jax.errors.JaxRuntimeError)
        and "RESOURCE_EXHAUSTED" in str(error)
    )


def is_not_compilable(error: Exception) -> bool:
    """Whether an error means that XLA cannot compile an operation: JAX has no other."""
    return False


def compiled(function: Callable, *arguments, jit_compile: bool = False) -> Callable:
    """Traces a pure function, and compiles it when it is first called.

    A function called with arguments of several sizes is traced for each size.
    """
    jitted = jax.jit(function)
    sizes = [size for t in keras.tree.flatten(arguments) for size in t.shape]
    if None not in sizes:
        jitted.trace(*arguments)
    return jitted


def vectorised(function: Callable, values):
    """Applies a function of one member's nest of tensors to all members at once."""
    return jax.vmap(function)(values)


def repeat(step: Callable, values, inputs):
    """Runs `values, output = step(values, inputs[i])` for each i, in one program."""
    return jax.lax.scan(step, values, inputs)
