"""What `LayerMonitor` costs, and what `diagnose` finds in sick and in healthy models.

    python benchmarks/monitor.py overhead   # ratio of the times of an epoch
    python benchmarks/monitor.py memory     # along 200 epochs
    python benchmarks/monitor.py sick       # five sicknesses made on purpose
    python benchmarks/monitor.py healthy    # how often a healthy model has a finding

The seeds from 1000 on are those by which the thresholds were set; what is reported is
of the seeds below (`--first-seed`).
"""

import argparse
import collections
import json
import time
from pathlib import Path

import keras
import numpy as np
from sklearn.datasets import load_digits

from keras_rectifiers import LayerMonitor, diagnose

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
PROBE = 256


def digits(architecture):
    images, labels = load_digits(return_X_y=True)
    x = ((images - images.mean()) / images.std()).astype("float32")
    return (x.reshape(-1, 8, 8, 1) if architecture == "cnn" else x), labels


def build(architecture, depth, seed, *, activation="relu", bias=0.0, kernel=None):
    """A net of `depth` hidden layers with He's initialisation, or another kernel's."""

    def settings(i):
        make = kernel or keras.initializers.HeNormal
        return {
            "activation": activation,
            "kernel_initializer": make(seed=1000 * seed + i),
            "bias_initializer": keras.initializers.Constant(bias),
        }

    if architecture == "mlp":
        shape, layer = (64,), keras.layers.Dense
        hidden = [layer(64, **settings(i)) for i in range(depth)]
    else:
        shape = (8, 8, 1)
        hidden = [
            keras.layers.Conv2D(16, 3, padding="same", **settings(i))
            for i in range(depth)
        ]
        hidden.append(keras.layers.Flatten())
    last = keras.initializers.GlorotUniform(seed=1000 * seed + 999)
    output = keras.layers.Dense(10, kernel_initializer=last)
    return keras.Sequential([keras.Input(shape), *hidden, output])


def train(model, x, y, *, optimizer, epochs, seed):
    keras.utils.set_random_seed(seed)
    model.compile(optimizer, CROSS_ENTROPY)
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)


def glorot(seed):
    return keras.initializers.GlorotUniform(seed=seed)


def standard_normal(seed):
    return keras.initializers.RandomNormal(stddev=1.0, seed=seed)


# The words of which the first finding has to say one.
WORDS = {
    "deep sigmoid": ("vanishing",),
    "negative bias": ("dead",),
    "too large a rate": ("dead", "exploding", "NaN"),
    "exploding initialisation": ("exploding",),
    "unscaled inputs": ("unscaled",),
}


def sick_model(sickness, architecture, seed):
    x, y = digits(architecture)
    if sickness == "deep sigmoid":
        model = build(architecture, 10, seed, activation="sigmoid", kernel=glorot)
    elif sickness == "negative bias":
        model = build(architecture, 5, seed, bias=-10.0)
    elif sickness == "too large a rate":
        model = build(architecture, 5, seed)
        optimizer = keras.optimizers.Adam(0.3)
        train(model, x, y, optimizer=optimizer, epochs=3, seed=seed)
    elif sickness == "exploding initialisation":
        model = build(architecture, 10, seed, kernel=standard_normal)
    else:
        model, x = build(architecture, 5, seed), 255 * x
    return model, x[:PROBE], y[:PROBE]


def sick(first_seed, num_seeds):
    for sickness, words in WORDS.items():
        for architecture in ("mlp", "cnn"):
            named, kinds = 0, collections.Counter()
            for seed in range(first_seed, first_seed + num_seeds):
                model, x, y = sick_model(sickness, architecture, seed)
                found = diagnose(model, x, y, loss=CROSS_ENTROPY).findings
                first = str(found[0]) if found else ""
                right = any(word in first for word in words)
                right &= sickness != "too large a rate" or "learning rate" in first
                named += right
                kinds[found[0].kind if found else "none"] += 1
                keras.utils.clear_session(free_memory=False)
            print(f"{sickness:25} {architecture}: {named}/{num_seeds} {dict(kinds)}")


def healthy(first_seed, num_seeds):
    nets = [("mlp", depth) for depth in (2, 5, 10, 20)]
    nets += [("cnn", depth) for depth in (2, 5, 10)]
    found, worst = collections.Counter(), collections.defaultdict(float)
    for seed in range(first_seed, first_seed + num_seeds):
        for architecture, depth in nets:
            x, y = digits(architecture)
            model = build(architecture, depth, seed)
            for state in ("untrained", "trained"):
                if state == "trained":
                    train(model, x, y, optimizer="adam", epochs=2, seed=seed)
                diagnosis = diagnose(model, x[:PROBE], y[:PROBE], loss=CROSS_ENTROPY)
                found[f"{state} with a finding"] += bool(diagnosis.findings)
                found[state] += 1
                for finding in diagnosis.findings:
                    print(architecture, depth, state, seed, finding)
                for name, value in extremes(diagnosis).items():
                    name = f"{architecture} {depth} {state} {name}"
                    worst[name] = max(worst[name], round(value, 3))
            keras.utils.clear_session(free_memory=False)
        print(seed, json.dumps(found), flush=True)
    print(json.dumps(worst, indent=1))


