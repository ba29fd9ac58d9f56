"""A report that tests may read but not change."""

from pathlib import Path

import pytest

from tests.comparison.reporting.made_up_reports import write_made_up


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    write_made_up(folder)
    return folder
