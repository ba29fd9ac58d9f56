"""Studies on data of one's own: what it can serve is measured, and the rest named."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

import studies
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets, npz_files, published
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import STUDIES, profiles
from studies import __main__ as command_line
from tests.comparison.made_up_claims import made_up_claim
from tests.studies.made_up_studies import WHOLE, made_up_trials, plausible

MLP, CNN = ({"architecture": name, "depth": 2, "width": 4} for name in ("mlp", "cnn"))
BOTH = [Trial(**net, seed=seed) for net in (MLP, CNN) for seed in range(2)]


def saved(path: Path, num_train: int = 400, shape=(5,), **changes) -> str:
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.normal(size=(num_train, *shape)),
        "y_train": np.arange(num_train) % 3,
        "x_test": rng.normal(size=(30, *shape)),
        "y_test": np.arange(30) % 3,
    }
    np.savez(path, **arrays | changes)
    return str(path)


def made_up_study(name: str, trials, grids=()) -> Study:
    def effects(tables):
        return {
            net: rows.set_index("seed")["test_accuracy"]
            for net in ("mlp", "cnn")
            for rows in [tables.trials[tables.trials["architecture"] == net]]
        }

    return Study(
        name=name,
        title=f"The {name} study",
        question=f"Is it {name}?",
        method="It is looked at.",
        trials={"quick": lambda: trials},
        claims=[made_up_claim(AtLeast(threshold=0.5), effects=effects)],
        figures=[],
        grids={"quick": grids},
    )


@pytest.fixture
def made_up(tmp_path, monkeypatch) -> None:
    """Two made-up studies, and a stand-in for the training, in an empty folder."""
    small = made_up_study("small", BOTH)
    images = made_up_study("images", BOTH[2:])
    monkeypatch.setattr(studies, "STUDIES", {"small": small, "images": images})

    def train(trials):
        tables = plausible(trials, [runner.key(trial) for trial in trials])
        return dataclasses.replace(tables, trials=tables.trials.assign(schema=SCHEMA))

    monkeypatch.setattr(training, "train", train)
    monkeypatch.chdir(tmp_path)
    # So that what a command sets is undone.
    monkeypatch.setenv(published.DATA_DIR, "")


LACKING = "Not measured on these data: convolutional nets, which need images."


def test_a_study_of_features_leaves_out_what_needs_images(made_up, capsys):
    own = saved(Path("own.npz"))
    path = os.path.realpath(own)
    assert command_line.main(["run", "small", "--dataset", own]) == 0
    told = capsys.readouterr().err
    assert "2 trials: 0 already finished, 2 to run" in told
    assert f"small ({path}): {LACKING}\n" in told
    assert command_line.main(["status", "small", "--dataset", own]) == 0
    assert capsys.readouterr().out == (
        f"small (quick, {path}), 2 trials: 2 done, 0 missing, 0 failed\n    {LACKING}\n"
    )
    assert command_line.main(["report", "small", "--dataset", own]) == 0
    page = Path("reports/small/index.html").read_text()
    assert LACKING in page and "Incomplete" not in page
    assert "cnn: not measured; there are no trials for this case." in page
    assert "mlp: inconclusive." in page


def test_a_study_of_which_the_data_serve_nothing_is_told_and_has_no_page(
    made_up, capsys
):
    own = saved(Path("own.npz"))
    assert command_line.main(["run", "--all", "--dataset", own]) == 0
    assert command_line.main(["report", "--dataset", own]) == 0
    named = f"images ({os.path.realpath(own)})"
    assert f"{named}: {LACKING} There is no page for it.\n" in capsys.readouterr().err
    assert not Path("reports/images").exists()
    assert command_line.main(["report", "images", "--dataset", own]) == 2
    assert capsys.readouterr().err.endswith(
        "studies: Expected a data set that is suitable for at least one trial of "
        "these studies. Received: none.\n"
    )


def test_images_of_ones_own_serve_all(tmp_path):
    own = saved(tmp_path / "own.npz", shape=(4, 4))
    study = profiles.on(made_up_study("small", BOTH), "quick", own)
    assert len(study.trials["quick"]()) == 4
    assert study.left_out == ""


def test_of_few_examples_all_are_probed_and_larger_batches_are_left_out(tmp_path):
    own = saved(tmp_path / "own.npz", num_train=120)
    trials = [Trial(), Trial(probe_size=64), Trial(batch_size=128), Trial(**CNN)]
    study = profiles.on(made_up_study("small", trials), "quick", own)
    moved = study.trials["quick"]()
    assert [(trial.batch_size, trial.probe_size) for trial in moved] == [
        (32, 108),
        (32, 64),
    ]
    for trial in moved:
        assert datasets.describe(trial).num_train == 108
    assert study.left_out == (
        "Not measured on these data: convolutional nets, which need images, and batches "
        "of more than the 108 training examples."
    )


def test_a_grid_keeps_the_nets_that_the_data_serve(tmp_path):
    own = saved(tmp_path / "own.npz")
    of = {"rates": (0.1, 0.2, 0.3), "seeds": range(2)}
    both = RateGrid(title="Both", nets=[Trial(**MLP), Trial(**CNN)], **of)
    images = RateGrid(title="Images", nets=[Trial(**CNN)], **of)
    study = profiles.on(made_up_study("rates", [], [both, images]), "quick", own)
    (kept,) = study.grids["quick"]
    assert kept.title == "Both"
    assert [net.architecture for net in kept.nets] == ["mlp"]
    assert study.left_out == LACKING


def test_data_of_more_classes_than_a_profile_takes_examples_are_taken_whole(tmp_path):
    labels = np.arange(2800) % 1400
    own = saved(tmp_path / "own.npz", num_train=2800, y_train=labels)
    (trial,) = profiles.on(made_up_study("a", BOTH[:1]), "quick", own).trials["quick"]()
    assert trial.train_size == 0
    assert datasets.describe(trial).num_classes == 1400


# The others have no convolutional nets.
WITH_CNN = (
    "vanishing_gradients",
    "sparsity",
    "zero_mean",
    "learned_slopes",
    "accuracy",
    "surroundings",
)


def on_features(study: Study, path: Path) -> tuple[Study, Tables]:
    """A study on data of features, and made-up tables of what that serves."""
    profile = WHOLE.get(study.name, "quick")
    moved = profiles.on(study, profile, saved(path))
    trials = made_up_trials(moved, num_seeds=2)
    assert trials and not any(trial.is_convolutional for trial in trials)
    return moved, plausible(trials, [f"{i:05}" for i in range(len(trials))])


@pytest.mark.parametrize("name", WITH_CNN)
def test_the_cases_that_features_cannot_serve_are_not_measured(name, tmp_path):
    study, tables = on_features(STUDIES[name], tmp_path / "own.npz")
    assert study.left_out.startswith(LACKING.rstrip("."))
    found = judge(study, tables)
    # The eight CNNs of a study of their factors do not say what they are.
    needs_images = found["case"].str.contains("CNN") | (found["claim"] == "rectify-cnn")
    assert needs_images.any()
    assert set(found.loc[needs_images, "verdict"]) == {"not measured"}
    assert (found.loc[~needs_images, "verdict"] != "not measured").any()


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_CNN)
def test_a_study_on_features_has_all_its_figures(name, tmp_path):
    study, tables = on_features(STUDIES[name], tmp_path / "own.npz")
    found = read_study(study, tables, WHOLE.get(name, "quick"))
    assert len(found.drawings) == len(study.figures)


def test_the_targets_of_a_regression_are_told_with_what_can_be_done(made_up, capsys):
    own = saved(Path("own.npz"), y_train=np.linspace(0, 1, 400))
    assert command_line.main(["run", "small", "--dataset", own]) == 2
    assert capsys.readouterr().err == (
        f"studies: y_train of {os.path.realpath(own)} must hold integers, the classes "
        "counted from 0. Received: dtype float64. If they are regression targets: the "
        "studies compare classifiers only. Divide the targets into classes: "
        "numpy.digitize(y_train, numpy.quantile(y_train, [1/3, 2/3])) gives three "
        "classes of about equal size.\n"
    )
    assert not Path("results").exists()


def test_files_and_folders_are_found_in_ones_home(made_up, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    saved(home / "GOOD.npz")
    (home / "GOOD.npz").rename(home / "GOOD.NPZ")
    monkeypatch.setenv("HOME", str(home))
    options = ["small", "--dataset", "~/GOOD.NPZ", "--out", "~/found"]
    assert command_line.main(["run", *options, "--data-dir", "~"]) == 0
    assert os.environ[published.DATA_DIR] == os.path.realpath(home)
    assert command_line.main(["report", *options, "--reports", "~/pages"]) == 0
    assert sorted(path.name for path in home.iterdir()) == [
        "GOOD.NPZ",
        "found",
        "pages",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_data_that_do_not_fit_in_memory_are_told_in_one_line(
    made_up, monkeypatch, capsys
):
    own = saved(Path("own.npz"))

    def no_memory(path):
        raise MemoryError("Unable to allocate 1 TiB")

    monkeypatch.setattr(npz_files, "read", no_memory)
    assert command_line.main(["run", "small", "--dataset", own]) == 1
    assert capsys.readouterr().err == (
        "studies: Not enough memory. Unable to allocate 1 TiB\n"
    )


@pytest.mark.parametrize("workers", ["1001", "1" + 30 * "0", "9" * 5000])
def test_more_workers_than_a_machine_can_start_are_refused(made_up, capsys, workers):
    assert command_line.main(["run", "small", "--workers", workers]) == 2
    told = capsys.readouterr().err
    assert told.startswith("studies: --workers must be at most 1,000. Received: '")
    assert told.count("\n") == 1 and len(told) < 300
    assert not Path("results").exists()


def test_a_number_of_workers_may_start_with_zeros(made_up):
    assert command_line.main(["run", "small", "--workers", 5000 * "0" + "1"]) == 0


@pytest.mark.parametrize(
    ("workers", "error", "message"),
    [
        (10**30, ValueError, "to be from 1 to 1000"),
        (10**5000, ValueError, "to be from 1 to 1000"),
        (2.0, TypeError, "to be an integer"),
        ("2", TypeError, "to be an integer"),
        (True, TypeError, "to be an integer"),
    ],
    ids=["30 digits", "5000 digits", "float", "str", "bool"],
)
def test_the_runner_refuses_what_is_no_number_of_workers(workers, error, message):
    with pytest.raises(error, match=f"^run expects `workers` {message}. Received: "):
        runner.run([], None, workers=workers)
