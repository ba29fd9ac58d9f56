"""What is tried for which kind of finding."""

import keras
from keras import layers

from keras_rectifiers.diagnosis.cures import CURES
from keras_rectifiers.diagnosis.reasoning import KINDS
from tests.diagnosis.made_up_programs import cured, program

# What is wrong with the data themselves, what no step changes, and what the rehearsal
# is already: fresh weights, random order, averages of the batch, float32, and none of
# the arguments of fit.
WITHOUT_CURE = {
    *("constant inputs", "constant targets", "equal columns", "codes"),
    *("metric", "unseen", "imbalance"),
    *("unfinished", "order", "modes disagree", "overflow", "fit"),
}


def test_each_kind_has_cures_unless_it_is_said_why_not():
    assert set(CURES) == set(KINDS) - WITHOUT_CURE


def test_a_rate_is_changed_unless_it_follows_a_schedule():
    assert cured("rate too high", "tenth", program(layers.Dense(1))).factor == 0.1
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    given = program(layers.Dense(1), optimizer=keras.optimizers.SGD(schedule))
    assert cured("rate too high", "tenth", given) is None
    assert cured("diverging", "clipnorm", given).clipnorm == 1.0
