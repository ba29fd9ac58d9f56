"""The command line of the studies, as its users meet it: texts and exit statuses."""

import contextlib
import dataclasses
import functools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rich.console
import typer

import studies
from keras_rectifiers.comparison import figures, training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.reporting import report
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from studies import __main__ as command_line
from studies import progress
from tests.comparison.made_up_claims import made_up_claim

ROOT = Path(__file__).parents[2]
SMALL = {"width": 4, "batch_size": 256, "epochs": 1, "probe_size": 32}
TRIALS = [
    Trial(activation=activation, depth=depth, seed=seed, **SMALL)
    for activation, depth in (("tanh", 3), ("relu", 2))
    for seed in range(2)
]
TANH = "tanh, mlp 3x4, trials: 2, epochs: 1"
RELU = "relu, mlp 2x4, trials: 2, epochs: 1"
LEFT = r"about \d s left"
SEE_HELP = "See python -m studies --help."
USAGE = "Usage: python -m studies"

# As `python -m studies`, but with a study that takes seconds.
DRIVER = f"""
import runpy, signal
# Whoever starts the tests in the background makes them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
import studies
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
trials = [
    Trial(activation="relu", depth=depth, seed=seed, **{SMALL})
    for depth in (5, 4, 3, 2)
    for seed in range(2)
]
tiny = Study(
    name="tiny", title="", question="", method="", claims=[], figures=[],
    trials={{"quick": lambda: trials, "full": lambda: trials}},
)
studies.STUDIES = {{"tiny": tiny}}
runpy.run_module("studies", run_name="__main__", alter_sys=True)
"""

# Its workers finish the first population and never the others.
ENDLESS = """
import os
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner

attempt, train = runner.attempt, training.train

def endless_train(trials):
    if trials[0].depth < 5:
        print("begun", flush=True)
        open("pipe_that_nobody_writes_to").read()
    return train(trials)

def endless_attempt(*args):
    training.train = endless_train
    return attempt(*args)

runner.attempt = endless_attempt
"""

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


def effects(tables: Tables):
    return {"all": tables.trials.groupby("seed").test_accuracy.mean()}


def draw(tables: Tables):
    rows = tables.measurements.assign(panel="all", activation="relu")
    return figures.lines_by_layer(rows, ylabel="gradient", column="panel")


def made_up_study(name: str, trials: list[Trial]) -> Study:
    return Study(
        name=name,
        title=f"The {name} study",
        question=f"Is it {name}?",
        method="It is looked at.",
        trials={
            "quick": lambda: trials,
            "full": lambda: [*trials, Trial(depth=2, seed=9, **SMALL)],
        },
        claims=[made_up_claim(AtLeast(threshold=0.5), effects=effects)],
        figures=[
            figures.StudyFigure(
                name="gradient", title="The gradient", caption="Look.", draw=draw
            )
        ],
    )


@pytest.fixture(autouse=True)
def tiny_studies(tmp_path, monkeypatch) -> None:
    """Two tiny studies, `tiny` and `other`, in an empty folder and a plain terminal."""
    others = [Trial(activation="elu", depth=2, **SMALL)]
    made_up = {
        "tiny": made_up_study("tiny", TRIALS),
        "other": made_up_study("other", others),
    }
    monkeypatch.setattr(studies, "STUDIES", made_up)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def errors() -> dict[str, BaseException]:
    """Activation -> what its training raises."""
    return {}


@pytest.fixture
def trained(monkeypatch, errors) -> list[str]:
    """The activations whose populations were trained: quickly, by a stand-in."""
    activations = []

    def train(trials):
        activations.append(trials[0].activation)
        if trials[0].activation in errors:
            raise errors[trials[0].activation]
        return made_up_tables(trials)

    monkeypatch.setattr(training, "train", train)
    return activations


