"""What the options are given, and what is said of what they cannot take."""

import dataclasses
import os
import re
from pathlib import Path

import pandas as pd
import pytest

import studies
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import published
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.results_folder import MARKER
from keras_rectifiers.comparison.trials.trial import Trial
from studies import __main__ as program
from studies import options, profiles
from tests.comparison.trials.made_up_tables import contents
from tests.studies.made_up_command_line import (
    SMALL,
    TRIALS,
    command_on,
    made_up_study,
    save,
    seeds_of,
    told,
)
from tests.studies.made_up_studies import plausible, small

pytestmark = pytest.mark.usefixtures("tiny_studies")

STUDIES = studies.found()


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


def test_more_seeds_train_the_new_ones_and_fewer_report_a_part(folder, capsys):
    program.main(["run", "tiny"])
    assert program.main(["run", "tiny", "--seeds", "3"]) == 0
    assert "6 trials: 4 already finished, 2 to run" in capsys.readouterr().err
    assert seeds_of() == [(a, s) for a in ("relu", "tanh") for s in range(3)]
    assert program.main(["status", "tiny", "--seeds", "5"]) == 0
    assert "10 trials: 6 done, 4 missing" in capsys.readouterr().out
    for number, named in ((3, "--seeds 3"), (1, "--seeds 1")):
        assert program.main(["report", "tiny", "--seeds", str(number)]) == 0
        assert len(pd.read_csv("reports/tiny/trials.csv.gz")) == 2 * number
        page = Path("reports/tiny/index.html").read_text()
        said = command_on(page)
        assert said.endswith(f"run tiny --profile quick --dataset digits {named}")
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
    assert len(pd.read_csv("reports/tiny/trials.csv.gz")) == 2
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


def test_a_study_without_a_net_of_the_activations_is_left_out(
    folder, monkeypatch, capsys
):
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
        "mean 'relu' or 'rrelu' or 'reglu'?"
    )


@pytest.mark.parametrize(
    "number", ["0", "-1", "x", "1.5", "", "٠", "０", "三", "10001", "9" * 5000]
)
@pytest.mark.parametrize(("option", "most"), [("seeds", 10_000), ("workers", 1000)])
def test_a_number_that_is_none_or_too_large_is_refused(
    folder, capsys, option, most, number
):
    needed = f"at most {most:,}" if len(number) > 4 else "a whole number of at least 1"
    message = told(capsys, "run", "tiny", f"--{option}", number)
    assert message.startswith(f"--{option} must be {needed}. Received: ")


@pytest.mark.parametrize("name", ["", "10.0.0.7"])
def test_a_scheduler_without_an_address_is_refused(folder, capsys, name):
    message = told(capsys, "run", "tiny", "--scheduler", name)
    assert message.endswith(f"as tcp://10.0.0.7:8786. Received: {name!r}.")


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
    data = pd.read_csv(f"reports/{study.name}/trials.csv.gz")
    assert set(data["activation"]) == {name}
    assert set(data["seed"]) <= {0, *range(10**6, 10**6 + 100)}


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


def test_a_folder_of_data_that_the_system_refuses_is_wrong_usage(folder, capsys):
    name = "x" * 300
    assert told(capsys, "run", "tiny", "--data-dir", name) == (
        f"--data-dir must be a folder. Received: {name!r}: File name too long."
    )


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_the_way_of_the_results_is_told_in_one_line(capsys, below):
    Path("taken").write_text("")
    folder = Path("taken") / below
    assert program.main(["run", "tiny", "--out", str(folder)]) == 2
    expected = "--out must be a folder. Received: 'taken'."
    if below:
        expected = (
            f"Cannot write to the folder {folder}: taken is a file, not a folder. Choose "
            "another folder with --out."
        )
    assert capsys.readouterr().err == f"studies: {expected}\n"


