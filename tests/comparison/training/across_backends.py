"""Populations on TensorFlow beside the same trials on JAX, from equal weights.

Not collected by `make test`, which installs no JAX; `make test-backends` names this
file. Run as a script, it trains the trials on the backend of its process.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.nets import initial_values
from keras_rectifiers.comparison.trials.store import TABLES, Tables
from keras_rectifiers.comparison.trials.trial import Trial

# Most of JAX's time goes into compiling.
QUICK_COMPILATION = "--xla_backend_optimization_level=0"
SMALL = {"depth": 3, "width": 8, "epochs": 3, "batch_size": 128, "probe_size": 64}
SETTINGS = (
    {"activation": "leaky_relu"},
    {"activation": "sigmoid", "initializer": "glorot", "global_clipnorm": 0.1},
    {
        "activation": "prelu",
        "optimizer": "adamw",
        "weight_decay": 0.3,
        "clipnorm": 0.1,
        "schedule": "cosine",
        "patience": 1,
        "learning_rate": 0.03,
    },
    {
        "activation": "smooth_relu",
        "optimizer": "sgd",
        "momentum": 0.9,
        "nesterov": True,
        "weight_l2": 1e-2,
        "learning_rate": 0.1,
        "batch_normalization": True,
    },
    {"activation": "elu", "optimizer": "rmsprop", "activity_l1": 1e-3},
    {"activation": "relu", "architecture": "cnn", "epochs": 1},
    {"activation": "maxout", "architecture": "resmlp", "epochs": 1},
    {"activation": "elu", "pretraining": 2},
    # Noise, too: it is made of the seed by integers alone.
    {"activation": "rrelu", "dropout": 0.2},
)
TRIALS = [Trial(seed=s, **SMALL | settings) for settings in SETTINGS for s in range(2)]


def draw(class_name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Weights that are the same on every backend, as Keras's own are not."""
    rng = np.random.default_rng([seed, len(class_name)])
    scale = 1 / np.sqrt(np.prod(shape[:-1]))
    return rng.normal(scale=scale, size=shape).astype(np.float32)


def train(monkeypatch) -> Tables:
    monkeypatch.setattr(initial_values, "_draw", draw)
    return training.train(TRIALS)


def test_the_backend_changes_no_number_beyond_rounding(tmp_path, monkeypatch):
    assert keras.backend.backend() == "tensorflow"
    with subprocess.Popen(
        [sys.executable, __file__, tmp_path],
        env=os.environ | {"KERAS_BACKEND": "jax", "XLA_FLAGS": QUICK_COMPILATION},
        cwd=Path(__file__).parent.parent.parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as jax:
        try:  # both at once
            ours = train(monkeypatch)
            printed, _ = jax.communicate(timeout=600)
        finally:
            jax.kill()
    assert jax.returncode == 0, printed
    theirs = Tables(**{n: pd.read_pickle(tmp_path / n) for n in TABLES})
    assert set(theirs.trials["mode"]) == {"jax-xla"}
    assert set(theirs.trials["backend"]) == {"jax"}
    assert len(theirs.trials) == len(TRIALS)
    # Results of two backends never stand under one key: each draws other weights.
    assert set(ours.trials["key"]).isdisjoint(theirs.trials["key"])
    for name, grain in (
        ("measurements", ["key", "epoch", "layer", "measure"]),
        ("outputs", ["key", "epoch", "layer", "name", "index"]),
    ):
        one, other = (
            numbered(tables, name).set_index(grain).value.sort_index()
            for tables in (ours, theirs)
        )
        # Rounding, grown by some steps of training.
        pd.testing.assert_series_equal(one, other, rtol=1e-4, atol=1e-4)
    told_apart = ["key", "mode", "backend"]
    pd.testing.assert_frame_equal(
        ours.trials.drop(columns=told_apart),
        theirs.trials.drop(columns=told_apart),
        rtol=1e-4,
        atol=1e-4,
    )


def numbered(tables: Tables, name: str) -> pd.DataFrame:
    """A table with the trials' numbers, which are equal everywhere, as its keys."""
    numbers = {key: number for number, key in enumerate(tables.trials["key"])}
    table = getattr(tables, name)
    return table.assign(key=table["key"].map(numbers))


if __name__ == "__main__":
    tables = train(pytest.MonkeyPatch())
    for name in TABLES:
        getattr(tables, name).to_pickle(Path(sys.argv[1]) / name)
