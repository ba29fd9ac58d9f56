"""What is timed of a layer in `layers.py`: a step in a mode of a backend."""

import gc
import math
import re
import statistics
import time
from pathlib import Path

MODES = {
    "tensorflow": ("graph", "XLA"),
    "jax": ("jit",),
    "torch": ("eager", "compiled"),
}
PASSES = ("training", "inference")
FLOOR = "x + 1"


def make_step(layer, backend, **setting):
    """A function without arguments, for a layer or a module of PyTorch."""
    make = {"tensorflow": tensorflow_step, "jax": jax_step, "torch": torch_step}
    return make[backend](layer, **setting)


def tensorflow_step(layer, x, mode, kind):
    import tensorflow as tf

    training = kind == "training"
    layer.build(x.shape)
    weights = [variable.value for variable in layer.trainable_variables]
    upstream = tf.ones((len(x), *layer(x[:1]).shape[1:]), x.dtype)

    @tf.function(jit_compile=mode == "XLA", autograph=False)
    def step():
        if not training:
            return [layer(x, training=False)]
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        return [y, *tape.gradient(y, [x, *weights], output_gradients=upstream)]

    return lambda: [tensor.numpy() for tensor in step()[-1:]]


def jax_step(layer, x, mode, kind):
    import jax
    import keras

    # A model, for the `call` of some layers knows no `training`.
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=x.dtype), layer])
    weights = [variable.value for variable in model.trainable_variables]
    states = [variable.value for variable in model.non_trainable_variables]
    upstream = keras.ops.ones((len(x), *model(x[:1]).shape[1:]), x.dtype)

    @jax.jit
    def run(weights, states, x):
        def forward(weights, x):
            training = kind == "training"
            return model.stateless_call(weights, states, x, training=training)

        if kind == "inference":
            return forward(weights, x)[0], (), states
        y, backward, new_states = jax.vjp(forward, weights, x, has_aux=True)
        return y, backward(upstream), new_states

    def step():
        nonlocal states
        *results, states = run(weights, states, x)
        jax.block_until_ready(results)

    return step


def torch_step(layer, x, mode, kind):
    import keras
    import torch

    training = kind == "training"
    if isinstance(layer, keras.layers.Layer):
        layer.build(x.shape)

        def call(x):
            return layer(x, training=training)

        weights = [variable.value for variable in layer.trainable_variables]
    else:
        call, weights = layer.train(training), list(layer.parameters())
    upstream = torch.ones((len(x), *call(x[:1]).shape[1:]), dtype=x.dtype)
    if mode == "compiled":
        # Each for itself, and for each shape: together they would share a limit of
        # compilations, beyond which PyTorch runs them eagerly.
        call = torch.compile(call, dynamic=False, isolate_recompiles=True)

    def step():
        if not training:
            with torch.no_grad():
                return call(x)
        leaf = x.detach().requires_grad_()
        return torch.autograd.grad(call(leaf), [leaf, *weights], upstream)

    return step


def timed(steps, repeats):
    """(layer, name) -> median milliseconds, and as a multiple of that of the floor."""
    times = {case: [] for case in steps}
    for step in steps.values():  # compiles
        step()
    for _ in range(repeats):
        for case, step in steps.items():
            start = time.perf_counter()
            step()
            times[case].append(1e3 * (time.perf_counter() - start))
    medians = {case: statistics.median(values) for case, values in times.items()}
    return {
        case: {"median": median, "passes": median / medians["", FLOOR]}
        for case, median in medians.items()
    }


def peak_memory(step):
    """Megabytes that the first step takes at its height; NaN but on Linux."""
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
        before = memory_in_use("VmRSS")
        step()
        return max(0.0, memory_in_use("VmHWM") - before)
    except OSError:
        return math.nan


def memory_in_use(field):
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{field}:\s*(\d+) kB", status)[1]) / 1024
