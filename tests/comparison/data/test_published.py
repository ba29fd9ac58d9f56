"""Data sets by name or path: where they come from, and what is refused."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.data import checks, datasets, npz_files, published
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.data.made_up_files import made_up, saved

pytestmark = pytest.mark.usefixtures("folders")


def test_an_unknown_data_set_is_refused():
    message = (
        "Trial's dataset must be one of 'digits', 'ring', 'spiral', 'checkerboard', "
        "'circle', 'two_moons', 'curve', 'adding_10', 'adding_20', 'adding_40', "
        "'noisy_digits', 'mnist', 'fashion_mnist', 'cifar10', 'cifar100', or the path of "
        "an .npz file. Received: 'mnits'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load("mnits")


def test_a_file_that_is_not_there_is_named(folders):
    with pytest.raises(ValueError, match=r"^There is no data file no/such\.npz\.$"):
        datasets.load("no/such.npz")


def known(monkeypatch, arrays) -> None:
    """Lets made-up arrays be the published MNIST."""
    content = npz_files.checksum(checks.check(arrays, ""))
    monkeypatch.setitem(published.KNOWN, "mnist", content)


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
    monkeypatch.delenv(published.DATA_DIR)

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
        monkeypatch.delenv(published.DATA_DIR)
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
    monkeypatch.setenv(published.DATA_DIR, "~/data")
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
