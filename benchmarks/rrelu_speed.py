"""What RReLU costs in training, beside LeakyReLU, Dropout and PyTorch's own RReLU.

Times forward and backward pass of one layer, in turn and in one run, on every backend
that is installed, each in a process of its own. PyTorch's own layers run eagerly.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

SHAPE = (128, 28, 28, 64)
MODES = {"tensorflow": ("graph", "XLA"), "jax": ("jit",), "torch": ("eager",)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30, help="default: 30")
    parser.add_argument("--backend", choices=MODES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.backend:
        print(json.dumps(measure(arguments.backend, arguments.repeats)))
        return
    times = {}
    for backend in MODES:
        finished = subprocess.run(
            [
                *(sys.executable, __file__, "--backend", backend),
                *("--repeats", str(arguments.repeats)),
            ],
            env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if finished.returncode:
            print(f"{backend}: not installed, or failed; left out")
            continue
        times.update(json.loads(finished.stdout.splitlines()[-1]))
    print(f"forward and backward pass, {SHAPE} float32, {os.cpu_count()} cores\n")
    print(f"{'':22}{'':28}{'median':>9}{'least':>9}   ratio to LeakyReLU")
    for mode, layers in times.items():
        for name, milliseconds in layers.items():
            median, least = statistics.median(milliseconds), min(milliseconds)
            ratio = median / statistics.median(layers["LeakyReLU"])
            print(f"{mode:22}{name:28}{median:6.1f} ms{least:6.1f} ms{ratio:9.2f}")


def measure(backend, repeats):
    """Mode -> layer -> times in milliseconds."""
    import numpy as np

    rng = np.random.default_rng(0)
    x, weights = (rng.normal(size=SHAPE).astype("float32") for _ in range(2))
    times = {}
    for mode in MODES[backend]:
        steps = {
            name: compiled_step(layer, x, weights, mode)
            for name, layer in make_layers().items()
        }
        times[f"{backend}, {mode}"] = timed(steps, repeats)
    if backend == "torch":
        times["torch, its own layers"] = timed(torch_steps(x, weights), repeats)
    return times


def make_layers():
    import keras

    from keras_rectifiers import RReLU

    return {
        "LeakyReLU": keras.layers.LeakyReLU(negative_slope=0.2),
        "Dropout": keras.layers.Dropout(0.5, seed=0),
        "RReLU": RReLU(seed=0),
        "RReLU, slope form": RReLU(form="slope", seed=0),
        "RReLU, channel noise": RReLU(noise="channel", seed=0),
    }


def compiled_step(layer, x, weights, mode):
    import keras

    x, weights = keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(weights)
    layer.build(x.shape)
    if mode in ("graph", "XLA"):
        import tensorflow as tf

        @tf.function(jit_compile=mode == "XLA", autograph=False)
        def both():
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = layer(x, training=True)
            return y, tape.gradient(y, x, output_gradients=weights)

        return lambda: both()[1][0, 0, 0, 0].numpy()
    if mode == "jit":
        import jax

        # A model, for LeakyReLU's `call` knows no `training`.
        model = keras.Sequential([keras.Input(x.shape[1:]), layer])
        states = [variable.value for variable in model.non_trainable_variables]

        @jax.jit
        def both(x, weights, states):
            def forward(x):
                return model.stateless_call([], states, x, training=True)

            y, backward, new_states = jax.vjp(forward, x, has_aux=True)
            return y, backward(weights)[0], new_states

        def step():
            nonlocal states
            _, gradient, states = both(x, weights, states)
            gradient.block_until_ready()

        return step

    def step():
        leaf = x.detach().requires_grad_()
        layer(leaf, training=True).backward(weights)

    return step


def torch_steps(x, weights):
    import torch

    x, weights = torch.tensor(x), torch.tensor(weights)
    modules = {
        "LeakyReLU": torch.nn.LeakyReLU(0.2),
        "Dropout": torch.nn.Dropout(0.5),
        "RReLU": torch.nn.RReLU(),
    }

    def step_of(module):
        def step():
            leaf = x.detach().requires_grad_()
            module(leaf).backward(weights)

        return step

    return {name: step_of(module.train()) for name, module in modules.items()}


def timed(steps, repeats):
    times = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(repeats):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            times[name].append(1e3 * (time.perf_counter() - start))
    return times


if __name__ == "__main__":
    main()
