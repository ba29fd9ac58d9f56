"""Trains all trials that share one computation graph at once."""

import importlib
from collections.abc import Iterable, Sequence
from types import ModuleType

import keras
import pandas as pd

from keras_rectifiers.arguments import check_flag
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.training.plan import populations
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial, distinct

__all__ = ["check_keras", "make_deterministic", "populations", "train"]


def train(trials: Iterable[Trial], *, jit_compile: bool | None = None) -> Tables:
    """Trains and measures trials, as many at once as share a graph.

    Args:
        trials: any trials; one that comes several times is trained once.
        jit_compile: whether XLA compiles the trainings. Default: where it pays; on JAX
            it always does.

    Returns:
        An object with the frames `trials`, `measurements` and `outputs`. A training
        whose loss is lost to NaN or infinity is a result, marked `diverged`. The column
        `mode` tells how a trial was trained: `"tensorflow-graph"`, `"tensorflow-xla"` or
        `"jax-xla"` with others at once; `"fit"` alone, by `model.fit`, because
        TensorFlow cannot vectorise something in its net.

    Raises:
        MemoryError, or the backend's own error: if the memory does not suffice for a
            single trial; a population that it does not suffice for is halved.
        TypeError: if `trials` is no iterable of trials.
        ValueError: if there is no trial, the data of one cannot be loaded or do not suit
            it, or Keras computes in another type than float32.
        RuntimeError: if the backend is PyTorch.
    """
    trials = distinct(trials)
    if jit_compile is not None:
        check_flag("jit_compile", jit_compile, layer="train")
    if not trials:
        raise ValueError("There is nothing to train: expected at least one Trial.")
    check_keras()
    parts = [
        part
        for group in populations(trials)
        for part in _train_population(group, jit_compile)
    ]
    return Tables(
        **{
            table: pd.concat([getattr(p, table) for p in parts], ignore_index=True)
            for table in ("trials", "measurements", "outputs")
        }
    )


def make_deterministic() -> None:
    """Has TensorFlow take no operation whose result differs from run to run.

    It holds for this process, for good.
    """
    import tensorflow

    tensorflow.config.experimental.enable_op_determinism()


def _train_population(trials: Sequence[Trial], jit_compile) -> list[Tables]:
    dataset = datasets.load_for(trials[0])
    backend = _backend()
    from keras_rectifiers.comparison.training import loop, one_by_one

    try:
        return [loop.train(trials, dataset, backend, jit_compile=jit_compile)]
    except backend.NOT_VECTORISABLE:
        return one_by_one.train(trials, dataset, jit_compile=bool(jit_compile))
    except Exception as error:
        if len(trials) == 1 or not backend.is_out_of_memory(error):
            raise
    # Out of the handler, which keeps what the failed population holds.
    half = len(trials) // 2
    return [
        part
        for shard in (trials[:half], trials[half:])
        for part in _train_population(shard, jit_compile)
    ]


def check_keras() -> None:
    """Checks that Keras is set as trials need it.

    Raises:
        ValueError: if it computes in another type than float32.
        RuntimeError: if its backend is another than TensorFlow and JAX.
    """
    policy = keras.config.dtype_policy().name
    if not policy == keras.config.floatx() == "float32":
        raise ValueError(
            "Trials are trained in float32, or they could not be compared. Received: the dtype "
            f"policy {policy!r} and floatx {keras.config.floatx()!r}; call "
            'keras.config.set_dtype_policy("float32") and '
            'keras.config.set_floatx("float32") first, or set "floatx" in keras.json.'
        )
    name = keras.backend.backend()
    if name not in ("tensorflow", "jax"):
        raise RuntimeError(
            "Populations train on the TensorFlow and JAX backends. This process runs "
            f"{name!r}; set KERAS_BACKEND=tensorflow before Keras is imported."
        )


def _backend() -> ModuleType:
    return importlib.import_module(f"{__name__}.{keras.backend.backend()}")