def made_up_tables(trials) -> Tables:
    keys = [runner.key(trial) for trial in trials]
    frame = pd.DataFrame(
        {
            "key": key,
            **trial.settings(),
            "schema": SCHEMA,
            "mode": "made-up",
            "test_accuracy": 0.9,
            "keras_version": "3.15.0",
            "backend": "tensorflow",
            "diverged": False,
        }
        for key, trial in zip(keys, trials, strict=True)
    )
    measurements = pd.DataFrame(
        [
            (key, epoch, layer, "signal_gradient", 0.5)
            for key in keys
            for epoch in (0, 1)
            for layer in (0, 1)
        ],
        columns=["key", "epoch", "layer", "measure", "value"],
    ).astype({"layer": "Int16"})
    outputs = pd.DataFrame(columns=["key", "epoch", "layer", "name", "index", "value"])
    return Tables(trials=frame, measurements=measurements, outputs=outputs)


def test_list_tells_names_questions_and_numbers_of_trials(capsys):
    assert command_line.main(["list"]) == 0
    assert capsys.readouterr() == (
        "tiny\n    Is it tiny?\n    quick: 4 trials, full: 5 trials on each of 2 data sets\n"
        "other\n    Is it other?\n    quick: 1 trials, full: 2 trials on each of 2 data sets\n",
        "",
    )


def test_run_trains_and_says_what_it_did(trained, capsys):
    assert command_line.main(["run", "tiny"]) == 0
    output, notes = capsys.readouterr()
    assert output == ""
    assert re.fullmatch(
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "About 4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        rf"\[1/2\] finished: {TANH} \(0 running, 0 failed, {LEFT}\)\n"
        rf"\[2/2\] finished: {RELU} \(0 running, 0 failed, about 0 s left\)\n"
        r"Finished in \d s\.\n",
        notes,
    )
    assert Store("results").done() == {runner.key(trial) for trial in TRIALS}


def test_run_again_has_nothing_left_to_do(trained, capsys):
    command_line.main(["run", "tiny", "--out", "here"])
    capsys.readouterr()
    trained.clear()
    assert command_line.main(["run", "tiny", "--out", "here"]) == 0
    assert capsys.readouterr().err == (
        "4 trials: 4 already finished, 0 to run in 0 populations.\nFinished in 0 s.\n"
    )
    assert trained == []


def test_run_takes_profiles_and_several_studies_each_trial_once(trained, capsys):
    assert command_line.main(["run", "other", "tiny", "other"]) == 0
    assert "5 trials: 0 already finished, 5 to run in 3 pop" in capsys.readouterr().err
    # Both have the same trial more in their full profiles.
    assert (
        command_line.main(["run", "--all", "--profile", "full", "--dataset", "digits"])
        == 0
    )
    assert "6 trials: 5 already finished, 1 to run in 1 pop" in capsys.readouterr().err
    assert trained == ["tanh", "relu", "elu", "relu"]


def test_run_passes_the_workers_on(trained, monkeypatch, capsys):
    asked = []

    def run(work, store, *, more, **options):
        asked.append(options)
        yield from ()

    monkeypatch.setattr(runner, "run", run)
    assert command_line.main(["run", "tiny", "--workers", "3"]) == 0
    address = "tcp://10.0.0.7:8786"
    several = ["--scheduler", address, "--deterministic"]
    assert command_line.main(["run", "tiny", *several]) == 0
    assert asked == [
        {"workers": 3, "scheduler": "", "deterministic": False},
        {"workers": 1, "scheduler": address, "deterministic": True},
    ]


def test_report_reads_a_folder_without_writing_to_it(trained, capsys):
    command_line.main(["run", "tiny"])
    capsys.readouterr()
    folders = [Path("results"), *Path("results").glob("*/")]
    # What is made shows in the time even when it is gone again.
    for folder in folders:
        os.utime(folder, (0, 0))
    assert command_line.main(["report", "tiny"]) == 0
    assert [folder.stat().st_mtime for folder in folders] == [0] * 4


def test_run_removes_what_a_killed_run_left_half_done(trained, capsys):
    Store("results").prepare()
    leftover = Path(f"results/trials/{7:032x}.tmp")
    leftover.write_text("half of a fi")
    assert command_line.main(["run", "tiny"]) == 0
    assert not leftover.exists()


