"""The README: its code runs when pasted, and what it names exists."""

import re
import tomllib
from pathlib import Path

import keras
import pytest

from keras_rectifiers import layers
from studies import STUDIES
from tests.shown_outputs import agree

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Each block of code, and what is shown below it as its output.
BLOCKS = re.findall(
    r"^```python\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?", README, flags=re.M | re.S
)
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S)
LINKS = sorted(set(re.findall(r"\]\(([^)\s]+)\)", PROSE)))
PATHS = [link for link in LINKS if "://" not in link]


@pytest.mark.slow
def test_the_code_runs_when_it_is_pasted_block_after_block(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    keras.utils.clear_session()  # it numbers layers anew, as in a new process
    namespace = {"__name__": "__main__"}
    for number, (block, shown) in enumerate(BLOCKS, start=1):
        exec(compile(block, f"README.md, block {number}", "exec"), namespace)
        printed = capsys.readouterr().out
        assert printed, f"block {number} shows nothing"
        assert not shown or agree(shown, printed), f"block {number}:\n{printed}"
    assert [f.kind for f in namespace["diagnosis"].findings] == ["vanishing"]


def test_every_output_that_is_shown_stands_below_the_code_that_prints_it():
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.M | re.S)
    shown = [text for language, text in fenced if not language]
    assert shown == [output for _, output in BLOCKS if output]
    assert len(shown) >= 3


@pytest.mark.parametrize(
    ("printed", "is_same"),
    [
        ("dense_5: it shrinks 4.12 times, to 3.1e-05", True),
        ("dense_5: it shrinks 4.6 times, to 3.1e-05", False),
        ("dense_5: it shrinks 4.1 times, to 3.1e-06", False),
        ("dense_6: it shrinks 4.1 times, to 3.1e-05", False),
        ("dense_5: it shrinks 4.1 times", False),
    ],
)
def test_an_output_that_the_code_does_not_print_is_noticed(printed, is_same):
    assert agree("dense_5: it shrinks 4.1 times, to 3.1e-05", printed) is is_same


@pytest.mark.parametrize("path", PATHS)
def test_linked_files_exist(path):
    assert (ROOT / path).exists(), path


def test_the_readme_links_to_a_figure_the_notebook_and_the_licence():
    assert {"docs/signal-gradient.svg", "notebooks/tour.ipynb", "LICENSE"} <= set(PATHS)


def test_linked_pages_are_those_the_layers_cite():
    cited = "".join(getattr(layers, name).__doc__ for name in layers.__all__)
    pages = [link for link in LINKS if "://" in link]
    assert pages and [page for page in pages if page not in cited] == []


def test_every_figure_has_a_text_that_says_what_it_shows():
    texts = re.findall(r"!\[(.*?)\]\(", PROSE, flags=re.S)
    assert texts and all(len(text) > 80 for text in texts)


def test_the_layers_table_has_exactly_the_public_layers():
    assert sorted(first_column("layer")) == sorted(layers.__all__), (
        "CONTRIBUTING.md, Add a rectifier: each layer has a row in the README's table."
    )


def test_the_studies_table_has_exactly_the_studies_and_their_questions():
    table = {row[0].strip("`"): row[1] for row in rows("study")}
    assert table == {name: study.question for name, study in STUDIES.items()}, (
        "CONTRIBUTING.md, Add a study: each has a row in the README's table."
    )


def test_the_extras_table_has_exactly_the_extras():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)["project"]["optional-dependencies"]
    assert first_column("extra") == list(extras)


def test_it_names_the_versions_of_keras_that_are_supported():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (lowest,) = re.findall(r'"keras>=([\d.]+),', text)
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    (highest,) = re.findall(r"^keras==(\d+\.\d+)", pins, re.M)
    assert f"Keras {lowest} to {highest}." in README


def test_the_make_targets_it_names_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z-]+)`", README))
    assert {"report", "test"} <= targets
    assert targets <= set(re.findall(r"^([a-z-]+):", makefile, flags=re.M))


def test_a_study_that_is_not_there_would_be_noticed():
    named = set(re.findall(r"python -m studies (?:run|report) (\w+)", README))
    assert named and named <= set(STUDIES)


def first_column(header: str) -> list[str]:
    return [row[0].strip("`") for row in rows(header)]


def rows(header: str) -> list[list[str]]:
    """The rows of the table whose first heading is `header`."""
    match = re.search(rf"^\| {header} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", README, re.M)
    assert match, f"the README has no table that starts with {header!r}"
    lines = match.group(1).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