def extremes(diagnosis):
    """How near a model comes to each threshold."""
    table = diagnosis.frame.pivot_table(
        index="depth", columns="measure", values="value", dropna=False
    )
    fresh = diagnosis.fresh.pivot_table(
        index="depth", columns="measure", values="value", dropna=False
    )
    decades = np.log10(table.signal_gradient)
    slope = np.polyfit(table.index, decades, 1)[0] * (len(table) - 1)
    return {
        "dead": table.dead_units.max(),
        "rise": (table.dead_units - fresh.dead_units).max(),
        "decades": abs(slope),
        "growth": (table.activation_std / fresh.activation_std).max(),
    }


def overhead():
    """By the fastest of several epochs each, since other work only adds to a time."""
    for architecture, batch_size in [("mlp", 32), ("mlp", 256), ("cnn", 32)]:
        model, x, y = large(architecture, batch_size)
        probe = x[:PROBE], y[:PROBE]
        handwritten, monitor = Handwritten(*probe), LayerMonitor(*probe)
        ways = {
            "no callback": [],
            "monitor, every epoch": [monitor],
            "monitor, every 10 steps": [LayerMonitor(*probe, every=10)],
            "handwritten, every epoch": [handwritten],
        }
        times = collections.defaultdict(list)
        for repetition in range(7):
            for name, callbacks in ways.items():
                clock = Clock()
                model.fit(
                    x,
                    y,
                    batch_size=batch_size,
                    verbose=0,
                    callbacks=[*callbacks, clock],
                )
                if repetition:  # the first compiles
                    times[name].append(clock.seconds)
        alone = min(times["no callback"])
        print(f"{architecture}, batches of {batch_size}: 200 steps {alone:.3f} s")
        for name, seconds in times.items():
            print(f"  {name}: {min(seconds) / alone:.3f}", flush=True)
        ours, theirs = 1000 * fastest(monitor._take), 1000 * fastest(handwritten.take)
        print(f"  one measurement: {ours:.1f} ms, handwritten {theirs:.1f} ms")
        print(f"  one measurement in 200 steps: {1 + ours / alone / 1000:.3f}")


def large(architecture, batch_size=32):
    """10 layers of 128, or a CNN on images of 28 by 28; 200 steps."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 200 * batch_size)
    if architecture == "mlp":
        shape = (64,)
        hidden = [keras.layers.Dense(128, "relu") for _ in range(10)]
    else:
        shape = (28, 28, 1)
        hidden = [
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(64, "relu"),
        ]
    model = keras.Sequential([keras.Input(shape), *hidden, keras.layers.Dense(10)])
    model.compile("adam", CROSS_ENTROPY)
    return model, rng.normal(size=(len(labels), *shape)).astype("float32"), labels


class Clock(keras.callbacks.Callback):
    """The time from the first step of an epoch to what follows its end."""

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds = time.perf_counter() - self.started


class Handwritten(keras.callbacks.Callback):
    """The same measures with a tape, layer by layer, as in answers on the web."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y
        self.history = []

    def on_epoch_end(self, epoch, logs=None):
        self.take()

    def take(self):
        import tensorflow as tf

        layers = self.model.layers
        hidden = [layer for layer in layers[:-1] if hasattr(layer, "kernel")]
        with tf.GradientTape(persistent=True) as tape:
            value, seen = tf.convert_to_tensor(self.x), []
            for layer in layers:
                if layer in hidden:
                    activation, layer.activation = layer.activation, None
                    z = layer(value)
                    layer.activation = activation
                    tape.watch(z)
                    value = activation(z)
                    tape.watch(value)
                    seen.append((z, value))
                else:
                    value = layer(value)
            losses = keras.losses.sparse_categorical_crossentropy(
                self.y, value, from_logits=True
            )
            total = tf.reduce_sum(losses)
        row = []
        for layer, (z, a) in zip(hidden, seen, strict=True):
            da = tape.gradient(total, a).numpy()
            dw = tape.gradient(total, layer.kernel).numpy() / len(self.x)
            slope = tape.gradient(a, z).numpy()
            z, a = z.numpy(), a.numpy()
            axes = tuple(range(a.ndim - 1))
            mean = a.mean(axes)
            row.append(
                (
                    np.sqrt((da.astype(float) ** 2).sum() / len(a)),
                    np.linalg.norm(dw) / np.linalg.norm(layer.kernel.numpy()),
                    (a == 0).mean(),
                    (z == 0).mean(),
                    (z <= 0).all(axes).mean(),
                    (slope == 0).all(axes).mean(),
                    a.mean(),
                    a.std(),
                    (mean**2).sum() / (a**2).mean(axes).sum(),
                )
            )
        self.history.append(row)


def fastest(function):
    times = []
    for _ in range(10):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def memory():
    """Resident memory along 200 epochs, measured at each, with nothing else kept."""
    model, x, y = large("mlp")
    monitor = LayerMonitor(x[:PROBE], y[:PROBE])
    for epoch in range(201):
        model.fit(x[:64], y[:64], verbose=0, callbacks=[monitor])
        if epoch in (0, 5, 20, 50, 100, 200):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            print(f"  epoch {epoch}: {pages * 4096 / 2**20:.1f} MiB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["overhead", "memory", "sick", "healthy"])
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int)
    arguments = parser.parse_args()
    started = time.perf_counter()
    if arguments.what == "overhead":
        overhead()
    elif arguments.what == "memory":
        memory()
    elif arguments.what == "sick":
        sick(arguments.first_seed, arguments.seeds or 10)
    elif arguments.what == "healthy":
        healthy(arguments.first_seed, arguments.seeds or 50)
    print(f"{time.perf_counter() - started:.0f} s")