@pytest.mark.parametrize("command", ["status", "report"])
def test_results_that_are_no_folder_are_told_in_one_line(capsys, command):
    Path("taken").write_text("")
    assert program.main([command, "tiny", "--out", "taken"]) == 2
    message = "studies: --out must be a folder. Received: 'taken'.\n"
    assert capsys.readouterr() == ("", message)


def test_data_that_are_not_as_they_should_be_are_told_before_anything_trains(
    trained, monkeypatch, capsys
):
    lacking = made_up_study("lacking", [*TRIALS, Trial(dataset="own.npz")])
    monkeypatch.setitem(studies.STUDIES, "lacking", lacking)
    monkeypatch.setenv(published.DATA_DIR, "")
    assert program.main(["run", "lacking"]) == 2
    assert capsys.readouterr().err == "studies: There is no data file own.npz.\n"
    assert trained == [] and not Path("results").exists()
    Path("data").mkdir()
    assert program.main(["run", "tiny", "--data-dir", "data"]) == 0
    assert os.environ[published.DATA_DIR] == str(Path("data").resolve())


def test_a_study_that_is_not_part_of_a_profile_is_told_with_those_that_it_is_in(
    trained, monkeypatch, capsys
):
    rest = made_up_study("rest", TRIALS)
    rest.trials["quick"] = list
    monkeypatch.setitem(studies.STUDIES, "rest", rest)
    assert told(capsys, "run", "rest") == (
        "rest has no trials in the profile quick. Choose --profile full. Received: "
        "'quick'."
    )
    # Among others it is passed over.
    assert program.main(["run", "rest", "tiny"]) == 0
    assert trained == ["tanh", "relu"]


def test_a_study_is_run_on_its_own_data_sets_where_it_has_some(monkeypatch):
    here = dataclasses.replace(
        made_up_study("here", TRIALS),
        data={"quick": profiles.Profile(datasets=("ring", "digits"), train_size=0)},
    )
    both = [made_up_study("tiny", TRIALS), here]

    def chosen(names):
        found = options.on_data(both, "quick", names)
        return [(study.name, study.dataset) for study in found]

    assert chosen(None) == [("tiny", "digits"), ("here", "digits"), ("here", "ring")]
    assert chosen(["spiral"]) == [("tiny", "spiral"), ("here", "spiral")]


def test_a_data_set_that_there_is_not_is_told_in_one_line(trained, capsys):
    assert program.main(["run", "tiny", "--dataset", "minst"]) == 2
    assert capsys.readouterr().err.startswith(
        "studies: Trial's dataset must be one of 'digits', "
    )
    assert trained == [] and not Path("results").exists()


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["-a", "relu", "tanh", "tiny"], ["-a", "relu", "-a", "tanh", "tiny"]),
        (["tiny", "-a", "relu", "elu"], ["tiny", "-a", "relu", "-a", "elu"]),
        (["-a=relu", "tanh", "tiny"], ["-a=relu", "-a", "tanh", "tiny"]),
        (["-a", "no_such", "tiny", "relu"], ["-a", "no_such", "tiny", "relu"]),
        (["relu", "-b", "tanh"], ["relu", "-b", "tanh"]),
        (["-a"], ["-a"]),
        ([], []),
    ],
    ids=" ".join,
)
def test_an_option_is_repeated_before_each_activation_that_follows_it(args, expected):
    assert options.one_by_one("-a", args) == expected


def test_what_the_options_mean():
    assert options.whole_number("--seeds", "0012", most=12) == 12
    with pytest.raises(options.WrongUsage, match=r"^--seeds must be at most 12\. "):
        options.whole_number("--seeds", "13", most=12)
    assert options.scheduler(None, 4) == ""
    assert options.scheduler("tls://host:1", 1) == "tls://host:1"
    names = [study.name for study in options.named(["other", "tiny", "other"], False)]
    assert names == ["other", "tiny"]
    assert [study.name for study in options.named(None, True)] == ["tiny", "other"]


def test_a_folder_may_be_in_ones_home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert options.folder("--out", "~/results") == Path("/home/somebody/results")
    assert options.folder("--out", "./~") == Path("~")