def test_tensorflow_is_told_to_log_errors_only_before_it_is_loaded(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-c", LOG_LEVEL]
    output = subprocess.run(command, capture_output=True, text=True).stdout
    assert output == "3\n"


@pytest.mark.parametrize("width", [50, 80])
def test_on_a_terminal_a_bar_shows_how_far_the_run_is_and_what_runs(
    trained, monkeypatch, capsys, width
):
    console = functools.partial(rich.console.Console, force_terminal=True, width=width)
    monkeypatch.setattr(progress, "Console", console)
    assert command_line.main(["run", "tiny"]) == 0
    notes = capsys.readouterr().err
    assert "[1/2]" not in notes
    # One line, drawn again and again.
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", notes).replace("\r", "\n").split("\n")
    assert max(len(line) for line in lines if "%" in line) <= width
    for frame in (
        r"\S   0% ━{16} -:--:-- 0/2 tanh mlp 3x4 *",
        r"\S  \d\d% [━╺╸]{16} \S{7} 1/2 relu mlp 2x4 *",
        r"  100% ━{16} 0:00:00 2/2 *",
    ):
        assert any(re.fullmatch(frame, line) for line in lines), lines


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


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_the_way_of_the_results_is_told_in_one_line(capsys, below):
    Path("taken").write_text("")
    folder = Path("taken") / below
    assert command_line.main(["run", "tiny", "--out", str(folder)]) == 2
    expected = "--out must be a folder. Received: 'taken'."
    if below:
        expected = (
            f"Cannot write to the folder {folder}: Not a directory. Choose another "
            "folder with --out."
        )
    assert capsys.readouterr().err == f"studies: {expected}\n"


@pytest.mark.parametrize(
    ("taken", "folder", "reason"),
    [
        ("taken", "taken", "File exists"),
        ("taken", "taken/deeper", "Not a directory"),
        # Found out only when the page of the study is to be written.
        ("reports/tiny", "reports", "File exists"),
    ],
)
def test_a_file_in_the_way_of_the_reports_is_told_in_one_line(
    trained, capsys, taken, folder, reason
):
    command_line.main(["run", "tiny"])
    capsys.readouterr()
    Path(taken).parent.mkdir(exist_ok=True)
    Path(taken).write_text("kept")
    assert command_line.main(["report", "tiny", "--reports", folder]) == 2
    output, notes = capsys.readouterr()
    assert output == ""
    assert notes == (
        f"studies: Cannot write to the folder {folder}: {reason}. Choose another "
        "folder with --reports.\n"
    )
    assert Path(taken).read_text() == "kept"


def test_report_writes_the_pages_and_prints_where_they_are(trained, capsys, tmp_path):
    command_line.main(["run", "--all"])
    capsys.readouterr()
    assert command_line.main(["report", "--reports", "pages"]) == 0
    index = tmp_path / "pages" / "index.html"
    assert capsys.readouterr() == (f"{index}\n", "")
    assert "Is it tiny?" in index.read_text() and "Is it other?" in index.read_text()
    page = (tmp_path / "pages" / "tiny" / "index.html").read_text()
    assert "The tiny study" in page and "Something holds." in page
    assert page.count("<figure") == 1
    data = pd.read_csv(tmp_path / "pages" / "tiny" / "trials.csv")
    assert sorted(data.seed) == [0, 0, 1, 1]


def test_report_takes_the_named_studies_and_the_trials_of_its_profile(trained, capsys):
    command_line.main(["run", "--all", "--profile", "full", "--dataset", "digits"])
    assert command_line.main(["report", "tiny", "tiny"]) == 0
    assert not Path("reports/other").exists()
    assert len(pd.read_csv("reports/tiny/trials.csv")) == 4
    assert (
        command_line.main(
            ["report", "tiny", "--profile", "full", "--dataset", "digits"]
        )
        == 0
    )
    assert len(pd.read_csv("reports/tiny/trials.csv")) == 5


def test_report_of_a_study_without_a_trial_says_how_to_get_them(trained, capsys):
    command_line.main(["run", "other", "--out", "here"])
    capsys.readouterr()
    assert command_line.main(["report", "tiny", "--out", "here"]) == 2
    assert capsys.readouterr() == (
        "",
        "studies: Expected finished trials. Received: none of the 4 trials of tiny (quick, "
        "digits) is in here. Train them first: python -m studies run tiny --profile quick "
        "--out here\n",
    )


def test_report_of_a_part_of_the_trials_says_so(trained, errors, capsys):
    errors["relu"] = RuntimeError("broken")
    command_line.main(["run", "tiny"])
    capsys.readouterr()
    assert command_line.main(["report", "tiny"]) == 0
    assert capsys.readouterr().err == (
        "tiny: 2 of 4 trials are not finished; this is noted in the report.\n"
    )
    page = Path("reports/tiny/index.html").read_text()
    assert "2 of the 4 trials of this profile are missing" in page


def test_an_interrupted_run_says_what_is_left_and_goes_on_there(
    trained, errors, capsys
):
    errors["relu"] = KeyboardInterrupt()
    assert command_line.main(["run", "tiny"]) == 130
    assert re.fullmatch(
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "About 4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        rf"\[1/2\] finished: {TANH} \(0 running, 0 failed, {LEFT}\)\n"
        "Interrupted. 2 trials are left. Run the same command again to continue.\n",
        capsys.readouterr().err,
    )
    trained.clear()
    errors.clear()
    assert command_line.main(["run", "tiny"]) == 0
    assert "2 already finished, 2 to run in 1 populations" in capsys.readouterr().err
    assert trained == ["relu"]


def test_an_interrupted_report_ends_without_a_traceback(trained, capsys, monkeypatch):
    command_line.main(["run", "tiny"])
    capsys.readouterr()

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "write", interrupted)
    assert command_line.main(["report", "tiny"]) == 130
    assert capsys.readouterr() == ("", "Interrupted.\n")


