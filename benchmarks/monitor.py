"""What `LayerMonitor` costs, and what `diagnose` finds in sick and in healthy models.

    python benchmarks/monitor.py overhead   # ratio of epoch times; memory over 200 epochs
    python benchmarks/monitor.py sick       # five sicknesses made on purpose
    python benchmarks/monitor.py healthy    # how often a healthy model has a finding

The seeds from 1000 on are those by which the thresholds were set; what is reported is
of the seeds below (`--first-seed`).
"""

import argparse
import collections
import json
import time

import keras
import numpy as np
from sklearn.datasets import load_digits

from keras_rectifiers.diagnosis import diagnose

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
    depths = {"mlp": (2, 5, 10, 20), "cnn": (2, 5, 10)}
    found = collections.Counter()
    for architecture, of_architecture in depths.items():
        x, y = digits(architecture)
        for depth in of_architecture:
            worst = collections.defaultdict(list)
            for seed in range(first_seed, first_seed + num_seeds):
                model = build(architecture, depth, seed)
                for state in ("untrained", "trained"):
                    if state == "trained":
                        train(model, x, y, optimizer="adam", epochs=3, seed=seed)
                    diagnosis = diagnose(
                        model, x[:PROBE], y[:PROBE], loss=CROSS_ENTROPY
                    )
                    found[state] += bool(diagnosis.findings)
                    found[f"{state} models"] += 1
                    for finding in diagnosis.findings:
                        print(architecture, depth, state, seed, finding, flush=True)
                    for name, value in extremes(diagnosis).items():
                        worst[f"{state} {name}"].append(value)
                keras.utils.clear_session(free_memory=False)
            print(
                architecture,
                depth,
                {k: f"{max(v):.3f}" for k, v in worst.items()},
                flush=True,
            )
    print(json.dumps(found))


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["overhead", "sick", "healthy"])
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int)
    arguments = parser.parse_args()
    started = time.perf_counter()
    if arguments.what == "sick":
        sick(arguments.first_seed, arguments.seeds or 10)
    elif arguments.what == "healthy":
        healthy(arguments.first_seed, arguments.seeds or 50)
    print(f"{time.perf_counter() - started:.0f} s")
