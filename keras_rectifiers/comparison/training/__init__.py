"""Trains all trials that share a computation graph at the same time."""

import importlib
from collections.abc import Iterable, Sequence
from types import ModuleType

import keras
import pandas as pd

from keras_rectifiers.arguments import check_flag
from keras_rectifiers.comparison.training.plan import populations
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial, distinct

__all__ = ["check_keras", "make_deterministic", "populations", "train"]


def train(trials: Iterable[Trial], *, jit_compile: bool | None = None) -> Tables:
    """Trains and measures trials; those that share a graph are trained together.

    Args:
        trials: any trials; duplicates are trained once.
        jit_compile: whether XLA compiles the training. Default: if it is faster; on JAX
            always.

    Returns:
        An object with the frames `trials`, `measurements` and `outputs`. A training
        whose loss becomes NaN or infinite is a result, marked `diverged`. The column
        `mode` shows how a trial was trained: `"tensorflow-graph"`, `"tensorflow-xla"`
        or `"jax-xla"` together with others; `"fit"` separately, by `model.fit`, because
        TensorFlow cannot vectorise an operation of its net.

    Raises:
        MemoryError, or the backend's own error: if there is not enough memory for a
        single trial; a population that does not fit is halved.
        TypeError: if `trials` is not an iterable of trials.
        ValueError: if there is no trial, if the data of a trial cannot be loaded or are
            not suitable, or if Keras computes in a type other than float32.
        RuntimeError: if the backend is PyTorch.
    """
    trials = distinct(trials)
    if jit_compile is not None:
        check_flag("jit_compile", jit_compile, layer="train")
    if not trials:
        raise ValueError("Expected at least one Trial to train. Received: none.")
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
    """Makes TensorFlow use only operations that give the same result in every run.

    This cannot be undone within the process.
    """
    import tensorflow

    tensorflow.config.experimental.enable_op_determinism()


def _train_population(trials: Sequence[Trial], jit_compile) -> list[Tables]:
    backend = _backend()
    from keras_rectifiers.comparison.training import loop, one_by_one

    try:
        return [loop.train(trials, backend, jit_compile=jit_compile)]
    except backend.NOT_VECTORISABLE:
        return one_by_one.train(trials, jit_compile=bool(jit_compile))
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
    """Checks that Keras is configured as trials need it.

    Raises:
        ValueError: if Keras computes in a type other than float32.
        RuntimeError: if the backend of Keras is neither TensorFlow nor JAX.
    """
    policy = keras.config.dtype_policy().name
    if not policy == keras.config.floatx() == "float32":
        raise ValueError(
            "Trials must be trained in float32, so that they can be compared. Call "
            'keras.config.set_dtype_policy("float32") and '
            'keras.config.set_floatx("float32") first, or set "floatx" in keras.json. '
            f"Received: the dtype policy {policy!r} and floatx {keras.config.floatx()!r}."
        )
    name = keras.backend.backend()
    if name not in ("tensorflow", "jax"):
        raise RuntimeError(
            "Trials can be trained only on the TensorFlow and JAX backends. Set "
            "KERAS_BACKEND=tensorflow before Keras is imported. Received: the backend "
            f"{name!r}."
        )


def _backend() -> ModuleType:
    return importlib.import_module(f"{__name__}.{keras.backend.backend()}")
