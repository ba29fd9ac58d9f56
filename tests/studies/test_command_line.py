"""The command line of the studies, as its users meet it: texts and exit statuses."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from studies import command_line
from tests.studies.made_up_command_line import ROOT

pytestmark = pytest.mark.usefixtures("tiny_studies")

SEE_HELP = "See python -m studies --help."
USAGE = "Usage: python -m studies"


# Tells what TensorFlow would find in the environment, and does not load it.
LOG_LEVEL = """
import os, sys

class Finder:
    def find_spec(self, name, *args):
        if name == "tensorflow":
            print(os.environ.get("TF_CPP_MIN_LOG_LEVEL"))
            sys.exit()

sys.meta_path.insert(0, Finder())
import studies
studies.STUDIES
"""


def test_tensorflow_is_told_to_log_errors_only_before_it_is_loaded(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-c", LOG_LEVEL]
    output = subprocess.run(command, capture_output=True, text=True).stdout
    assert output == "3\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["run"],
            "Expected the name of a study, or --all. Choose from tiny, other. Received: none.",
        ),
        (
            ["run", "tiny", "--all", "other"],
            "Expected either --all or names of studies, not both. Leave one of them out. Received: --all and tiny, other.",
        ),
        (
            ["run", "tniy"],
            "Expected one of the studies tiny, other. Did you mean tiny? Received: 'tniy'.",
        ),
        (
            ["run", "tiny", "vanishing"],
            "Expected one of the studies tiny, other. Received: 'vanishing'.",
        ),
        (
            ["report", "othr"],
            "Expected one of the studies tiny, other. Did you mean other? Received: 'othr'.",
        ),
        *(
            (
                ["run", "tiny", "--workers", workers],
                "--workers must be a whole number of at least 1. Received: "
                f"{workers!r}.",
            )
            for workers in ("0", "-1", "x", "1.5", "")
        ),
        *(
            (
                [command, "tiny", "--profile", "medium"],
                "--profile must be quick, standard or full. Received: 'medium'.",
            )
            for command in ("run", "report")
        ),
        (
            ["run", "tiny", "--scheduler", "10.0.0.7"],
            "--scheduler must be the address of a Dask scheduler, such as "
            "tcp://10.0.0.7:8786. Received: '10.0.0.7'.",
        ),
        (
            ["run", "tiny", "--scheduler", "tcp://10.0.0.7:8786", "--workers", "2"],
            "Expected either --workers, for local processes, or --scheduler, which "
            "has its own workers. Leave one of them out. Received: both.",
        ),
        *(
            (
                [command, "tiny", "--data-dir", "none"],
                "--data-dir must be a folder. Received: 'none'.",
            )
            for command in ("run", "report", "status")
        ),
        (["run", "--wrokers", "2"], f"No such option: --wrokers(.*) {SEE_HELP}"),
        (["rnu", "tiny"], f"No such command 'rnu'(.*) {SEE_HELP}"),
        (["run", "tiny", "--out"], f"Option '--out' requires an argument. {SEE_HELP}"),
        (["list", "tiny"], f"Got unexpected extra argument(.*) {SEE_HELP}"),
        ([], f"Missing command. {SEE_HELP}"),
        (
            ["report"],
            "Expected finished trials in results. Received: none. Train them first: "
            "python -m studies run tiny other --profile quick --out results",
        ),
        (
            [
                "report",
                "tiny",
                "--profile",
                "full",
                "--dataset",
                "digits",
                "--out",
                "my results",
            ],
            "Expected finished trials in my results. Received: none. Train them "
            "first: python -m studies run tiny --profile full --dataset digits --out "
            "'my results'",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_told_in_one_line(trained, capsys, tmp_path, arguments, message):
    assert command_line.main(arguments) == 2
    output, notes = capsys.readouterr()
    assert output == ""
    pattern = re.escape(f"studies: {message}\n").replace(re.escape("(.*)"), ".*")
    assert re.fullmatch(pattern, notes), notes
    assert trained == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_opened_is_told_in_one_line(trained, capsys, monkeypatch):
    command_line.main(["run", "tiny"])
    capsys.readouterr()

    def refuse(self):
        raise PermissionError(13, "Permission denied", "results/trials/a.parquet")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert command_line.main(["run", "tiny"]) == 1
    assert capsys.readouterr().err == (
        "studies: [Errno 13] Permission denied: 'results/trials/a.parquet'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "phrases"),
    [
        (
            ["--help"],
            [
                f"{USAGE} [OPTIONS] COMMAND [ARGS]...",
                "Run the studies of keras_rectifiers and report the results.",
                "list List the studies, their questions and their numbers of trials.",
                "run Train the missing trials of the given studies.",
                "status Show which trials are done, missing, failed or damaged.",
                "report Write the report of the finished trials.",
            ],
        ),
        (
            ["list", "--help"],
            ["List the studies, their questions and their numbers of trials."],
        ),
        (
            ["run", "--help"],
            [
                f"{USAGE} run [OPTIONS] [NAME]...",
                "an interrupted run continues where it stopped, and a run with more "
                "seeds trains only the new seeds.",
                "Names of the studies; see `list`.",
                "--all Select all studies.",
                "--profile quick|standard|full How much to train: `quick` takes "
                "minutes on data included with scikit-learn, `standard` takes some "
                "hours on subsets of MNIST, Fashion-MNIST and CIFAR-10, `full` uses "
                "CIFAR-10 and CIFAR-100 and needs a GPU or a cluster. [default: quick]",
                "--dataset NAME Data set to use instead of those of the profile: digits, mnist, ",
                "--seeds N Use the seeds 0 to N - 1 for each net",
                "--activations NAME... Use only the nets with these activations.",
                "--workers N Number of populations to train at the same time",
                "[default: 1]",
                "--out DIR Folder for the finished trials. [default: results]",
            ],
        ),
        (
            ["report", "--help"],
            [
                f"{USAGE} report [OPTIONS] [NAME]...",
                "Uses all studies if none is named, and can be called while trials",
                "--out DIR Folder for the finished trials. [default: results]",
                "--reports DIR Folder for the pages of the report. [default: reports]",
            ],
        ),
    ],
    ids=lambda value: " ".join(value) if value[0].startswith("-") else "",
)
def test_help_reads_well(capsys, arguments, phrases):
    assert command_line.main(arguments) == 0
    output, notes = capsys.readouterr()
    assert notes == ""
    text = " ".join(output.split())
    for phrase in phrases:
        assert phrase in text
    # The width of the terminal is kept.
    assert max(map(len, output.splitlines())) <= 80
