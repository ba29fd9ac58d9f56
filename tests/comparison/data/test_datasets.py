"""Data sets by name or path: where they come from, and trials that they suit."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.data import checks, datasets, npz_files
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.data.made_up_files import made_up, saved

pytestmark = pytest.mark.usefixtures("folders")


def test_the_data_and_their_checksum_cannot_be_changed_unnoticed():
    digits = datasets.load("digits")
    with pytest.raises(ValueError, match="read-only"):
        digits.x_train[0] = 0
    assert digits.checksum.startswith("bdc6a3c8ee8a45c7")


def test_an_unknown_data_set_is_refused():
    message = (
        "Trial's dataset must be one of 'digits', 'ring', 'spiral', 'checkerboard', "
        "'mnist', 'fashion_mnist', 'cifar10', 'cifar100', or the path of an .npz "
        "file. Received: 'mnits'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load("mnits")


def test_a_file_of_ones_own_is_split_by_class_and_scaled_by_its_training_split(folders):
    arrays = made_up(shape=(4, 4, 3))
    own = datasets.load(saved(folders, **arrays))
    assert own.x_train.shape == (54, 4, 4, 3) and own.x_train.dtype == np.float32
    assert own.x_validation.shape == (6, 4, 4, 3)
    assert own.num_classes == 3
    shares = [np.bincount(y) for y in (own.y_train, own.y_validation)]
    assert abs(shares[1] - [1.5, 1.5, 3]).max() <= 0.5
    assert np.array_equal(sum(shares), np.bincount(arrays["y_train"]))
    # The order of the examples is random, each keeps its label, none is lost.
    x = np.concatenate([own.x_train, own.x_validation])
    y = np.concatenate([own.y_train, own.y_validation])
    train = own.x_train.astype(np.float64)
    np.testing.assert_allclose(train.mean(axis=(0, 1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(train.std(axis=(0, 1, 2)), 1, atol=1e-6)
    first = arrays["x_train"].reshape(60, -1)[:, 0]
    scale = np.polyfit(
        arrays["x_test"][..., 0].ravel(), own.x_test[..., 0].ravel(), deg=1
    )
    back = (x[:, 0, 0, 0] - scale[1]) / scale[0]
    np.testing.assert_allclose(
        sorted(zip(back.round(), y, strict=True)),
        sorted(zip(first, arrays["y_train"], strict=True)),
    )
    assert not np.array_equal(y[:12], np.tile([0, 1, 2, 2], 3))
    assert np.array_equal(own.y_test, arrays["y_test"])


def test_an_unknown_scaling_is_refused():
    message = "inputs must be one of 'standardised', 'unit', 'raw'. Received: 'scaled'."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load("digits", inputs="scaled")


@pytest.mark.parametrize("size", [2, 55])
def test_a_subset_that_the_data_do_not_have_is_refused(folders, size):
    path = saved(folders)
    message = (
        "Trial's train_size must be 0, for all examples, or from 3 (the number of "
        f"classes of {path!r}) to 54 (the number of its training examples). Received: "
        f"{size}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load(path, train_size=size)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"architecture": "cnn"},
            "Trial's architecture 'cnn' needs images. The data set {path!r} has 5 "
            "features; use 'mlp'.",
        ),
        (
            {"batch_size": 55},
            "Trial's batch_size must be at most the 54 training examples of {path!r}. "
            "Received: 55.",
        ),
        (
            {"train_size": 10},
            "Trial's probe_size must be at most the 10 training examples of {path!r}. "
            "Received: 54.",
        ),
    ],
)
def test_data_that_do_not_suit_a_trial_are_refused(folders, settings, message):
    x = np.random.default_rng(0).normal(size=(60, 5))
    path = saved(folders, x_train=x, x_test=x[:20])
    fitting = {"dataset": path, "batch_size": 10, "probe_size": 54}
    assert datasets.describe(Trial(**fitting)).input_shape == (5,)
    message = re.escape(message.format(path=path))
    for function in (datasets.describe, datasets.load_for):
        with pytest.raises(ValueError, match=f"^{message}$"):
            function(Trial(**fitting | settings))


def test_a_file_that_is_not_there_is_named(folders):
    with pytest.raises(ValueError, match=r"^There is no data file no/such\.npz\.$"):
        datasets.load("no/such.npz")


def known(monkeypatch, arrays) -> None:
    """Lets made-up arrays be the published MNIST."""
    content = npz_files.checksum(checks.check(arrays, ""))
    monkeypatch.setitem(datasets.KNOWN, "mnist", content)


def unreachable():
    raise Exception("URL fetch failure")


def test_a_known_data_set_comes_from_the_folder_of_data(folders, monkeypatch):
    known(monkeypatch, made_up())
    monkeypatch.setattr(keras.datasets.mnist, "load_data", unreachable)
    saved(folders, "mnist.npz")
    assert datasets.load("mnist").x_train.shape == (54, 4, 4, 1)


def test_a_known_data_set_that_is_another_is_refused(folders, monkeypatch):
    path = saved(folders, "mnist.npz")
    message = (
        rf"^{re.escape(path)} does not hold the published data set 'mnist': expected the "
        r"checksum 54419ef8\w{56} of its arrays\. To use your own data set, pass its "
        r"path\. Received: \w{64}\.$"
    )
    with pytest.raises(ValueError, match=message):
        datasets.load("mnist")


def test_another_data_set_from_keras_is_refused_by_its_name(folders, monkeypatch):
    x_train, y_train, x_test, y_test = made_up().values()
    another = (x_train, y_train), (x_test, y_test)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: another)
    with pytest.raises(
        ValueError,
        match=r"^keras\.datasets\.mnist does not hold the pub",
    ):
        datasets.load("mnist")


def test_without_a_file_it_comes_from_keras_and_is_the_same(
    folders, monkeypatch, capsys
):
    arrays = made_up()
    known(monkeypatch, arrays)
    saved(folders, "mnist.npz")
    from_file = datasets.load("mnist")
    monkeypatch.delenv(datasets.DATA_DIR)

    def load_data():
        print("Downloading data")
        x_train, y_train, x_test, y_test = arrays.values()
        return (x_train, y_train[:, np.newaxis]), (x_test, y_test)

    monkeypatch.setattr(keras.datasets.mnist, "load_data", load_data)
    assert datasets.load("mnist").checksum == from_file.checksum
    assert capsys.readouterr() == ("", "Downloading data\n")


@pytest.mark.parametrize("has_folder", [True, False])
def test_offline_it_is_said_which_file_to_put_where(folders, monkeypatch, has_folder):
    monkeypatch.setattr(keras.datasets.mnist, "load_data", unreachable)
    place = str(folders)
    if not has_folder:
        monkeypatch.delenv(datasets.DATA_DIR)
        place = (
            "a folder, and pass that folder with --data-dir or the environment "
            "variable "
        )
        place += "KERAS_RECTIFIERS_DATA"
    message = (
        "The data set 'mnist' is not on this machine and could not be downloaded (URL "
        "fetch failure). Put mnist.npz, with the arrays x_train, y_train, x_test, "
        f"y_test, into {place}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load("mnist")


def test_a_download_that_does_not_fit_in_memory_is_no_failed_download(monkeypatch):
    def no_memory():
        raise MemoryError

    monkeypatch.setattr(keras.datasets.mnist, "load_data", no_memory)
    with pytest.raises(MemoryError):
        datasets.load("mnist")


def test_a_file_is_found_in_ones_home_and_with_its_ending_in_capitals(
    folders, monkeypatch
):
    path = saved(folders)
    Path(path).rename(folders / "GOOD.NPZ")
    monkeypatch.setenv("HOME", str(folders))
    trial = Trial(dataset="~/GOOD.NPZ", batch_size=1, probe_size=1)
    assert datasets.load_for(trial).x_train.shape == (54, 4, 4, 1)


def test_the_folder_of_data_may_be_named_from_ones_home(folders, monkeypatch):
    known(monkeypatch, made_up())
    monkeypatch.setattr(keras.datasets.mnist, "load_data", unreachable)
    saved(folders, "mnist.npz")
    monkeypatch.setenv("HOME", str(folders.parent))
    monkeypatch.setenv(datasets.DATA_DIR, "~/data")
    assert datasets.load("mnist").x_train.shape == (54, 4, 4, 1)


def test_a_path_that_the_system_refuses_is_a_wrong_value(folders, monkeypatch):
    with pytest.raises(ValueError, match=r"^There is no data file .*: File name too l"):
        datasets.load("x" * 300 + ".npz")

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    path = saved(folders)
    monkeypatch.setattr(npz_files, "file_checksum", refuse)
    with pytest.raises(
        ValueError, match=r"^The data file .* cannot be read: Permission"
    ):
        datasets.load(path)