def test_a_failed_population_is_named_and_the_rest_is_trained(trained, errors, capsys):
    errors["tanh"] = RuntimeError("one line\nbroken")
    assert command_line.main(["run", "tiny", "--out", "here"]) == 1
    output, notes = capsys.readouterr()
    assert output == ""
    assert re.fullmatch(
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "About 4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        rf"\[1/2\] failed: {TANH} \(0 running, 1 failed, {LEFT}\)\n"
        rf"\[2/2\] finished: {RELU} \(0 running, 1 failed, {LEFT}\)\n"
        r"Finished in \d s\.\n"
        rf"Failed: {TANH}: broken\n"
        "1 of 2 populations failed. The full error messages are in here/failures.\n"
        "To run the failed trials again, add --retry-failed to the same command.\n",
        notes,
    )
    (record,) = Path("here/failures").iterdir()
    assert "RuntimeError: one line\nbroken\n" in record.read_text()
    assert repr(TRIALS[0]) in record.read_text()
    trained.clear()
    errors.clear()
    assert command_line.main(["run", "tiny", "--out", "here"]) == 1
    assert trained == []
    assert capsys.readouterr().err == (
        "4 trials: 2 already finished, 2 failed earlier, 0 to run in 0 populations.\n"
        "Finished in 0 s.\n"
        f"Failed earlier: {record}: broken\n"
        "To run the failed trials again, add --retry-failed to the same command.\n"
    )
    # The failure of one study is no business of another.
    assert command_line.main(["run", "other", "--out", "here"]) == 0
    trained.clear()
    again = ["run", "tiny", "--out", "here", "--retry-failed"]
    assert command_line.main(again) == 0
    assert trained == ["tanh"]
    assert command_line.main(["run", "tiny", "--out", "here"]) == 0
    assert list(Path("here/failures").iterdir()) == []


def test_a_failure_that_cannot_be_recorded_is_told_whole(trained, errors, capsys):
    Store("results").prepare()
    Path("results/failures").write_text("in the way")
    errors["tanh"] = RuntimeError("one line\nbroken")
    assert command_line.main(["run", "tiny"]) == 1
    notes = capsys.readouterr().err
    end = notes[notes.index("1 of 2 populations failed.") :]
    assert re.fullmatch(
        "1 of 2 populations failed. The full error messages are in results/failures.\n"
        "The messages of 1 could not be written there. The first one:\n"
        r"Traceback \(most recent call last\):\n(.*\n)+RuntimeError: one line\nbroken\n"
        "\nTo run the failed trials again, add --retry-failed to the same command.\n",
        end,
    )
    trained.clear()
    # What is not on record is not known to have failed.
    assert command_line.main(["run", "tiny"]) == 1
    assert trained == ["tanh"]


