"""What a layer costs beside its peers and beside one pass over memory.

Times inference and the forward and backward pass of one layer, interleaved in one run,
in each mode of each backend that is installed. The floor is a pass that reads and writes
the same bytes, `x + 1`, once for the values and once for the gradients. With
--memory also the peak memory of the first step, in a process for each layer and mode,
beyond what the process had before; compiling is part of it.
"""

import argparse
import gc
import itertools
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pandas as pd

SHAPES = {"images": (128, 28, 28, 64), "dense": (4096, 1024), "small": (32, 64)}
DTYPES = ("float32", "bfloat16", "float16")
PASSES = ("training", "inference")
MODES = {
    "tensorflow": ("graph", "XLA"),
    "jax": ("jit",),
    "torch": ("eager", "compiled"),
}
FLOOR = "x + 1"
SETTINGS = ["backend", "mode", "shape", "dtype", "pass"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="default: 15")
    parser.add_argument("--shape", choices=SHAPES, help="default: all")
    parser.add_argument("--dtype", choices=DTYPES, help="default: all")
    parser.add_argument("--backend", choices=MODES, help="default: all")
    parser.add_argument("--layer", metavar="NAME", help="default: all")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write it as CSV")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw it")
    parser.add_argument("--memory", action="store_true", help="peak memory too, slow")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", type=int, metavar="CASE", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen)))
        return
    load = os.getloadavg()[0]
    tables = []
    for backend in [chosen.backend] if chosen.backend else MODES:
        rows = measured_apart("--backend", backend)
        if chosen.memory:
            for case, row in enumerate(rows):
                row |= measured_apart("--backend", backend, "--only", str(case))[0]
        tables.append(pd.DataFrame(rows))
    tables = [table for table in tables if not table.empty]
    if not tables:
        sys.exit("Nothing was measured.")
    loads = f"load {load:.1f} at the start and {os.getloadavg()[0]:.1f} at the end"
    print(f"{os.cpu_count()} cores, {loads}; medians in milliseconds")
    report(pd.concat(tables), chosen)


def measured_apart(*arguments):
    """The rows of a process of its own; none if its backend is not there."""
    command = [sys.executable, __file__, *sys.argv[1:], *arguments, "--measure"]
    backend = arguments[arguments.index("--backend") + 1]
    environment = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    finished = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True
    )
    if finished.returncode:
        reason = (finished.stderr.strip() or "no message").splitlines()[-1]
        print(f"{backend}: left out ({reason})")
        return []
    return json.loads(finished.stdout.splitlines()[-1])


def report(table, chosen):
    for setting, part in table.groupby(SETTINGS, sort=False):
        print(f"\n{', '.join(setting)}")
        floor = part.loc[part["name"] == FLOOR, "median"].iloc[0]
        for _, row in part.iterrows():
            own = part[(part["layer"] == row["layer"]) & (part["name"] != "ours")]
            best = own["median"].min()
            ratio = f"{row['median'] / best:7.2f} of its best peer"
            print(
                f"  {row['layer']:14}{row['name']:26}{row['median']:9.3f}"
                f"{row['median'] / floor:8.2f} passes"
                + (f"{row['peak_mb']:8.0f} MB" if chosen.memory else "")
                + (ratio if row["name"] == "ours" else "")
            )
    if chosen.table:
        table.to_csv(chosen.table, index=False)
    if chosen.figure:
        draw(table, chosen.figure)


def draw(table, path):
    """A panel for each mode: each layer and its peers, in passes over memory."""
    import matplotlib

    matplotlib.use("Agg")
    import seaborn as sns

    shape, dtype = table["shape"].iloc[0], table["dtype"].iloc[0]
    rows = table[(table["shape"] == shape) & (table["dtype"] == dtype)]
    rows = rows[rows["layer"] != ""].assign(
        whose=lambda t: ["ours" if name == "ours" else "others" for name in t["name"]],
        mode=lambda t: t["backend"] + ", " + t["mode"],
    )
    grid = sns.relplot(
        rows,
        x="passes",
        y="layer",
        hue="whose",
        style="whose",
        row="mode",
        col="pass",
        palette={"ours": "#d62728", "others": "#7f7f7f"},
        height=2.2,
        aspect=2,
        s=60,
    )
    grid.set_axis_labels("time, in passes over memory", "")
    grid.set_titles("{row_name}: {col_name}")
    sns.move_legend(grid, "upper center", ncols=2, title=None, bbox_to_anchor=(0.5, 0))
    for axes in grid.axes.flat:
        axes.axvline(1, color="#cccccc", zorder=0)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
    grid.figure.suptitle(f"{shape} {SHAPES[shape]}, {dtype}", y=1.02)
    grid.savefig(path, dpi=120)
    print(f"\nDrawn in {path}")


