"""Optimizers that update all members at once, and those that cannot."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.training.stacked_optimizer import (
    RatePerMember,
    first_rates,
    why_not_stacked,
)
from tests.comparison.training.engine_cases import (
    assert_equal_alone,
    compiled,
    data,
    members,
    numbers,
    regression,
    task,
)

POINTS = data(numbers(1), np.sin(numbers(1)))
OPTIMIZERS = keras.optimizers
ELEMENTWISE = {
    "SGD": lambda: OPTIMIZERS.SGD(0.05, momentum=0.9, nesterov=True),
    "RMSprop": lambda: OPTIMIZERS.RMSprop(0.01, momentum=0.5, centered=True),
    "Adam": lambda: OPTIMIZERS.Adam(0.01, amsgrad=True, clipvalue=0.01),
    "AdamW": lambda: OPTIMIZERS.AdamW(0.01, weight_decay=0.5, global_clipnorm=0.1),
    "Adadelta": lambda: OPTIMIZERS.Adadelta(1.0),
    "Adagrad": lambda: OPTIMIZERS.Adagrad(0.1),
    "Adamax": lambda: OPTIMIZERS.Adamax(0.01),
    "Ftrl": lambda: OPTIMIZERS.Ftrl(0.1),
    "Lion": lambda: OPTIMIZERS.Lion(0.001),
    "Nadam": lambda: OPTIMIZERS.Nadam(0.01),
    "EMA": lambda: OPTIMIZERS.SGD(0.1, use_ema=True, ema_momentum=0.5),
}
OTHERS = {
    "Adafactor": lambda: OPTIMIZERS.Adafactor(0.01),
    "Lamb": lambda: OPTIMIZERS.Lamb(0.01),
    "LossScaleOptimizer": lambda: OPTIMIZERS.LossScaleOptimizer(OPTIMIZERS.SGD(0.1)),
    "Muon": lambda: OPTIMIZERS.Muon(0.01),
}
# On TensorFlow its step reads a variable after that has changed.
(OTHERS if keras.backend.backend() == "tensorflow" else ELEMENTWISE)[
    "ScheduleFreeAdamW"
] = lambda: OPTIMIZERS.ScheduleFreeAdamW(0.01)


def build(optimizer):
    return compiled(regression(), optimizer=optimizer(), loss="mse")


def slow_unless(names, table):
    return [
        pytest.param(make, id=name, marks=[pytest.mark.slow] * (name not in names))
        for name, make in table.items()
    ]


@pytest.mark.parametrize("optimizer", slow_unless(("Nadam", "EMA"), ELEMENTWISE))
def test_elementwise_optimizers_update_each_member_as_alone(optimizer):
    given = members(learning_rate=0.02)
    assert_equal_alone(task(lambda: build(optimizer), POINTS, measures=False), given)


@pytest.mark.parametrize("name", OTHERS)
def test_an_optimizer_that_mixes_numbers_of_a_weight_is_told(name):
    reason = why_not_stacked(build(OTHERS[name]))
    assert reason == f"{name} does not update all members as `fit` updates each of them"


def test_optimizers_that_do_not_act_in_each_step_are_told():
    assert "accumulates gradients" in why_not_stacked(
        build(lambda: OPTIMIZERS.SGD(0.1, gradient_accumulation_steps=2))
    )
    assert "by their averages" in why_not_stacked(
        build(lambda: OPTIMIZERS.SGD(0.1, use_ema=True, ema_overwrite_frequency=2))
    )
    assert why_not_stacked(build(lambda: OPTIMIZERS.SGD(0.1))) == ""


def test_every_optimizer_of_keras_is_among_them():
    kinds = {
        name
        for name, kind in vars(OPTIMIZERS).items()
        if isinstance(kind, type) and issubclass(kind, keras.Optimizer)
    }
    # The last takes an optimizer for each weight.
    assert kinds - {"Optimizer", "MultiOptimizer"} <= {*ELEMENTWISE, *OTHERS}


def test_members_that_share_a_schedule_have_rates_of_their_own(tolerance):
    schedule = keras.optimizers.schedules.CosineDecay(1.0, 4)
    rates = RatePerMember(schedule)
    rates.first = np.array([[0.5], [0.1]], np.float32)
    for step, share in [(0, 1), (2, 0.5), (4, 0)]:
        got = keras.ops.convert_to_numpy(rates(step))
        np.testing.assert_allclose(got, share * rates.first, atol=tolerance)


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """As a user writes it: not registered, and without a configuration."""

    def __call__(self, step):
        return 0.1 * 0.5 ** keras.ops.cast(step, "float32")


def test_a_schedule_of_the_users_own_updates_all_members_at_once():
    assert why_not_stacked(build(lambda: OPTIMIZERS.SGD(Halving()))) == ""


@pytest.mark.slow
def test_with_a_schedule_of_the_users_own_members_are_trained_as_alone():
    """Over 2 s: it is traced."""
    halving = task(
        lambda: build(lambda: OPTIMIZERS.SGD(Halving())), POINTS, measures=False
    )
    assert_equal_alone(halving, members())


def test_a_rate_is_refused_where_the_schedule_has_no_first_one():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.1, 0.01])
    optimizer = OPTIMIZERS.SGD(schedule)
    assert first_rates(optimizer, [None, None]) is None
    with pytest.raises(ValueError, match=r"Received: PiecewiseConstantDecay\.$"):
        first_rates(optimizer, [0.1, None])
