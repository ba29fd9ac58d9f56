"""What `replace_activations` does to models of `keras.applications`, and its time.

For each model, with random weights: how many activations were replaced, whether the new
model gives the very outputs of the old one when each activation is replaced with a
rectifier that equals it, and the time beside that of `keras.models.clone_model` with
`set_weights`, which changes nothing. Medians of runs that take turns.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import pandas as pd

from keras_rectifiers import replace_activations

# name -> its activation
MODELS = {
    "ResNet50": lambda: keras.layers.ReLU(),
    "MobileNetV2": lambda: keras.layers.ReLU(max_value=6.0),
}


def clone(model: keras.Model) -> keras.Model:
    new_model = keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    return new_model


def seconds(function, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def measure(name: str, runs: int) -> dict:
    make = MODELS[name]
    model = getattr(keras.applications, name)(weights=None)
    changes = []
    new_model = replace_activations(model, make, report=changes.append)
    x = np.random.default_rng(0).normal(size=(2, *model.input_shape[1:]))
    x = x.astype("float32")
    outputs = [
        keras.ops.convert_to_numpy(m(x, training=False)) for m in (model, new_model)
    ]
    times = [
        (seconds(replace_activations, model, make), seconds(clone, model))
        for _ in range(runs)
    ]
    ours, cloning = (statistics.median(t) for t in zip(*times, strict=True))
    return {
        "model": name,
        "replaced": len(changes),
        "equal outputs": np.array_equal(*outputs),
        "seconds": round(ours, 2),
        "clone_model, seconds": round(cloning, 2),
        "ratio": round(ours / cloning, 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    arguments = parser.parse_args()
    frame = pd.DataFrame([measure(name, arguments.runs) for name in MODELS])
    print(frame.set_index("model").to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