def measure(chosen):
    """A row for each layer, peer, mode, shape, dtype and pass."""
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    rows = []
    shapes = [chosen.shape] if chosen.shape else SHAPES
    dtypes = [chosen.dtype] if chosen.dtype else DTYPES
    modes = MODES[chosen.backend]
    for shape, dtype, mode, kind in itertools.product(shapes, dtypes, modes, PASSES):
        size = SHAPES[shape]
        x = keras.ops.cast(rng.normal(size=size), dtype)
        found = {
            case: layer
            for case, layer in cases(chosen.backend, kind, dtype, size).items()
            if chosen.layer in (None, case[0]) or case[1] == FLOOR
        }
        step_of = {"tensorflow": tensorflow_step, "jax": jax_step, "torch": torch_step}

        make_step = partial(step_of[chosen.backend], x=x, mode=mode, kind=kind)

        if chosen.only is not None:
            made = list(found.values())
            if chosen.only < len(made):
                return [{"peak_mb": peak_memory(make_step(made[chosen.only]))}]
            chosen.only -= len(made)
            continue
        steps = {case: make_step(layer) for case, layer in found.items()}
        measured = timed(steps, chosen.repeats)
        setting = (chosen.backend, mode, shape, dtype, kind)
        for (layer, name), values in measured.items():
            case = {"layer": layer, "name": name}
            rows.append(dict(zip(SETTINGS, setting, strict=True)) | case | values)
    return rows


def cases(backend, kind, dtype, size):
    """(layer, "ours" or the peer's name) -> a layer, or a module of PyTorch."""
    from keras import layers, ops

    import keras_rectifiers as ours

    units, axes = size[-1] // 2, list(range(1, len(size) - 1))

    def of(layer, **settings):
        return layer(**settings, dtype=dtype)

    def formula(function):
        return layers.Lambda(function, dtype=dtype)

    def larger_half(x):
        first, second = ops.split(x, 2, axis=-1)
        return ops.where(first >= second, first, second)

    found = {
        ("", FLOOR): formula(lambda x: x + 1),
        ("LeakyReLU", "Keras"): of(layers.LeakyReLU, negative_slope=0.25),
        ("PReLU", "ours"): of(ours.PReLU),
        ("PReLU", "Keras"): of(layers.PReLU, shared_axes=axes),
        ("SmoothReLU", "ours"): of(ours.SmoothReLU),
        ("SmoothReLU 2", "ours"): of(ours.SmoothReLU, sharpness=2.0),
        ("SmoothReLU 2", "softplus"): of(layers.Activation, activation="softplus"),
        ("SmoothReLU", "softplus"): of(layers.Activation, activation="softplus"),
        ("ShiftedReLU", "ours"): of(ours.ShiftedReLU),
        ("ShiftedReLU", "ReLU"): of(layers.ReLU),
        ("CReLU", "ours"): of(ours.CReLU),
        ("CReLU", "concat of relu"): formula(
            lambda x: ops.concatenate([ops.relu(x), ops.relu(-x)], axis=-1)
        ),
        ("CReLU", "relu of concat"): formula(
            lambda x: ops.relu(ops.concatenate([x, -x], axis=-1))
        ),
        ("CReLU", "concat of maximum"): formula(
            lambda x: ops.concatenate([ops.maximum(x, 0), -ops.minimum(x, 0)], axis=-1)
        ),
        ("Maxout", "ours"): of(ours.Maxout, units=units),
        ("Maxout", "max of reshape"): formula(
            lambda x: ops.max(ops.reshape(x, (*x.shape[:-1], 2, units)), axis=-2)
        ),
        ("Maxout", "maximum of split"): formula(
            lambda x: ops.maximum(*ops.split(x, 2, axis=-1))
        ),
        ("Maxout", "where of split"): formula(larger_half),
        ("RReLU", "ours"): of(ours.RReLU, seed=0),
    }
    if kind == "training":
        found["RReLU", "Dropout"] = of(layers.Dropout, rate=0.5, seed=0)
    else:
        found["RReLU", "LeakyReLU"] = of(layers.LeakyReLU, negative_slope=1 / 5.5)
    if backend == "torch":
        found |= pytorch_cases(size[-1], dtype)
    return found


def pytorch_cases(num_channels, dtype):
    import torch

    class ChannelsLast(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.prelu = torch.nn.PReLU(num_channels, dtype=getattr(torch, dtype))

        def forward(self, x):
            return self.prelu(x.movedim(-1, 1)).movedim(1, -1)

    return {
        ("PReLU", "PyTorch"): ChannelsLast(),
        ("SmoothReLU", "PyTorch"): torch.nn.Softplus(),
        ("ShiftedReLU", "PyTorch"): torch.nn.Threshold(-1.0, -1.0),
        ("RReLU", "PyTorch"): torch.nn.RReLU(1 / 8, 1 / 3),
    }


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
        call = torch.compile(call)

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


if __name__ == "__main__":
    main()
