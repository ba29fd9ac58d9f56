"""Trains one member at a time with `model.fit`: the reference for the populations.

It is for models that say themselves how they are trained, and for optimizers that
cannot update the weights of several members at once.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.training import (
    evaluation,
    layer_measures,
    stacked_optimizer,
)
from keras_rectifiers.comparison.training.early_stopping import EarlyStopping
from keras_rectifiers.comparison.training.examples import examples_of
from keras_rectifiers.comparison.training.first_values import FirstValues, assign
from keras_rectifiers.comparison.training.noise_draws import drawing_by_integers
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.training.results import (
    Recorder,
    Results,
    joined,
)
from keras_rectifiers.comparison.training.sites import sites_of, warn_unmeasured
from keras_rectifiers.comparison.training.task import Member, Task
from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import probe


def train(
    task: Task,
    members: Sequence[Member],
    *,
    reason: str = "",
    jit_compile: bool | None = None,
    progress: Callable[[float], None] | None = None,
) -> Results:
    """Trains and measures members one after the other.

    Args:
        task, members, jit_compile, progress: as of `train_members`.
        reason: for the column `reason`.

    Returns:
        The same frames as those of a population.
    """
    results = []
    for number, member in enumerate(members):
        results.append(_train_one(task, member, reason, jit_compile))
        if progress is not None:
            progress((number + 1) / len(members))
    return joined(results)


def _train_one(task: Task, member: Member, reason: str, jit_compile) -> Results:
    example = examples_of(task.data, np.arange(1))[0]
    recorded = RecordedModel(task.build, example)
    model: Any = recorded.model
    values = FirstValues(recorded).of_member(member)
    assign(model, values)
    _set_rate(model, member.learning_rate)
    if jit_compile is not None:
        model.jit_compile = jit_compile
    sites = sites_of(model, example, task.sites) if task.measures else []
    recorder = Recorder(1, task.epochs, mode="fit", reason=reason)
    unseeded = keras.random.SeedGenerator(0)
    unseeded.state.assign(ops.convert_to_tensor(values[-1]))
    with drawing_by_integers(unseeded):
        _measure(recorder, 0, model, sites, task, member)
        if task.epochs:
            model.fit(
                _batches(task, member),
                steps_per_epoch=len(
                    task.examples_of_steps(member.seed, len(member.split.train), 1)
                ),
                epochs=task.epochs,
                shuffle=False,
                verbose=0,
                callbacks=[_Recording(task, member, sites, recorder)],
            )
        for split in SPLITS:
            indices = getattr(member.split, split)
            recorder.add_outcome(split, _evaluate(model, task, indices))
    if not task.epochs:
        columns = recorder.outcomes.columns.str.startswith(
            tuple(f"{s}_" for s in SPLITS)
        )
        recorder.outcomes.loc[:, columns] = np.nan
    for layer, site in enumerate(sites):
        slope: Any = getattr(site.activation, "negative_slope", None)
        if isinstance(slope, keras.Variable) and slope.trainable:
            values = ops.convert_to_numpy(slope).reshape(1, -1)
            recorder.add_output(layer, "negative_slope", values)
    if task.keeps_values:
        recorder.add_values(
            {v.path: ops.convert_to_numpy(v.value)[np.newaxis] for v in model.variables}
        )
    return recorder.results()


def _batches(task: Task, member: Member) -> Iterator[tuple]:
    """The batches of a member, epoch after epoch."""
    train = member.split.train
    for epoch in itertools.count(1):
        for indices in task.examples_of_steps(member.seed, len(train), epoch):
            # TensorFlow's data sets know no lists.
            x, y, weight = keras.tree.lists_to_tuples(
                examples_of(task.data, train[indices])
            )
            if weight is not None:
                yield x, y, weight
            else:
                yield (x,) if y is None else (x, y)


class _Recording(keras.callbacks.Callback):
    """Measures and evaluates the model after each epoch."""

    def __init__(self, task: Task, member: Member, sites, recorder: Recorder):
        super().__init__()
        self._task, self._member = task, member
        self._sites, self._recorder = sites, recorder
        self._stopping = EarlyStopping(task.patience, 1)

    def on_epoch_end(self, epoch, logs=None):
        task, model = self._task, self.model
        number, followed = epoch + 1, (logs or {})[task.monitor]
        _measure(self._recorder, number, model, self._sites, task, self._member)
        validation = _evaluate(model, task, self._member.split.validation)
        curves = {f"validation_{name}": np.array([v]) for name, v in validation.items()}
        self._recorder.add_curves(
            number, {f"train_{task.monitor}": np.array([followed]), **curves}
        )
        stops = self._stopping.stops(np.array([validation[task.monitor]]))
        if stops.any():
            self._recorder.stop(stops, number)
            self.model.stop_training = True


def _set_rate(model: Any, rate: float | None) -> None:
    """Gives the optimizer of a model another first learning rate."""
    if rate is None:
        return
    own = keras_internals.learning_rate(model.optimizer)
    if not callable(own):
        model.optimizer.learning_rate = rate
        return
    schedule = stacked_optimizer.starting_at(own, rate)
    optimizer = stacked_optimizer.with_rate(model.optimizer, schedule)
    excluded = [
        variable
        for variable in model.trainable_variables
        if not keras_internals.is_decayed(model.optimizer, variable)
    ]
    keras_internals.exclude_from_weight_decay(optimizer, excluded, [])
    model.optimizer = optimizer


def _measure(
    recorder: Recorder,
    epoch: int,
    model: keras.Model,
    sites: list[Site],
    task: Task,
    member: Member,
) -> None:
    """Measures every layer, if that is possible."""
    if not sites:
        return
    x, y, _ = examples_of(task.data, member.split.train[: task.probe_size])
    try:
        layers = probe(model, x, y, sites=sites)
    except ValueError as error:  # as of a loss that has no value for each example
        sites.clear()
        warn_unmeasured(error)
        return
    seen = [layer_measures.tensors(layer) for layer in layers]
    for run in layer_measures.runs(layers, seen):
        values = [layer_measures.layer_values(layers[number]) for number in run]
        together = {
            name: np.array([[ops.convert_to_numpy(v[name]) for v in values]])
            for name in values[0]
        }
        recorder.add_measurements(epoch, run, together)


def _evaluate(model: Any, task: Task, indices: np.ndarray) -> dict[str, float]:
    """Loss and metrics on some examples; NaN if there are none."""
    x, y, weight = examples_of(task.data, indices if len(indices) else np.arange(1))
    # Some layers of Keras draw in inference too, which must not change the training.
    states = [(v, ops.copy(v.value)) for v in model.non_trainable_variables]
    found = model.evaluate(
        x,
        y,
        sample_weight=weight,
        batch_size=evaluation.EVALUATED_AT_ONCE,
        verbose=0,
        return_dict=True,
    )
    for variable, value in states:
        variable.assign(value)
    return {
        name: float(value) if len(indices) else np.nan
        for name, value in found.items()
        if not np.shape(value)
    }
