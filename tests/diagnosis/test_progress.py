"""How far a training has come, and from where it is rehearsed."""

import math

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.diagnosis.layer_measures import LayerMeasures
from keras_rectifiers.diagnosis.loss_bounds import LossBounds
from keras_rectifiers.diagnosis.progress import (
    Progress,
    first_values,
    progress_of,
    rehearsed,
)
from keras_rectifiers.diagnosis.subject import looked_at
from keras_rectifiers.inspection.batch import checked_batch

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
BOUNDS = LossBounds(constant=1.0, perfect=0.0)


def subject(*, steps=0, optimizer="sgd"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.optimizer.iterations.assign(steps)
    x, y = checked_batch(model, X, X[:, :1])
    return looked_at(model, x, y, None, LayerMeasures(model, x))


@pytest.mark.parametrize(
    ("now", "steps", "spoilt", "well"),
    [
        (0.95, 0, False, False),
        (0.95, 10, True, False),
        (0.5, 10, False, False),
        (0.1, 10, False, True),
        (0.1, 0, False, False),
    ],
)
def test_only_what_was_trained_is_spoilt_or_has_learned(now, steps, spoilt, well):
    progress = Progress(bounds=BOUNDS, now=now, num_taken=steps)
    assert (progress.is_spoilt, progress.has_learned_well) == (spoilt, well)
    unknown = LossBounds(constant=math.nan, perfect=math.nan)
    assert not Progress(bounds=unknown, now=now, num_taken=steps).is_spoilt


def test_a_spoilt_model_is_rehearsed_from_fresh_weights():
    given = subject(steps=10)
    own = ops.convert_to_numpy(given.values[0][0])
    for now, restarted in ((2.0, True), (0.5, False)):
        progress = progress_of(given, BOUNDS, now)
        assert progress.num_taken == 10
        start = first_values(given, progress)
        assert restarted != np.array_equal(own, ops.convert_to_numpy(start[0][0]))
        rehearsals = rehearsed(given, progress, start, num_steps=3, batch_size=32)
        assert rehearsals is not None and rehearsals.restarted == restarted
        assert len(rehearsals.own.losses) == 3
        assert math.isnan(rehearsals.in_training_mode)


def test_without_steps_bounds_or_a_fixed_rate_less_is_rehearsed():
    given = subject()
    progress = progress_of(given, BOUNDS, 1.0)
    start = first_values(given, progress)
    assert rehearsed(given, progress, start, num_steps=0, batch_size=32) is None
    unknown = progress_of(given, LossBounds(constant=math.nan, perfect=math.nan), 1.0)
    assert rehearsed(given, unknown, start, num_steps=3, batch_size=32) is None
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    given = subject(optimizer=keras.optimizers.SGD(schedule))
    rehearsals = rehearsed(given, progress, given.values, num_steps=3, batch_size=32)
    assert rehearsals is not None and rehearsals.again is None
