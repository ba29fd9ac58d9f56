"""Folders that the tests of data sets have to themselves."""

from pathlib import Path

import pytest

from keras_rectifiers.comparison.data import published
from tests.comparison.data.made_up_files import forget


@pytest.fixture
def folders(tmp_path, monkeypatch) -> Path:
    """An empty cache, and an empty folder of data that the variable names."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(published.DATA_DIR, str(data))
    forget()
    return data
