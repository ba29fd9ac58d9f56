"""What becomes of each layer when its model is exported.

    python benchmarks/exports.py                        # from TensorFlow
    KERAS_BACKEND=torch python benchmarks/exports.py    # from PyTorch
    python benchmarks/exports.py --format litert --layer "PReLU()"

Prints the tables of docs/exports.md, one for each format: the operators that compute in
the exported layer, the largest error in a small CNN beside `model.predict`, and what
becomes of infinities and NaN. For LiteRT also the error in int8 (root mean square,
divided by the deviation of the outputs), beside that of the same CNN with what Keras has
in the place of the layer. It needs requirements-converters.txt.
"""

import argparse
import importlib.metadata
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np

from tests.exported_models import (
    CASES,
    alone,
    exported,
    in_a_net,
    inputs_for,
    not_finite_for,
    quantized,
    relative_error,
)

FORMATS = {
    "tensorflow": ("tf_saved_model", "onnx", "litert", "openvino"),
    "jax": ("tf_saved_model",),
    "torch": ("torch", "onnx", "openvino"),
}
PACKAGES = (
    *("keras", "tensorflow-cpu", "jax", "torch"),
    *("tf2onnx", "onnx", "onnxruntime", "openvino"),
)


def main() -> None:
    formats = FORMATS[keras.backend.backend()]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--format", choices=formats, help="default: all")
    parser.add_argument("--layer", choices=CASES, metavar="LAYER", help="default: all")
    parser.add_argument("--seeds", type=int, default=5, help="for int8; default: 5")
    chosen = parser.parse_args()
    # The converters warn of what they call of TensorFlow, PyTorch and NumPy.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    print(versions())
    for format in [chosen.format] if chosen.format else formats:
        headings = ["layer", "operators", "largest error", "infinities and NaN"]
        if format == "litert":
            headings += ["int8 error", "int8 error with Keras's layer"]
        print(f"\n{format}\n\n| {' | '.join(headings)} |\n|{'---|' * len(headings)}")
        for name in [chosen.layer] if chosen.layer else CASES:
            cells = row(CASES[name], format)
            if format == "litert":
                cells += int8_errors(CASES[name], chosen.seeds)
            print(f"| `{name}` | {' | '.join(cells)} |", flush=True)


def versions() -> str:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def row(case, format) -> list[str]:
    """Operators, largest error, and what becomes of infinities and NaN."""
    with tempfile.TemporaryDirectory() as folder:
        model = alone(case)
        run, operators = exported(model, format, Path(folder))
        x = not_finite_for(model)
        wrong = differences(in_batches(run, x, format), model.predict(x, verbose=0))
    with tempfile.TemporaryDirectory() as folder:
        model = in_a_net(case)
        run, _ = exported(model, format, Path(folder))
        x = inputs_for(model, 64)
        y = in_batches(run, x, format)
        error = np.max(np.abs(y - model.predict(x, verbose=0)))
    return [", ".join(operators), f"{error:.0e}" if error else "0", wrong]


def in_batches(run, x, format):
    """In one batch, or in several of one example where the batch size is fixed at 1."""
    batches = x[:, None] if format == "torch" else [x]
    return np.concatenate([run(batch) for batch in batches])


def differences(found, expected) -> str:
    """In words, apart from rounding: OpenVINO's softplus is exact to 1e-3."""
    told = []
    instead_of_nan = found[np.isnan(expected) & ~np.isnan(found)]
    if np.any(instead_of_nan):
        told.append("NaN is lost beside numbers")
    elif instead_of_nan.size:
        told.append("NaN becomes 0")
    if np.any(np.isneginf(expected) & np.isfinite(found)):
        told.append("−inf becomes −3.4e38")
    same = np.isclose(found, expected, rtol=1e-3, atol=1e-4)
    if not np.all(same | np.isnan(expected) | np.isneginf(expected)):
        told.append("others differ")
    return ", ".join(told) or "as `predict`"


def int8_errors(case, num_seeds) -> list[str]:
    """Root mean squares over seeds: of the layer, and of what Keras has in its place."""
    means = []
    for by_keras in (False, True):
        errors = []
        for seed in range(num_seeds):
            model = in_a_net(case, by_keras=by_keras, seed=seed)
            x = inputs_for(model, 64, seed)
            with tempfile.TemporaryDirectory() as folder:
                run, _ = quantized(model, x, Path(folder))
                errors.append(relative_error(run, model, x))
        means.append(np.sqrt(np.mean(np.square(errors))))
    return [f"{mean:.1%}" for mean in means]


if __name__ == "__main__":
    main()
