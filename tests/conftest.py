import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest

# Read when Keras, TensorFlow and Matplotlib are imported, which is later.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"
# Processes that share the processor: threads of their own would only wait in turn.
if "PYTEST_XDIST_WORKER" in os.environ:
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TF_NUM_INTEROP_THREADS",
        "TF_NUM_INTRAOP_THREADS",
    ):
        os.environ.setdefault(name, "1")

# Of equal programs, such as those of equal nets, JAX compiles one. Each process has a
# folder of its own, as JAX might read what another has not written to its end.
JAX_CACHE = Path(__file__).parent.parent / ".jax_cache"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ["JAX_COMPILATION_CACHE_DIR"] = str(JAX_CACHE / WORKER)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")

# The first call of a compiled function takes seconds, the next microseconds.
hypothesis.settings.register_profile("seeded", deadline=None, derandomize=True)
hypothesis.settings.load_profile("seeded")

TOLERANCE = 1e-6


@pytest.fixture
def tolerance() -> float:
    """What float32 results may differ by; a test that needs more says why."""
    return TOLERANCE


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Initial weights without a seed of their own come from the global state."""
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
