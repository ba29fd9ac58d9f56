"""What the trials of a study are to the engine: a task and its members.

Trials know architectures, data sets and optimizers by name; here they become a model
that is built and compiled, arrays and first values.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import (
    kept_weights,
    layerwise,
    optimizers,
    recipes,
)
from keras_rectifiers.comparison.training.results import Results
from keras_rectifiers.comparison.training.task import Data, Member, Task
from keras_rectifiers.comparison.trials.recipes import RECIPES
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial

# The loss of a model with penalties has them in it; studies tell the loss without, by a
# metric of this name.
_PENALTIES = ("weight_l1", "weight_l2", "activity_l1")
_PLAIN_LOSS = "plain_loss"
# Recurrent nets have a layer for each time step: of these no more is kept than is told.
_THROUGH_TIME = ("signal_gradient", "largest_activation")


def task_of(
    trials: Sequence[Trial],
    *,
    compiles_pretraining: bool = True,
    after: Results | None = None,
) -> tuple[Task, list[Member]]:
    """Returns the task of a population of trials, and a member for each of them.

    Args:
        trials: trials that share a graph (`Trial.population`).
        compiles_pretraining: whether XLA compiles the pre-training.
        after: the results of `recipes.first_trials`, if there are any: the task is then
            what remains.
    """
    trial, pool = trials[0], datasets.pool(trials)
    data, recipe = datasets.describe(trial), RECIPES.get(trial.recipe)
    y, order, epochs, begin = pool.y, None, trial.epochs, 0
    if recipe is not None:
        if after is not None:
            epochs, begin = epochs - recipe.first_epochs, recipe.first_rounds
        y = y.astype(np.float32).reshape(len(y), -1)
        train = {
            t.seed: split.train for t, split in zip(trials, pool.splits, strict=True)
        }
        order = recipes.order(recipe, train, begin=begin)
    starts = _Starts(trials, pool, compiles_pretraining)
    task = Task(
        build=lambda: _compiled(trial, data, begin=begin),
        data=Data(x=pool.x, y=y, checksum=data.checksum),
        batch_size=trial.batch_size,
        epochs=epochs,
        patience=trial.patience,
        probe_size=trial.probe_size,
        monitor=_monitor(trial),
        order=order,
        # In an LSTM there are others too.
        sites=(lambda model: architectures.activation_sites(model, data))
        if trial.is_recurrent
        else None,
        keeps_values=recipe is not None or trial.dataset in kept_weights.DATASETS,
    )

    def start(number: int, model: keras.Model) -> Mapping[str, np.ndarray]:
        if after is None:
            return starts.of(number, model)
        paths = (variable.path for variable in model.variables)
        ended = (values[number] for values in after.values.values())
        return dict(zip(paths, ended, strict=True))

    members = [
        Member(
            seed=own.seed,
            split=split,
            learning_rate=own.learning_rate,
            start=functools.partial(start, number),
        )
        for number, (own, split) in enumerate(zip(trials, pool.splits, strict=True))
    ]
    return task, members


def tables_of(trials: Sequence[Trial], results: Results) -> Tables:
    """Returns the tables of trials, of the results of their members."""
    backend, monitor = keras.backend.backend(), _monitor(trials[0])
    data = [datasets.describe(trial) for trial in trials]
    keys = np.array(
        [
            trial.key(of_trial.checksum, backend=backend)
            for trial, of_trial in zip(trials, data, strict=True)
        ]
    )
    outcomes = results.outcomes
    frame = pd.DataFrame([trial.settings() for trial in trials])
    frame.insert(0, "key", keys)
    frame["schema"] = SCHEMA
    frame["mode"] = outcomes["mode"]
    frame["num_test"] = [of_trial.num_test for of_trial in data]
    frame["stopped_epoch"] = outcomes["stopped_epoch"]
    for split in SPLITS:
        frame[f"{split}_loss"] = outcomes[f"{split}_{monitor}"]
        # Numbers have none.
        frame[f"{split}_accuracy"] = outcomes.get(f"{split}_accuracy", np.nan)
    frame["keras_version"] = keras.__version__
    frame["backend"] = backend
    # Accuracy hides it: a net of NaN still guesses a class.
    is_lost = ~np.isfinite(frame["train_loss"])
    frame["diverged"] = (frame["epochs"] > 0) & is_lost
    outputs = [results.outputs]
    if trials[0].recipe != "standard":
        outputs.append(recipes.weights(results.values, trials[0].epochs))
    elif results.values:
        outputs.append(kept_weights.weights(trials, results.values))
    return Tables(
        trials=frame,
        measurements=_with_keys(_told(results.measurements, trials[0]), keys),
        outputs=_with_keys(pd.concat(outputs, ignore_index=True), keys),
    )


class _Starts:
    """The first values of the variables of all trials, made when they are asked for."""

    def __init__(self, trials: Sequence[Trial], pool: datasets.Pool, jit_compile: bool):
        self._trials, self._pool, self._jit_compile = trials, pool, jit_compile
        self._values: list[list[np.ndarray]] | None = None

    def of(self, number: int, model: keras.Model) -> Mapping[str, np.ndarray]:
        """The first values of a trial, by the paths of the variables."""
        if self._values is None:
            data = datasets.describe(self._trials[0])
            self._values = layerwise.draw_and_pretrain(
                self._trials,
                model,
                architectures.activation_sites(model, data),
                self._pool.x,
                [split.train for split in self._pool.splits],
                jit_compile=self._jit_compile,
            )
        paths = (variable.path for variable in model.variables)
        return dict(zip(paths, self._values[number], strict=True))


def _compiled(
    trial: Trial, data: datasets.Description, *, begin: int = 0
) -> keras.Model:
    model = architectures.ARCHITECTURES[trial.architecture](trial, data)
    sites = architectures.activation_sites(model, data)
    rate = optimizers.learning_rate(trial, trial.learning_rate, data.num_train)
    if recipe := RECIPES.get(trial.recipe):
        rate = recipes.RateByRound(
            rate,
            recipe.rate_factor,
            steps=data.num_train,
            begin=begin,
            constant=recipe.random_rounds,
        )
    optimizer = optimizers.optimizer(trial, rate)
    optimizer.exclude_from_weight_decay(var_list=optimizers.not_decayed(sites))
    metrics: list[Any] = []
    if data.num_outputs == data.num_classes:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        metrics.append(keras.metrics.SparseCategoricalAccuracy(name="accuracy"))
        plain_loss = keras.metrics.SparseCategoricalCrossentropy(
            from_logits=True, name=_PLAIN_LOSS
        )
    else:
        loss = keras.losses.MeanSquaredError()
        plain_loss = keras.metrics.MeanSquaredError(name=_PLAIN_LOSS)
        if data.num_classes:
            metrics.append(keras.metrics.BinaryAccuracy("accuracy", threshold=0.5))
    if _monitor(trial) == _PLAIN_LOSS:
        metrics.append(plain_loss)
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    return model


def _monitor(trial: Trial) -> str:
    has_penalty = any(getattr(trial, field) for field in _PENALTIES)
    return _PLAIN_LOSS if has_penalty else "loss"


def _told(measurements: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """The measurements that a study tells, of its layers and the loss that it follows."""
    # The last dense layer of a residual net, behind which there is no activation, counts
    # as linear elsewhere.
    is_own = (measurements["layer"] < trial.depth).fillna(True).astype(bool)
    measure = measurements["measure"]
    if trial.is_recurrent:
        is_own &= measurements["layer"].isna() | measure.isin(_THROUGH_TIME)
    if _monitor(trial) == "loss":
        return measurements[is_own]
    is_own &= measure != "validation_loss"
    names = {f"{s}_{_PLAIN_LOSS}": f"{s}_loss" for s in ("train", "validation")}
    return measurements[is_own].assign(measure=measure[is_own].replace(names))


def _with_keys(frame: pd.DataFrame, keys: np.ndarray) -> pd.DataFrame:
    """A frame with the key of each trial in the place of its number."""
    found = frame.rename(columns={"member": "key"}).reset_index(drop=True)
    return found.assign(key=keys[frame["member"].to_numpy()])
