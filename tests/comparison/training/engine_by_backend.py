"""Members of every kind of model against the same seeds trained alone, on any backend.

Not collected by `make test`: `make test-backends` names this file, on JAX. On
TensorFlow `test_engine.py` has these tests.
"""

import pytest

from tests.comparison.training.engine_cases import (
    CASES,
    assert_equal_alone,
    members,
    task,
)

# They differ from others in data and loss alone, which no backend treats in its own way.
ON_TENSORFLOW_ALONE = ("regression", "auto-encoder", "sample weights", "own loss")
ON_EVERY_BACKEND = {n: c for n, c in CASES.items() if n not in ON_TENSORFLOW_ALONE}


@pytest.mark.parametrize(
    ("build", "data"), ON_EVERY_BACKEND.values(), ids=ON_EVERY_BACKEND
)
def test_members_equal_the_same_seed_trained_alone(build, data):
    assert_equal_alone(task(build, data), members())
