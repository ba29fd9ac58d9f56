"""Members of any task against the same members trained by `model.fit`."""

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
