"""Trains all trials that share a computation graph at the same time."""

from collections.abc import Iterable, Sequence

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
        or `"jax-xla"`.

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
    parts = [_train_population(group, jit_compile) for group in populations(trials)]
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


def _train_population(trials: Sequence[Trial], jit_compile: bool | None) -> Tables:
    # Not before the backend has been checked.
    from keras_rectifiers.comparison.data import datasets
    from keras_rectifiers.comparison.training import plan, recipes, trial_tasks
    from keras_rectifiers.comparison.training.engine import train_members

    # Pre-training has so many small steps that compilation always pays.
    compiles_pretraining = jit_compile is not False
    if jit_compile is None:
        jit_compile = plan.uses_xla(trials[0], datasets.describe(trials[0]).num_train)
    first = None
    if first_trials := recipes.first_trials(trials):
        task, members = trial_tasks.task_of(first_trials)
        first = train_members(task, members, jit_compile=jit_compile)
    task, members = trial_tasks.task_of(
        trials, compiles_pretraining=compiles_pretraining, after=first
    )
    results = train_members(task, members, jit_compile=jit_compile)
    if first is not None:
        results = recipes.one_after_another(first, results, first_trials[0].epochs)
    return trial_tasks.tables_of(trials, results)


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
