"""The commands `list`, `run` and `status`: what they do, and what they say of it."""

import dataclasses
import os
import re
from pathlib import Path

import pandas as pd
import pytest

import studies
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.training import backends
from keras_rectifiers.comparison.trials.results_folder import MARKER
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial
from studies import __main__ as program
from studies import commands
from tests.comparison.trials.made_up_tables import contents
from tests.studies.made_up_command_line import (
    LEFT,
    RELU,
    SMALL,
    TANH,
    TRIALS,
    made_up_study,
    made_up_tables,
)

pytestmark = pytest.mark.usefixtures("tiny_studies")


def test_list_tells_names_questions_and_numbers_of_trials(capsys):
    assert program.main(["list"]) == 0
    assert capsys.readouterr() == (
        "tiny\n    Is it tiny?\n    quick: 4 trials, full: 5 trials on each of 2 data sets\n"
        "other\n    Is it other?\n    quick: 1 trials, full: 2 trials on each of 2 data sets\n",
        "",
    )


def test_run_trains_and_says_what_it_did(trained, capsys):
    assert program.main(["run", "tiny"]) == 0
    output, notes = capsys.readouterr()
    assert output == ""
    assert re.fullmatch(
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        rf"\[1/2\] finished: {TANH} \(0 running, 0 failed, {LEFT}\)\n"
        rf"\[2/2\] finished: {RELU} \(0 running, 0 failed, about 0 s left\)\n"
        r"Finished in \d s\.\n",
        notes,
    )
    assert Store("results").done() == {runner.key(trial) for trial in TRIALS}


@pytest.fixture
def with_nin(monkeypatch) -> None:
    """Another study, of a net that needs a GPU, and no GPU."""
    needy = Trial(
        architecture="nin_lin", depth=8, **SMALL | {"width": 192, "activation": "elu"}
    )
    study = made_up_study("needy", [*TRIALS, needy])
    monkeypatch.setitem(studies.STUDIES, "needy", study)
    monkeypatch.setattr(backends, "has_gpu", lambda: False)


def test_what_needs_a_gpu_is_left_out_without_one_and_listed(with_nin, trained, capsys):
    assert program.main(["run", "needy"]) == 0
    text = (
        "Not measured: the network in network of Lin 2013, which is trained only where "
        "Keras finds a GPU.\n"
    )
    notes = capsys.readouterr().err
    assert f"needy (digits): {text}4 nets are trained" in notes
    assert "teraflops" not in notes and "elu" not in trained
    assert program.main(["status", "needy"]) == 0
    assert capsys.readouterr().out == (
        "needy (quick, digits), 4 trials: 4 done, 0 missing, 0 failed\n    " + text
    )
    assert program.main(["report", "needy"]) == 0
    capsys.readouterr()
    page = Path("reports/needy/index.html").read_text(encoding="utf-8")
    assert text.strip() in page and "Incomplete" not in page


def test_what_was_trained_on_a_gpu_is_reported_without_one(
    with_nin, trained, monkeypatch, capsys
):
    with monkeypatch.context() as there:
        there.setattr(backends, "has_gpu", lambda: True)
        assert program.main(["run", "needy"]) == 0
    notes = capsys.readouterr().err
    assert (
        "On two cores, and a GPU of 5 teraflops for the network in network, " in notes
    )
    assert "elu" in trained
    assert program.main(["status", "needy"]) == 0
    assert "5 trials: 5 done, 0 missing" in capsys.readouterr().out


def test_the_workers_of_a_scheduler_may_have_a_gpu(with_nin, monkeypatch, capsys):
    planned = []

    def missing(trials, store, done):
        planned.extend(trials)
        return []

    monkeypatch.setattr(runner, "missing", missing)
    program.main(["run", "needy", "--scheduler", "tcp://127.0.0.1:9"])
    assert [t.architecture for t in planned].count("nin_lin") == 1


def test_run_again_has_nothing_left_to_do(trained, capsys):
    program.main(["run", "tiny", "--out", "here"])
    capsys.readouterr()
    trained.clear()
    assert program.main(["run", "tiny", "--out", "here"]) == 0
    assert capsys.readouterr().err == (
        "4 trials: 4 already finished, 0 to run in 0 populations.\nFinished in 0 s.\n"
    )
    assert trained == []


def test_run_takes_profiles_and_several_studies_each_trial_once(trained, capsys):
    assert program.main(["run", "other", "tiny", "other"]) == 0
    assert "5 trials: 0 already finished, 5 to run in 3 pop" in capsys.readouterr().err
    # Both have the same trial more in their full profiles.
    assert (
        program.main(["run", "--all", "--profile", "full", "--dataset", "digits"]) == 0
    )
    assert "6 trials: 5 already finished, 1 to run in 1 pop" in capsys.readouterr().err
    assert trained == ["tanh", "relu", "elu", "relu"]