def test_failures_are_red(trained, errors, monkeypatch):
    errors["tanh"] = RuntimeError("broken")
    red = []

    def secho(text, *, fg, err=False):
        assert fg == typer.colors.RED
        red.append(text)

    monkeypatch.setattr(typer, "secho", secho)
    assert command_line.main(["run", "tiny"]) == 1
    assert len(red) == 3 and red[0] == f"Failed: {TANH}: RuntimeError: broken"
    assert command_line.main(["status", "tiny"]) == 0
    assert red[3].startswith("    Failed: results/failures")


def test_a_quiet_run_tells_of_failures_only(trained, errors, capsys):
    assert command_line.main(["run", "other", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    errors["tanh"] = RuntimeError("broken")
    assert command_line.main(["run", "tiny", "--quiet"]) == 1
    assert capsys.readouterr() == (
        "",
        f"Failed: {TANH}: RuntimeError: broken\n"
        "1 of 2 populations failed. The full error messages are in results/failures.\n"
        "To run the failed trials again, add --retry-failed to the same command.\n",
    )


def test_status_tells_what_is_done_missing_failed_damaged_and_outdated(
    trained, errors, capsys, monkeypatch
):
    errors["tanh"] = RuntimeError("broken")
    command_line.main(["run", "--all"])
    old = made_up_tables([Trial(depth=7)])
    Store("results").write(
        dataclasses.replace(old, trials=old.trials.assign(key="old", schema=3))
    )
    (population_of_other,) = (
        path
        for path in Path("results/trials").iterdir()
        if "elu" in pd.read_parquet(path).activation.to_list()
    )
    population_of_other.write_bytes(b"cut")
    capsys.readouterr()
    assert (
        command_line.main(["status", "--profile", "full", "--dataset", "digits"]) == 0
    )
    (record,) = Path("results/failures").iterdir()
    assert capsys.readouterr().out == (
        "tiny (full, digits), 5 trials: 2 done, 1 missing, 2 failed\n    Failed: "
        f"{record}: RuntimeError: broken\nother (full, digits), 2 trials: 0 done, 2 "
        f"missing, 0 failed\nDamaged: {population_of_other}\n1 trials in results have "
        f"schema 3 and are left unchanged; this version uses schema {SCHEMA}.\n"
    )
    assert command_line.main(["status", "tiny"]) == 0
    assert (
        "tiny (quick, digits), 4 trials: 2 done, 0 missing" in capsys.readouterr().out
    )


@pytest.mark.parametrize("command", ["status", "report"])
def test_results_that_are_no_folder_are_told_in_one_line(capsys, command):
    Path("taken").write_text("")
    assert command_line.main([command, "tiny", "--out", "taken"]) == 2
    message = "studies: --out must be a folder. Received: 'taken'.\n"
    assert capsys.readouterr() == ("", message)


def test_status_of_a_folder_that_is_not_there_makes_none(capsys):
    assert command_line.main(["status", "tiny", "--out", "none"]) == 0
    assert capsys.readouterr() == (
        "tiny (quick, digits), 4 trials: 0 done, 4 missing, 0 failed\n",
        "",
    )
    assert not Path("none").exists()


def test_the_report_shows_what_failed(trained, errors, capsys):
    errors["tanh"] = RuntimeError("broken <b>")
    command_line.main(["run", "--all"])
    assert command_line.main(["report"]) == 0
    page = Path("reports/tiny/index.html").read_text()
    assert "2 trials could not be trained" in page
    assert "<summary>2 trials: RuntimeError: broken &lt;b&gt;</summary>" in page
    assert "Traceback (most recent call last)" in page
    index = Path("reports/index.html").read_text()
    assert index.count("2 trials could not be trained") == 1
    assert "Failed." not in Path("reports/other/index.html").read_text()


def test_data_that_are_not_as_they_should_be_are_told_before_anything_trains(
    trained, monkeypatch, capsys
):
    lacking = made_up_study("lacking", [*TRIALS, Trial(dataset="own.npz")])
    monkeypatch.setitem(studies.STUDIES, "lacking", lacking)
    monkeypatch.setenv(datasets.DATA_DIR, "")
    assert command_line.main(["run", "lacking"]) == 2
    assert capsys.readouterr().err == "studies: There is no data file own.npz.\n"
    assert trained == [] and not Path("results").exists()
    Path("data").mkdir()
    assert command_line.main(["run", "tiny", "--data-dir", "data"]) == 0
    assert os.environ[datasets.DATA_DIR] == str(Path("data").resolve())


def test_each_data_set_gets_a_report_of_its_own(trained, capsys):
    rng = np.random.default_rng(0)
    np.savez(
        "own.npz",
        x_train=rng.normal(size=(1500, 5)),
        y_train=np.arange(1500) % 3,
        x_test=rng.normal(size=(30, 5)),
        y_test=np.arange(30) % 3,
    )
    own = os.path.realpath("own.npz")
    both = ["tiny", "--dataset", "own.npz", "--dataset", "digits"]
    assert command_line.main(["run", *both]) == 0
    assert "8 trials: 0 already finished, 8 to run" in capsys.readouterr().err
    # However the file is named, it is the same.
    again = ["tiny", "--dataset", "./own.npz", "--dataset", own, "--dataset", "digits"]
    assert command_line.main(["status", *again]) == 0
    assert capsys.readouterr().out == (
        f"tiny (quick, {own}), 4 trials: 4 done, 0 missing, 0 failed\n"
        "tiny (quick, digits), 4 trials: 4 done, 0 missing, 0 failed\n"
    )
    assert command_line.main(["report", *both]) == 0
    for dataset, data, named in (
        ("own", "own.npz, a subset of 1,000 training examples", own),
        ("digits", "digits", "digits"),
    ):
        folder = Path("reports", dataset)
        assert f"<p>Data: {data}.</p>" in (folder / "index.html").read_text()
        page = (folder / "tiny/index.html").read_text()
        assert f"<strong>Data:</strong> {data}." in page
        assert f"studies run tiny --profile quick --dataset {named}<" in page
        assert len(pd.read_csv(folder / "tiny/trials.csv")) == 4
    # Two that would write over each other are refused.
    Path("more").mkdir()
    Path("more/own.npz").write_bytes(Path("own.npz").read_bytes())
    twice = ["--dataset", "own.npz", "--dataset", "more/own.npz"]
    capsys.readouterr()
    assert command_line.main(["report", "tiny", *twice]) == 2
    assert capsys.readouterr().err == (
        "studies: Each data set needs a different name, because its name is also that of "
        "its folder. Report them one at a time, with --reports. Received: "
        f"{own}, {os.path.realpath('more/own.npz')}.\n"
    )
    # Of one alone there is no folder.
    assert command_line.main(["report", "tiny", "--dataset", "own.npz"]) == 0
    assert "1,000 training" in Path("reports/tiny/index.html").read_text()


def test_a_data_set_that_there_is_not_is_told_in_one_line(trained, capsys):
    assert command_line.main(["run", "tiny", "--dataset", "minst"]) == 2
    assert capsys.readouterr().err.startswith(
        "studies: Trial's dataset must be one of 'digits', "
    )
    assert trained == [] and not Path("results").exists()


def test_a_scheduler_that_is_lost_is_told_in_one_line(trained, monkeypatch, capsys):
    def lost(*args):
        yield 0, None
        raise ConnectionError("It is lost.")

    monkeypatch.setattr(runner, "_on_cluster", lost)
    arguments = ["run", "tiny", "--scheduler", "tcp://127.0.0.1:1"]
    assert command_line.main(arguments) == 1
    assert capsys.readouterr().err == (
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "About 4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        "studies: It is lost.\n"
    )


def test_damaged_files_are_named_once_and_their_trials_run_again(trained, capsys):
    command_line.main(["run", "tiny"])
    capsys.readouterr()
    path = sorted(Path("results/outputs").iterdir())[0]
    path.write_bytes(b"")
    found, aside = (
        f"Damaged: {place}. Its trials have to be run again.\n"
        for place in (path, path.with_suffix(".damaged"))
    )
    assert command_line.main(["report", "tiny"]) == 0
    assert capsys.readouterr().err == (
        f"{found}tiny: 2 of 4 trials are not finished; this is noted in the report.\n"
    )
    sorted(Path("results/outputs").glob("*.parquet"))[1].write_bytes(b"")
    trained.clear()
    assert command_line.main(["run", "tiny"]) == 0
    notes = capsys.readouterr().err
    assert notes.count("Damaged: results/outputs/") == 2 and aside in notes
    assert sorted(trained) == ["relu", "tanh"]
    assert command_line.main(["run", "tiny"]) == 0
    assert "Damaged" not in capsys.readouterr().err


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
                "hours on subsets of MNIST and Fashion-MNIST, `full` uses CIFAR-10 "
                "and CIFAR-100 and needs a GPU or a cluster. [default: quick]",
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
                "Uses all studies if none is named.",
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


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGTERM, 143)],
)
def test_a_signal_interrupts_a_run_and_leaves_the_store_whole(
    trained, monkeypatch, capsys, number, status
):
    train = training.train

    def signalled(trials):
        if trials[0].activation == "relu":
            os.kill(os.getpid(), number)
        return train(trials)

    monkeypatch.setattr(training, "train", signalled)
    # Whoever starts the tests in the background makes them ignore it.
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)
    try:
        assert command_line.main(["run", "tiny"]) == status
    finally:
        signal.signal(number, before)
    notes = capsys.readouterr().err
    assert notes.endswith(
        "Interrupted. 2 trials are left. Run the same command again to continue.\n"
    )
    store = Store("results")
    assert store.done() == {runner.key(trial) for trial in TRIALS[:2]}
    assert store.damaged() == [] and list(Path("results").rglob("*.tmp")) == []
    assert not Path("results/failures").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_a_run_at_once_and_leaves_the_store_whole(
    tmp_path, number, status
):
    """Over 10 s: the program loads TensorFlow and trains."""
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    process = subprocess.Popen(
        [sys.executable, driver.name, "run", "tiny", "--out", "here"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever starts the tests in the background makes them ignore some.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    notes = ""
    try:
        for line in process.stderr:
            notes += line
            if "finished:" in line:
                process.send_signal(number)
                break
        output, rest = process.communicate(timeout=600)
    finally:
        process.kill()
    notes += rest
    assert process.returncode == status, notes
    assert output == "" and "Traceback" not in notes
    assert notes.endswith(
        "Interrupted. 6 trials are left. Run the same command again to continue.\n"
    )
    assert list((tmp_path / "here").rglob("*.tmp")) == []
    store = Store(tmp_path / "here")
    assert len(store.done()) == 2 and store.damaged() == []
    tables = store.read(store.done())
    assert list(tables.trials.depth) == [5, 5]
    assert set(tables.measurements.key) == store.done()


def test_a_signal_that_is_ignored_stays_so(trained, monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        train = training.train

        def hung_up(trials):
            os.kill(os.getpid(), signal.SIGHUP)
            return train(trials)

        monkeypatch.setattr(training, "train", hung_up)
        assert command_line.main(["run", "tiny"]) == 0
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_a_run_with_workers_and_leaves_no_process(
    tmp_path, number, status
):
    """Over 10 s: the program and its workers load TensorFlow, each by itself."""
    (tmp_path / "endless.py").write_text(ENDLESS)
    (tmp_path / "driver.py").write_text("import endless" + DRIVER)
    os.mkfifo(tmp_path / "pipe_that_nobody_writes_to")
    process = subprocess.Popen(
        [sys.executable, "driver.py", "run", "tiny", "--out", "here", "--workers", "2"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        # The second one begins when the first population is finished.
        assert [process.stdout.readline() for _ in range(2)] == ["begun\n"] * 2
        # As a terminal does: the signal goes to the workers as well.
        os.killpg(process.pid, number)
        # Returns when no process is left that could write.
        output, notes = process.communicate(timeout=600)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == status, notes
    assert output == ""
    # Before it, TensorFlow may have logged.
    assert notes.endswith(
        "Interrupted. 6 trials are left. Run the same command again to continue.\n"
    )
    store = Store(tmp_path / "here")
    assert len(store.done()) == 2 and store.damaged() == []
    assert list((tmp_path / "here").rglob("*.tmp")) == []
    assert not (tmp_path / "here" / "failures").exists()
