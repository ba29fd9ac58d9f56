"""Derivatives of functions of tensors, by the backend that Keras runs on."""

import keras


def gradients(function, *arguments, dtype="float32", is_compiled=False):
    """Derivatives of the sum of function(*arguments), with respect to each argument."""
    tensors = [keras.ops.convert_to_tensor(a, dtype) for a in arguments]
    derivatives = differentiated(function)
    result = (compiled_on_jax(derivatives) if is_compiled else derivatives)(*tensors)
    return [keras.ops.convert_to_numpy(keras.ops.cast(g, "float32")) for g in result]


def differentiated(function):
    """The function of the same tensors that returns those derivatives as tensors."""
    if keras.backend.backend() == "tensorflow":
        return _by_tensorflow(function)
    return (
        _by_jax(function) if keras.backend.backend() == "jax" else _by_torch(function)
    )


def compiled_on_jax(function):
    """The function, compiled as a whole on JAX, and as it is on other backends.

    For shapes that are seen only once: JAX would compile operation by operation for them,
    which takes several times as long.
    """
    if keras.backend.backend() != "jax":
        return function
    import jax

    return jax.jit(function)


def _by_tensorflow(function):
    import tensorflow as tf

    def derivatives(*tensors):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            y = function(*tensors)
        return tape.gradient(y, tensors, unconnected_gradients="zero")

    return derivatives


def _by_jax(function):
    import jax

    def derivatives(*tensors):
        every = tuple(range(len(tensors)))
        return jax.grad(lambda *xs: keras.ops.sum(function(*xs)), every)(*tensors)

    return derivatives


def _by_torch(function):
    import torch

    def derivatives(*tensors):
        # Copies, unless they are derived from what is differentiated again.
        tensors = [
            t if t.requires_grad else t.detach().requires_grad_() for t in tensors
        ]
        total = function(*tensors).sum()
        return torch.autograd.grad(
            total, tensors, create_graph=True, materialize_grads=True
        )

    return derivatives
