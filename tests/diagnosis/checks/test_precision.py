"""What half precision cannot hold, and what it can."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.diagnosis.checks.precision import check
from keras_rectifiers.inspection.batch import checked_batch
from keras_rectifiers.inspection.probe import values_of


def found(policy, scale, rng):
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(8, "relu", dtype=policy, name="first"),
            layers.Dense(8, "relu", dtype=policy, name="second"),
            layers.Dense(1, dtype="float32", name="last"),
        ]
    )
    x, _ = checked_batch(model, scale * rng.normal(size=(16, 4)), np.zeros(16))
    return check(model, values_of(model), x)


def test_results_beyond_float16_are_named(rng):
    keras.utils.set_random_seed(0)
    (finding,) = found("mixed_float16", 1e6, rng)
    assert (finding.kind, finding.layer) == ("overflow", "first")
    assert finding.others == ("second",)
    assert "float16 ends at 65,504" in finding.observation


@pytest.mark.parametrize(
    ("policy", "scale"),
    [("mixed_float16", 1.0), ("mixed_bfloat16", 1e6), ("float32", 1e6)],
)
def test_what_fits_is_left_in_peace(policy, scale, rng):
    assert found(policy, scale, rng) == []
