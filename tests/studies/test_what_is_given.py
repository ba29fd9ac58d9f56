"""What the command line is given, good or bad: nothing of the user's is harmed by it."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

import studies
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import npz_files
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.trial import Trial
from studies import __main__ as program
from tests.comparison.trials.made_up_tables import contents
from tests.studies.made_up_command_line import ROOT, made_up_tables, save, told

pytestmark = pytest.mark.usefixtures("folder")

RED = "\x1b[31m"


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
    files = Path("reports").rglob("*.*")
    pages = [p for p in files if p.suffix not in (".parquet", ".png")]
    assert len(pages) > 4
    (record,) = Path(out[1], "failures").iterdir()
    shown = [*said, *(_text(path) for path in (*pages, record))]
    assert not any("\x1b" in text or "\r" in text for text in shown)
    assert any(r"\x1b[31mown\nnext.npz" in text for text in shown[-len(pages) :])
    assert r"broken \x1b[31m\rthere" in (said[3] and said[5])


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


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