def test_run_passes_the_workers_on(trained, monkeypatch, capsys):
    asked = []

    def run(work, store, **options):
        asked.append(options)
        yield from ()

    monkeypatch.setattr(runner, "run", run)
    assert program.main(["run", "tiny", "--workers", "3"]) == 0
    address = "tcp://10.0.0.7:8786"
    several = ["--scheduler", address, "--deterministic"]
    assert program.main(["run", "tiny", *several]) == 0
    assert asked == [
        {"workers": 3, "scheduler": "", "deterministic": False},
        {"workers": 1, "scheduler": address, "deterministic": True},
    ]


def test_run_removes_what_a_killed_run_left_half_done(trained, capsys):
    Store("results").prepare()
    leftover = Path(f"results/trials/{7:032x}.tmp")
    leftover.write_text("half of a fi")
    assert program.main(["run", "tiny"]) == 0
    assert not leftover.exists()


def test_an_interrupted_run_says_what_is_left_and_goes_on_there(
    trained, errors, capsys
):
    errors["relu"] = KeyboardInterrupt()
    assert program.main(["run", "tiny"]) == 130
    assert re.fullmatch(
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        rf"\[1/2\] finished: {TANH} \(0 running, 0 failed, {LEFT}\)\n"
        "Interrupted. 2 trials are left. Run the same command again to continue.\n",
        capsys.readouterr().err,
    )
    trained.clear()
    errors.clear()
    assert program.main(["run", "tiny"]) == 0
    assert "2 already finished, 2 to run in 1 populations" in capsys.readouterr().err
    assert trained == ["relu"]


def test_status_tells_what_is_done_missing_failed_damaged_and_outdated(
    trained, errors, capsys, monkeypatch
):
    errors["tanh"] = RuntimeError("broken")
    program.main(["run", "--all"])
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
    assert program.main(["status", "--profile", "full", "--dataset", "digits"]) == 0
    (record,) = Path("results/failures").iterdir()
    assert capsys.readouterr().out == (
        "tiny (full, digits), 5 trials: 2 done, 1 missing, 2 failed\n    Failed: "
        f"{record}: RuntimeError: broken\nother (full, digits), 2 trials: 0 done, 2 "
        f"missing, 0 failed\nDamaged: {population_of_other}\n1 trials in results have "
        f"schema 3 and are left unchanged; this version uses schema {SCHEMA}.\n"
    )
    assert program.main(["status", "tiny"]) == 0
    assert (
        "tiny (quick, digits), 4 trials: 2 done, 0 missing" in capsys.readouterr().out
    )


def test_status_of_a_folder_that_is_not_there_makes_none(capsys):
    assert program.main(["status", "tiny", "--out", "none"]) == 0
    assert capsys.readouterr() == (
        "tiny (quick, digits), 4 trials: 0 done, 4 missing, 0 failed\n",
        "",
    )
    assert not Path("none").exists()


def test_a_scheduler_that_is_lost_is_told_in_one_line(trained, monkeypatch, capsys):
    def lost(*args):
        yield 0, None
        raise ConnectionError("It is lost.")

    monkeypatch.setattr(runner, "_on_cluster", lost)
    arguments = ["run", "tiny", "--scheduler", "tcp://127.0.0.1:1"]
    assert program.main(arguments) == 1
    assert capsys.readouterr().err == (
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        "studies: It is lost.\n"
    )


def test_damaged_files_are_named_once_and_their_trials_run_again(trained, capsys):
    program.main(["run", "tiny"])
    capsys.readouterr()
    path = sorted(Path("results/outputs").iterdir())[0]
    path.write_bytes(b"")
    found, aside = (
        f"Damaged: {place}. Its trials have to be run again.\n"
        for place in (path, path.with_suffix(".damaged"))
    )
    assert program.main(["report", "tiny"]) == 0
    assert capsys.readouterr().err == (
        f"{found}tiny: 2 of 4 trials are not finished; this is noted in the report.\n"
    )
    sorted(Path("results/outputs").glob("*.parquet"))[1].write_bytes(b"")
    trained.clear()
    assert program.main(["run", "tiny"]) == 0
    notes = capsys.readouterr().err
    assert notes.count("Damaged: results/outputs/") == 2 and aside in notes
    assert sorted(trained) == ["relu", "tanh"]
    assert program.main(["run", "tiny"]) == 0
    assert "Damaged" not in capsys.readouterr().err


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


def test_what_is_said_is_escaped_and_notes_and_warnings_go_to_another_stream(capsys):
    commands.tell("a\x1b[31m\nb")
    commands.note("c\rd")
    commands.warn("e\tf\n", keep="\t")
    assert capsys.readouterr() == ("a\\x1b[31m\\nb\n", "c\\rd\ne\tf\\n\n")
