"""A store that each test has to itself."""

import pytest

from keras_rectifiers.comparison.trials.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "results" / "here")
