"""Models that one backend has trained and saved are read by every other.

Not collected by `make test`, which installs TensorFlow only; `make test-backends` names
this file. Run as a script, it saves or reads on the backend of its process.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.layers import branches

BACKENDS = ("tensorflow", "jax", "torch")
# Most of JAX's time goes into compiling each operation.
QUICK_COMPILATION = "--xla_backend_optimization_level=0"
ROOT = Path(__file__).parent.parent.parent


def run_on_each_backend(action, folder):
    """Runs this file once a backend, at the same time."""
    command = [sys.executable, "-m", "tests.layers.across_backends", action, folder]
    processes = [
        subprocess.Popen(
            command,
            env=os.environ | {"KERAS_BACKEND": backend, "XLA_FLAGS": QUICK_COMPILATION},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for backend in BACKENDS
    ]
    try:
        printed = [process.communicate(timeout=600)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, text in zip(processes, printed, strict=True):
        assert process.returncode == 0, text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Has what each backend computed of its own model and of those of the others."""
    folder = tmp_path_factory.mktemp("saved")
    run_on_each_backend("save", folder)
    run_on_each_backend("read", folder)
    return folder


@pytest.mark.parametrize("kind", ["model", "weights"])
@pytest.mark.parametrize("reader", BACKENDS)
@pytest.mark.parametrize("writer", BACKENDS)
def test_a_saved_model_computes_the_same_under_every_backend(
    writer, reader, kind, folder, tolerance
):
    """The first waits for six processes, which take some minutes on two cores."""
    expected = dict(np.load(folder / f"{writer}.npz"))
    read = dict(np.load(folder / f"{kind}_{writer}_{reader}.npz"))
    # In training as well: the state of RReLU's generator is saved.
    assert sum("training=True" in name for name in expected) * 2 == len(expected)
    branches.assert_same(read, expected, rtol=10 * tolerance, atol=tolerance)


def outputs(model):
    """The outputs in inference, and in the next step of training."""
    x, _ = branches.make_data()
    return {
        f"{name}, training={training}": keras.ops.convert_to_numpy(y)
        for training in (False, True)
        for name, y in model(x, training=training).items()
    }


def save(folder):
    model = branches.make_model()
    branches.train(model)
    backend = keras.backend.backend()
    model.save(folder / f"{backend}.keras")
    model.save_weights(folder / f"{backend}.weights.h5")
    np.savez(folder / f"{backend}.npz", **outputs(model))


def read(folder):
    reader, new = keras.backend.backend(), branches.make_model()
    for writer in BACKENDS:
        loaded = keras.saving.load_model(folder / f"{writer}.keras")
        np.savez(folder / f"model_{writer}_{reader}.npz", **outputs(loaded))
        new.load_weights(folder / f"{writer}.weights.h5")
        np.savez(folder / f"weights_{writer}_{reader}.npz", **outputs(new))


if __name__ == "__main__":
    {"save": save, "read": read}[sys.argv[1]](Path(sys.argv[2]))
