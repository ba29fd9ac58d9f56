"""What is timed: an activation alone, or a training step of a net.

Each step is compiled when it is first taken, and ends when its results are there.
"""

import importlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_rectifiers import activations
from keras_rectifiers.comparison.training import trial_tasks
from keras_rectifiers.comparison.trials.timing_plan import BACKWARD
from keras_rectifiers.comparison.trials.trial import Trial

# Backend -> how a step is computed.
MODES = {"tensorflow": ("graph", "XLA"), "jax": ("JAX",)}

Step = Callable[[], Any]


def activation_step(activation: str, x: np.ndarray, *, work: str, mode: str) -> Step:
    """What computes an activation alone.

    Args:
        activation: a name of the catalogue.
        x: floats, examples first, channels last.
        work: `"forward"`, in inference; or `"forward and backward"`, in training, with
            the gradient of the sum of the outputs by the inputs and what is learned.
        mode: one of `MODES` for the backend of Keras.

    Returns:
        A function without arguments that returns the outputs, and for the backward pass
        a list of the gradients too.
    """
    settings = {"units": x.shape[-1] // 2} if activation == "maxout" else {}
    layer = activations.seeded(activation, seed=0, **settings)
    model = keras.Sequential([keras.Input(x.shape[1:]), layer])
    make = {"tensorflow": _tensorflow_activation, "jax": _jax_activation}
    return make[keras.backend.backend()](
        model, keras.ops.convert_to_tensor(x), work == BACKWARD, mode
    )


def net_step(trial: Trial, *, mode: str) -> Step:
    """What takes a training step of a net: forward, backward, and an update.

    Args:
        trial: the net, with its optimizer, data and batch size.
        mode: one of `MODES` for the backend of Keras.

    Returns:
        A function without arguments that returns the loss. Each call is another step,
        on the same batch.
    """
    task, [member] = trial_tasks.task_of([trial])
    model = task.build()
    values = member.start(model) if member.start else {}
    for variable in model.variables:
        if variable.path in values:
            variable.assign(values[variable.path])
    model.optimizer.build(model.trainable_variables)
    batch = member.split.train[: trial.batch_size]
    x, y = (
        keras.ops.convert_to_tensor(part[batch]) for part in (task.data.x, task.data.y)
    )
    make = {"tensorflow": _tensorflow_net, "jax": _jax_net}
    return make[keras.backend.backend()](model, x, y, mode)


def _tensorflow_activation(model, x, is_trained: bool, mode: str) -> Step:
    import tensorflow as tf

    weights = [variable.value for variable in model.trainable_variables]
    upstream = tf.ones_like(model(x))

    @tf.function(jit_compile=mode == "XLA", autograph=False)
    def step():
        if not is_trained:
            return model(x, training=False)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model(x, training=True)
        return y, tape.gradient(y, [x, *weights], output_gradients=upstream)

    return _when_there(step)


def _tensorflow_net(model, x, y, mode: str) -> Step:
    import tensorflow as tf

    @tf.function(jit_compile=mode == "XLA", autograph=False)
    def step():
        return model.train_step((x, y))["loss"]

    return _when_there(step)


def _when_there(step: Step) -> Step:
    """A step that ends when its results are there, on a GPU too."""
    import tensorflow as tf

    def waiting():
        results = step()
        tf.test.experimental.sync_devices()
        return results

    return waiting


def _jax_activation(model, x, is_trained: bool, mode: str) -> Step:
    jax = importlib.import_module("jax")
    weights = [variable.value for variable in model.trainable_variables]
    states = [variable.value for variable in model.non_trainable_variables]
    upstream = keras.ops.ones_like(model(x))

    @jax.jit
    def run(weights, states, x):
        def forward(weights, x):
            return model.stateless_call(weights, states, x, training=is_trained)

        if not is_trained:
            return forward(weights, x)[0], states
        y, backward, new_states = jax.vjp(forward, weights, x, has_aux=True)
        of_weights, of_x = backward(upstream)
        return (y, [of_x, *of_weights]), new_states

    def step():
        nonlocal states
        results, states = run(weights, states, x)
        return jax.block_until_ready(results)

    return step


def _jax_net(model, x, y, mode: str) -> Step:
    jax = importlib.import_module("jax")
    run = jax.jit(model.train_step)
    state = tuple(
        [variable.value for variable in variables]
        for variables in (
            model.trainable_variables,
            model.non_trainable_variables,
            model.optimizer.variables,
            model.metrics_variables,
        )
    )

    def step():
        nonlocal state
        logs, state = run(state, (x, y))
        return jax.block_until_ready(logs["loss"])

    return step
