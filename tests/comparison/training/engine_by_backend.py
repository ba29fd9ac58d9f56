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


@pytest.mark.parametrize(("build", "data"), CASES.values(), ids=CASES)
def test_members_equal_the_same_seed_trained_alone(build, data):
    assert_equal_alone(task(build, data), members())
