"""Trains all trials that share one computation graph at once."""

from collections.abc import Sequence

import keras
import pandas as pd

from keras_rectifiers.comparison import datasets
from keras_rectifiers.comparison.population.plan import populations
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Trial

__all__ = ["make_deterministic", "populations", "train"]


def train(trials: Sequence[Trial], *, jit_compile: bool | None = None) -> Tables:
    """Trains and measures trials, as many at once as share a graph.

    Args:
        trials: any trials.
        jit_compile: whether XLA compiles the trainings. Default: where it pays.

    Returns:
        An object with the frames `trials`, `measurements` and `outputs`. A training
        whose loss is lost to NaN or infinity is a result, marked `diverged`. The column
        `mode` tells how a trial was trained: `"tensorflow-graph"` or `"tensorflow-xla"`
        with others at once; `"fit"` alone, by `model.fit`, because TensorFlow cannot
        vectorise something in its net.

    Raises:
        MemoryError, tensorflow.errors.ResourceExhaustedError: if the memory does not
            suffice for a single trial; a population that it does not suffice for is
            halved.
        ValueError: if there is no trial, or one names an unknown data set or
            activation.
        RuntimeError: if the backend is not TensorFlow.
    """
    if not trials:
        raise ValueError("There is nothing to train: expected at least one Trial.")
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
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            "Populations train on the TensorFlow backend. This process runs "
            f"{keras.backend.backend()!r}; set KERAS_BACKEND=tensorflow before Keras "
            "is imported."
        )
    from keras_rectifiers.comparison.population import members, solo, tensorflow

    try:
        return [tensorflow.train(trials, dataset, jit_compile=jit_compile)]
    except members.NotVectorisable:
        return solo.train(trials, dataset, jit_compile=bool(jit_compile))
    except tensorflow.OUT_OF_MEMORY:
        if len(trials) == 1:
            raise
    # Out of the handler, which keeps what the failed population holds.
    half = len(trials) // 2
    return [
        part
        for shard in (trials[:half], trials[half:])
        for part in _train_population(shard, jit_compile)
    ]
