"""What the command line is given, good or bad: nothing of the user's is harmed by it."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pytest
import rich.console
from hypothesis import strategies as st

import studies
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets, npz_files
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.results_folder import MARKER
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial
from studies import __main__ as program
from studies import options, profiles, progress
from tests.comparison.trials.test_store import contents
from tests.studies.made_up_studies import plausible, small
from tests.studies.test_command_line import (
    ROOT,
    SMALL,
    TRIALS,
    made_up_study,
    made_up_tables,
)

RED = "\x1b[31m"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """The empty working directory; the one study is `tiny`, and trains in no time."""
    monkeypatch.setattr(studies, "STUDIES", {"tiny": made_up_study("tiny", TRIALS)})
    monkeypatch.setattr(training, "train", made_up_tables)
    monkeypatch.setenv(datasets.DATA_DIR, "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys, *args: str, status: int = 2) -> str:
    """The one line on stderr of a command that ends with that status."""
    assert program.main(args) == status
    output, notes = capsys.readouterr()
    assert output == "" and notes.count("\n") == 1 and notes.endswith("\n"), notes
    assert notes.startswith("studies: ")
    return notes.removeprefix("studies: ").removesuffix("\n")


def save(path: Path | str) -> None:
    rng = np.random.default_rng(0)
    np.savez(
        path,
        x_train=rng.normal(size=(400, 4)),
        y_train=np.arange(400) % 2,
        x_test=rng.normal(size=(30, 4)),
        y_test=np.arange(30) % 2,
    )


# What belongs to somebody else ---------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "status", "report"])
@pytest.mark.parametrize(
    "name", ["trials/clinical.parquet", "trials/half.tmp", "thesis.tex"]
)
@pytest.mark.parametrize("out", [".", "mine"])
def test_a_folder_of_somebody_else_is_refused_in_one_line_and_left_as_it_is(
    folder, capsys, command, name, out
):
    path = folder / out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    before = contents(folder)
    assert told(capsys, command, "tiny", "--out", out) == (
        "--out: Expected a results folder, an empty folder or a new one. Choose "
        f"another folder. Received: {out}, which holds other files and no results of "
        "studies."
    )
    assert contents(folder) == before
    assert not list(folder.rglob(MARKER)) and not Path("reports").exists()


def test_a_folder_from_before_there_were_markers_gets_one_at_the_next_run(
    folder, capsys
):
    program.main(["run", "tiny"])
    marker = folder / "results" / MARKER
    marker.unlink()
    for command in ("status", "report"):
        assert program.main([command, "tiny"]) == 0
        assert not marker.exists()
    assert program.main(["run", "tiny"]) == 0
    assert marker.is_file()
    assert "4 already finished, 0 to run" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "report"])
def test_what_is_read_is_neither_renamed_nor_written_to_nor_deleted(
    folder, capsys, command
):
    program.main(["run", "tiny"])
    results = folder / "results"
    next((results / "trials").iterdir()).write_bytes(b"cut")
    (results / "trials" / f"{7:032x}.tmp").write_bytes(b"half of a fi")
    (results / "failures").mkdir(exist_ok=True)
    before = contents(results)
    folders = [results, *results.glob("*/")]
    for path in folders:
        os.utime(path, (0, 0))
    assert program.main([command, "tiny"]) == 0
    assert "Damaged: " in "".join(capsys.readouterr())
    assert contents(results) == before
    assert {path.stat().st_mtime for path in folders} == {0}


@pytest.mark.parametrize("name", ["index.html", "tiny/trials.csv", "tiny/index.html"])
def test_pages_that_are_no_report_are_not_written_over(folder, capsys, name):
    program.main(["run", "tiny"])
    path = folder / "site" / name
    path.parent.mkdir(parents=True)
    path.write_text("my own page")
    (folder / "site" / ".writable").write_text("mine as well")
    before = contents(folder / "site")
    capsys.readouterr()
    assert told(capsys, "report", "tiny", "--reports", "site") == (
        f"Cannot write to the folder site: {name} already exists "
        "there and is not part of a report. Choose another folder with --reports."
    )
    assert contents(folder / "site") == before


def test_a_report_is_written_over_an_older_one_and_beside_other_files(folder, capsys):
    program.main(["run", "tiny"])
    pages = folder / "reports"
    pages.mkdir()
    (pages / "notes.txt").write_text("mine")
    assert program.main(["report", "tiny"]) == 0
    assert program.main(["report", "tiny"]) == 0
    # From before there were markers.
    (marker,) = pages.glob(".*")
    marker.unlink()
    (pages / "tiny" / "index.html").write_text("old")
    assert program.main(["report", "tiny"]) == 0
    assert (pages / "tiny" / "index.html").read_text() != "old"
    assert (pages / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["", " "])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        *((command, "--out") for command in ("run", "status", "report")),
        *((command, "--data-dir") for command in ("run", "status", "report")),
        ("report", "--reports"),
    ],
)
def test_a_folder_without_a_name_is_refused(folder, capsys, command, option, name):
    assert told(capsys, command, "tiny", option, name) == (
        f"{option} must be the path of a folder; the current folder is '.'. Received: "
        f"{name!r}."
    )
    assert list(folder.iterdir()) == []


# What cannot be stored or shown --------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "status", "report"])
@pytest.mark.parametrize("place", ["caf\udce9.npz", "caf\udce9/own.npz"])
def test_a_data_set_whose_path_is_no_utf_8_is_refused_before_training(
    folder, capsys, command, place
):
    Path(place).parent.mkdir(exist_ok=True)
    save(place)
    message = told(capsys, command, "tiny", "--dataset", place)
    assert re.fullmatch(
        r"--dataset must be a name or a path in UTF-8, because it is stored with each "
        r"trial. Rename the file or its folder\. Received: '.*/caf\\udce9.*'\.",
        message,
    )
    assert not Path("results").exists()


def test_a_trial_whose_data_set_is_no_utf_8_is_refused():
    with pytest.raises(
        ValueError,
        match=r"^Trial's dataset must be a name or a path in UTF-8, because the tables "
        r"store it\. Rename the file or its folder\. Received: 'caf\\udce9\.npz'\.$",
    ):
        Trial(dataset="caf\udce9.npz")


def test_control_characters_of_a_path_reach_neither_the_terminal_nor_the_report(
    folder, monkeypatch, capsys
):
    own = f"{RED}own\nnext.npz"
    save(own)

    def train(trials):
        if trials[0].activation == "tanh":
            raise RuntimeError(f"broken {RED}\rthere")
        return made_up_tables(trials)

    monkeypatch.setattr(training, "train", train)
    out = ["--out", f"results{RED}\n"]
    args = ["tiny", "--dataset", own, *out]
    said = []
    for command, *more in (["status"], ["run"], ["run"], ["status"], ["report"]):
        assert program.main([command, *args, *more]) in (0, 1)
        said += capsys.readouterr()
    for wrong in (
        ["run", f"ti{RED}\nny"],
        ["run", "tiny", f"--wor{RED}\nkers"],
        [f"r{RED}\nun"],
        ["run", "tiny", "--profile", f"{RED}\n"],
        ["run", "tiny", "--workers", f"{RED}\n"],
        ["run", "tiny", "--seeds", f"{RED}\n"],
        ["run", "tiny", "--activations", f"{RED}\n"],
        ["run", "tiny", "--scheduler", f"{RED}\n"],
        ["run", "tiny", "--data-dir", f"{RED}\n"],
        ["run", "tiny", "--dataset", f"{RED}\n"],
        ["run", "tiny", "--dataset", f"{RED}\n.npz"],
        ["report", "tiny", "--out", f"no{RED}\n"],
    ):
        told(capsys, *wrong)
    pages = [Path("reports/index.html"), *Path("reports/tiny").iterdir()]
    assert len(pages) > 4
    (record,) = Path(out[1], "failures").iterdir()
    shown = [*said, *(path.read_text() for path in (*pages, record))]
    assert not any("\x1b" in text or "\r" in text for text in shown)
    assert any(r"\x1b[31mown\nnext.npz" in text for text in shown[-len(pages) :])
    assert r"broken \x1b[31m\rthere" in (said[3] and said[5])


# Where the environment lacks something -------------------------------------------------


def test_a_user_without_a_home_goes_on_without_a_cache(folder, monkeypatch, capsys):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(Path, "expanduser", lambda path: homeless())
    monkeypatch.setattr(npz_files, "CACHED_FROM_BYTES", 0)
    save("own.npz")
    assert program.main(["run", "tiny", "--dataset", "own.npz"]) == 0
    assert "4 to run" in capsys.readouterr().err


@pytest.fixture
def scratch(monkeypatch) -> list[Path]:
    """The folders in which local workers were to write; they are not started."""
    seen = []

    def local(workers, scratch, **options):
        seen.append(Path(scratch).parent)
        raise ConnectionError("enough seen")

    monkeypatch.setattr(runner.dask_workers, "local", local)
    return seen


def test_without_a_folder_for_temporary_files_workers_use_that_of_the_results(
    folder, monkeypatch, scratch
):
    def nowhere():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(runner.tempfile, "gettempdir", nowhere)
    assert program.main(["run", "tiny", "--workers", "2"]) == 1
    assert scratch == [folder / "results"]
    assert not list(Path("results").glob(".attempts*"))


def test_a_backend_that_cannot_be_loaded_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.delattr(studies, "command_line")
    monkeypatch.setitem(sys.modules, "studies.command_line", None)
    assert re.fullmatch(
        r"The packages that the studies need cannot be loaded: .*studies.command_line.*\. "
        r"See the section Install of README\.md, and check the environment variable "
        r"KERAS_BACKEND and Keras's keras\.json\.",
        told(capsys, "list", status=1),
    )


def test_a_failure_is_recorded_whatever_the_locale(folder, monkeypatch, capsys):
    def train(trials):
        raise RuntimeError("π is broken \udcff")

    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr("locale.getencoding", lambda: "ascii")
    assert program.main(["run", "tiny"]) == 1
    for record in Path("results/failures").iterdir():
        assert r"π is broken \udcff" in record.read_text("utf-8")
    assert program.main(["status", "tiny"]) == 0
    assert "4 failed" in capsys.readouterr().out


# A part of a study, or more of it ------------------------------------------------------


def seeds_of(name: str = "results") -> list[tuple[str, int]]:
    store = Store(name)
    trials = store.read(store.done()).trials
    return sorted(zip(trials["activation"], trials["seed"], strict=True))


def test_more_seeds_train_the_new_ones_and_fewer_report_a_part(folder, capsys):
    program.main(["run", "tiny"])
    assert program.main(["run", "tiny", "--seeds", "3"]) == 0
    assert "6 trials: 4 already finished, 2 to run" in capsys.readouterr().err
    assert seeds_of() == [(a, s) for a in ("relu", "tanh") for s in range(3)]
    assert program.main(["status", "tiny", "--seeds", "5"]) == 0
    assert "10 trials: 6 done, 4 missing" in capsys.readouterr().out
    for number, named in ((3, "--seeds 3"), (1, "--seeds 1")):
        assert program.main(["report", "tiny", "--seeds", str(number)]) == 0
        assert len(pd.read_csv("reports/tiny/trials.csv")) == 2 * number
        page = Path("reports/tiny/index.html").read_text()
        assert f"run tiny --profile quick --dataset digits {named}<" in page
        assert "Incomplete" not in page


def test_the_nets_of_some_activations_are_a_part_of_the_study(folder, capsys):
    part = ["tiny", "--activations", "relu"]
    assert program.main(["report", *part, "--seeds", "2"]) == 2
    assert capsys.readouterr().err == (
        "studies: Expected finished trials in results. Received: none. Train them "
        "first: python -m studies run tiny --profile quick --seeds 2 --activations "
        "relu --out results\n"
    )
    assert program.main(["run", *part]) == 0
    assert seeds_of() == [("relu", 0), ("relu", 1)]
    assert program.main(["report", *part]) == 0
    assert len(pd.read_csv("reports/tiny/trials.csv")) == 2
    # Several of them, in whatever way they are given.
    for several in (
        ["--activations", "relu", "tanh"],
        ["--activations", "relu", "--activations", "tanh"],
        ["--activations=relu", "tanh", "tiny"],
        ["--activations", "tanh", "relu", "tiny"],
    ):
        capsys.readouterr()
        assert program.main(["status", "tiny", *several]) == 0
        assert "4 trials: 2 done, 2 missing" in capsys.readouterr().out


def test_a_study_without_a_net_of_the_activations_is_left_out(monkeypatch, capsys):
    elu = made_up_study("elu_alone", [Trial(activation="elu", **SMALL)])
    monkeypatch.setitem(studies.STUDIES, "elu_alone", elu)
    assert program.main(["status", "--activations", "elu"]) == 0
    assert capsys.readouterr().out.startswith("elu_alone (quick, digits), 1 trials: ")
    assert told(capsys, "status", "tiny", "--activations", "elu") == (
        "--activations must name activations of the nets of tiny: relu, tanh. "
        "Received: elu."
    )
    assert told(capsys, "run", "tiny", "--activations", "rleu") == (
        "--activations: There is no activation named 'rleu' in the catalogue. Did you "
        "mean 'relu' or 'rrelu' or 'prelu'?"
    )


@pytest.mark.parametrize(
    "number", ["0", "-1", "x", "1.5", "", "٠", "０", "三", "10001", "9" * 5000]
)
@pytest.mark.parametrize(("option", "most"), [("seeds", 10_000), ("workers", 1000)])
def test_a_number_that_is_none_or_too_large_is_refused(capsys, option, most, number):
    needed = f"at most {most:,}" if len(number) > 4 else "a whole number of at least 1"
    message = told(capsys, "run", "tiny", f"--{option}", number)
    assert message.startswith(f"--{option} must be {needed}. Received: ")


@pytest.mark.parametrize("name", ["", "10.0.0.7"])
def test_a_scheduler_without_an_address_is_refused(capsys, name):
    message = told(capsys, "run", "tiny", "--scheduler", name)
    assert message.endswith(f"as tcp://10.0.0.7:8786. Received: {name!r}.")


STUDIES = studies.found()


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_the_seeds_of_a_profile_are_those_from_0_on(study):
    # Else `--seeds` with its own number would ask for other trials.
    for profile in study.trials:
        trials = study.trials[profile]()
        numbers = {t.seed for t in trials if profiles.is_reported(t)}
        assert numbers == set(range(len(numbers)))
        for tuning in study.tunings.get(profile, ()):
            assert list(tuning.seeds) == list(range(len(tuning.seeds)))


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_each_study_can_be_run_and_reported_of_one_activation_and_two_seeds(
    study, folder, monkeypatch, capsys
):
    def train(trials):
        return plausible(trials, [runner.key(trial) for trial in trials])

    reduced = small(study)
    monkeypatch.setattr(studies, "STUDIES", {study.name: reduced})
    monkeypatch.setattr(training, "train", train)
    name = sorted(options._activations(reduced, "quick"))[0]
    part = [study.name, "--activations", name, "--seeds", "1"]
    assert program.main(["run", *part]) == 0
    assert program.main(["report", *part]) == 0
    capsys.readouterr()
    data = pd.read_csv(f"reports/{study.name}/trials.csv")
    assert set(data["activation"]) == {name}
    assert set(data["seed"]) <= {0, *range(10**6, 10**6 + 100)}


# Whatever it is given ------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", ".", "..", "/", "~", "-", "--", "-1", "nan", "\0", "\udcff"]),
    st.text("0123456789.,-+e_", max_size=40),
)
OPTIONS = [
    "--profile",
    "--dataset",
    "--data-dir",
    "--workers",
    "--scheduler",
    "--seeds",
    "--activations",
    "--all",
    "--out",
    "--reports",
    "--retry-failed",
    "--quiet",
    "--deterministic",
]


@hypothesis.given(
    command=st.sampled_from(["run", "status", "report", "list"]),
    option=st.sampled_from(OPTIONS),
    text=TEXTS,
)
@hypothesis.settings(
    max_examples=200,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_bad_input_is_told_in_one_line_and_harms_nothing(
    folder, monkeypatch, capsys, command, option, text
):
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (home / "mine.txt").write_text("mine")
    monkeypatch.chdir(home)
    monkeypatch.setattr(runner, "run", lambda *args, **kwargs: (_ for _ in ()))
    before = contents(home)
    # Only an option of a folder, of which any is right that is not there yet.
    hypothesis.assume(option not in ("--out", "--reports") or text in ("", ".", "\0"))
    args = [command, "tiny", option, text]
    status = program.main(args)
    output, notes = capsys.readouterr()
    assert status in (0, 1, 2)
    if status == 2:
        assert output == "" and re.fullmatch("studies: .+\n", notes), notes
    assert "Traceback" not in notes and "\x1b" not in notes + output
    assert contents(home).items() >= before.items()


# What surrounds it ---------------------------------------------------------------------


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(monkeypatch, capsys):
    dumb = functools.partial(
        rich.console.Console, force_terminal=True, _environ={"TERM": "dumb"}
    )
    monkeypatch.setattr(progress, "Console", dumb)
    assert program.main(["run", "tiny"]) == 0
    notes = capsys.readouterr().err
    assert "[1/2] finished: " in notes and "[2/2] finished: " in notes
    assert "%" not in notes and "\n\n" not in notes


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("keras.backend.backend", "torch", "Received: the backend 'torch'"),
        ("keras.config.floatx", "float16", "'float32' and floatx 'float16'."),
    ],
)
def test_a_keras_that_can_train_no_trial_is_told_once_and_nothing_is_on_record(
    folder, monkeypatch, capsys, setting, value, message
):
    monkeypatch.setattr(setting, lambda: value)
    assert message in told(capsys, "run", "tiny")
    assert list(folder.iterdir()) == []


def test_a_broken_file_of_kerass_settings_is_told_in_one_line(folder):
    (folder / "keras.json").write_text("[1]")
    done = subprocess.run(
        [sys.executable, "-m", "studies", "list"],
        env=os.environ | {"KERAS_HOME": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(
        r"studies: The packages that the studies need cannot be loaded: .*'list'.*\. See "
        r"the section Install of README\.md, and check the environment variable "
        r"KERAS_BACKEND and Keras's keras\.json\.\n",
        done.stderr,
    )


@pytest.mark.parametrize("temporary", [None, "tmp\udcff"])
def test_workers_get_a_folder_whose_path_is_utf_8_or_are_not_started(
    folder, monkeypatch, capsys, scratch, temporary
):
    def gettempdir():
        if temporary is None:
            raise FileNotFoundError(2, "No usable temporary directory found")
        return temporary

    monkeypatch.setattr(runner.tempfile, "gettempdir", gettempdir)
    assert program.main(["run", "tiny", "--workers", "2"]) == 1
    assert scratch == [folder / "results"]
    capsys.readouterr()
    args = ["run", "tiny", "--workers", "2", "--out", "out\udcff", "--quiet"]
    assert told(capsys, *args, status=1) == (
        "Workers need a folder for temporary files with a path in UTF-8. Set one with "
        "the environment variable TMPDIR. A run with a single worker does not need it."
    )
    assert scratch == [folder / "results"]


@pytest.mark.parametrize("name", ["..npz", "...npz"])
def test_no_report_is_written_outside_of_its_folder(folder, capsys, name):
    save(name)
    both = ["--dataset", name, "--dataset", "digits"]
    program.main(["run", "tiny", *both])
    before = contents(folder)
    capsys.readouterr()
    assert told(capsys, "report", "tiny", *both, "--reports", "a/b") == (
        "Each data set needs a name that can be the name of its folder. Report this "
        f"data set separately, with --reports. Received: {os.path.realpath(name)}."
    )
    assert contents(folder).items() >= before.items()
    assert not list(folder.rglob("*.html"))


def test_a_folder_of_data_that_the_system_refuses_is_wrong_usage(capsys):
    name = "x" * 300
    assert told(capsys, "run", "tiny", "--data-dir", name) == (
        f"--data-dir must be a folder. Received: {name!r}: File name too long."
    )


@pytest.mark.parametrize("link", [False, True])
def test_pages_put_beside_a_report_are_not_written_over_by_the_next(
    folder, monkeypatch, capsys, link
):
    both = {n: made_up_study(n, TRIALS) for n in ("tiny", "other")}
    monkeypatch.setattr(studies, "STUDIES", both)
    program.main(["run", "tiny"])
    assert program.main(["report", "tiny"]) == 0
    mine = folder / ("mine" if link else "reports/other")
    mine.mkdir()
    if link:
        (folder / "reports" / "other").symlink_to(mine)
    (mine / "index.html").write_text("my own page")
    before = contents(folder / "reports")
    capsys.readouterr()
    assert "other/index.html already exists there and is not part of a report" in told(
        capsys, "report"
    )
    assert contents(folder / "reports") == before
    assert (mine / "index.html").read_text() == "my own page"
    (mine / "index.html").unlink()
    # What was a report's stays one, also after a report of another study.
    for command in (["report", "other"], ["report"], ["report", "tiny"]):
        assert program.main(command) == 0
