"""Derivatives with respect to intermediate results, on each backend of Keras.

TensorFlow's tape and PyTorch's graph give the gradient with respect to an intermediate
tensor directly. JAX differentiates only with respect to arguments, so a zero is added
to the tensor, and the gradient is taken with respect to the zero.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import keras


def gradients(function: Callable, values: Sequence) -> tuple[Any, list, list]:
    """Differentiates a scalar with respect to arguments and intermediate tensors.

    Args:
        function: takes the values and a function `mark`, and returns `(scalar, rest)`,
            where rest is any nest of tensors and None. Within it, `t = mark(t)`
            requests the gradient with respect to a tensor t. On JAX it is called twice,
            so it must not have side effects.
        values: tensors of the backend.

    Returns:
        `(rest, gradients of the values, gradients of the marked tensors)`, the last in
        the order of marking. A gradient is 0 if the scalar does not depend on the tensor.
    """
    return _GRADIENTS[keras.backend.backend()](function, list(values))


def with_derivative(function: Callable, z) -> tuple[Any, Any]:
    """Applies an element-wise function and differentiates it.

    Args:
        function: element-wise, from a tensor to one of the same shape.
        z: a tensor of floats of the backend, of any shape.

    Returns:
        `(f(z), f'(z))`, both of the shape of z. The first is differentiable.
    """
    return _WITH_DERIVATIVE[keras.backend.backend()](function, z)


def _tensorflow_gradients(function, values):
    import tensorflow as tf

    marked = []
    with tf.GradientTape() as tape:
        tape.watch(values)

        def mark(tensor):
            tape.watch(tensor)
            marked.append(tensor)
            return tensor

        scalar, rest = function(values, mark)
    found = tape.gradient(
        scalar,
        values + marked,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return rest, found[: len(values)], found[len(values) :]


def _tensorflow_with_derivative(function, z):
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(z)
        result = function(z)
    # Element-wise: the gradient of the sum is the derivative.
    return result, tape.gradient(result, z)


def _jax_gradients(function, values):
    jax = importlib.import_module("jax")

    marked = []

    def note(tensor):
        marked.append((tensor.shape, tensor.dtype))
        return tensor

    jax.eval_shape(lambda values: function(values, note), values)
    zeros = [jax.numpy.zeros(shape, dtype) for shape, dtype in marked]

    def perturbed(values, zeros):
        remaining = iter(zeros)
        return function(values, lambda tensor: tensor + next(remaining))

    (of_values, of_marked), rest = jax.grad(perturbed, argnums=(0, 1), has_aux=True)(
        values, zeros
    )
    return rest, of_values, of_marked


def _jax_with_derivative(function, z):
    jax = importlib.import_module("jax")

    result, pull_back = jax.vjp(function, z)
    (derivative,) = pull_back(jax.numpy.ones_like(result))
    return result, derivative


def _torch_gradients(function, values):
    torch = importlib.import_module("torch")

    marked = []

    def mark(tensor):
        marked.append(_in_graph(tensor))
        return marked[-1]

    with torch.enable_grad():
        values = [_in_graph(value.detach()) for value in values]
        scalar, rest = function(values, mark)
        if scalar.requires_grad:
            found = torch.autograd.grad(
                scalar, values + marked, allow_unused=True, materialize_grads=True
            )
        else:
            found = [torch.zeros_like(tensor) for tensor in values + marked]
    rest = keras.tree.map_structure(
        lambda tensor: None if tensor is None else tensor.detach(), rest
    )
    return rest, list(found[: len(values)]), list(found[len(values) :])


def _torch_with_derivative(function, z):
    torch = importlib.import_module("torch")

    z = _in_graph(z)
    result = function(z)
    # The graph is needed once more, for the gradient of the loss.
    (derivative,) = torch.autograd.grad(result.sum(), z, retain_graph=True)
    return result, derivative


def _in_graph(tensor):
    return tensor if tensor.requires_grad else tensor.detach().requires_grad_()


_GRADIENTS = {
    "tensorflow": _tensorflow_gradients,
    "jax": _jax_gradients,
    "torch": _torch_gradients,
}
_WITH_DERIVATIVE = {
    "tensorflow": _tensorflow_with_derivative,
    "jax": _jax_with_derivative,
    "torch": _torch_with_derivative,
}
