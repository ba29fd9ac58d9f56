"""Data sets: their splits and scale, and files that are not as they should be."""

import io
import os
import pickle
import re
import warnings
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_rectifiers.comparison.data import checks, datasets, npz_files, scaling
from keras_rectifiers.comparison.trials.trial import Trial


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch) -> Path:
    """An empty cache, and an empty folder of data that the variable names."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(datasets.DATA_DIR, str(data))
    forget()
    return data


def forget() -> None:
    """Forgets the data sets that this process has loaded."""
    for function in (datasets._load, datasets._source, datasets._published):
        function.cache_clear()


def made_up(
    num_train: int = 60, num_test: int = 20, shape: tuple[int, ...] = (4, 4)
) -> dict[str, np.ndarray]:
    """Grey images of three classes, one of which is half of all."""
    rng = np.random.default_rng(0)
    arrays = {}
    for split, size in (("train", num_train), ("test", num_test)):
        arrays[f"x_{split}"] = rng.integers(0, 256, (size, *shape), np.uint8)
        labels = np.tile(np.array([0, 1, 2, 2], np.uint8), -(-size // 4))
        arrays[f"y_{split}"] = labels[:size]
    return arrays


def saved(folder: Path, name: str = "own.npz", **changes) -> str:
    """Saves made-up arrays with changes, None leaves one out; returns the path."""
    arrays = {k: v for k, v in (made_up() | changes).items() if v is not None}
    np.savez_compressed(folder / name, **arrays)
    return str(folder / name)


def test_digits_are_split_once_and_for_all():
    digits = datasets.load("digits")
    sizes = [len(digits.y_train), len(digits.y_validation), len(digits.y_test)]
    assert sizes == [1257, 180, 360]
    assert digits.x_train.shape == (1257, 8, 8, 1)
    assert digits.num_classes == 10


def test_the_splits_are_stratified_and_hold_every_image_once():
    digits = datasets.load("digits")
    for labels in (digits.y_train, digits.y_validation, digits.y_test):
        shares = np.bincount(labels, minlength=10) / len(labels)
        assert np.abs(shares - 0.1).max() < 0.02
    labels = np.concatenate([digits.y_train, digits.y_validation, digits.y_test])
    assert np.array_equal(np.bincount(labels), np.bincount(load_digits().target))
    images = np.concatenate([digits.x_train, digits.x_validation, digits.x_test])
    distinct = len(np.unique(load_digits().images.reshape(1797, -1), axis=0))
    assert len(np.unique(images.reshape(1797, -1), axis=0)) == distinct


def test_the_training_split_alone_sets_the_scale():
    digits = datasets.load("digits")
    pixels = digits.x_train.reshape(1257, 64).astype(np.float64)
    deviations = pixels.std(axis=0)
    np.testing.assert_allclose(pixels.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(deviations[deviations > 0], 1, atol=1e-5)
    assert abs(digits.x_test.mean(axis=0)).max() > 0.01
    # Constant pixels are 0, not NaN.
    assert (deviations == 0).any() and np.isfinite(digits.x_test).all()


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


def test_features_are_scaled_one_by_one(folders):
    rng = np.random.default_rng(1)
    x = rng.normal([0, 50, 7], [1, 9, 0], (60, 3))
    own = datasets.load(saved(folders, x_train=x, x_test=x[:20]))
    np.testing.assert_allclose(own.x_train.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(own.x_train.std(axis=0), [1, 1, 0], atol=1e-6)


def test_raw_inputs_are_as_published_and_unit_inputs_span_0_to_1():
    digits = load_digits().images
    raw, unit = (datasets.load("digits", inputs=inputs) for inputs in ("raw", "unit"))
    splits = [raw.x_train, raw.x_validation, raw.x_test]
    images = np.concatenate(splits).reshape(-1, 64)
    assert np.array_equal(
        np.unique(images, axis=0), np.unique(digits.reshape(-1, 64), axis=0)
    )
    assert (unit.x_train.min(), unit.x_train.max()) == (0, 1)
    np.testing.assert_allclose(unit.x_test, raw.x_test / 16)
    # They are the same examples.
    assert np.array_equal(raw.y_train, datasets.load("digits").y_train)


def test_the_range_is_that_of_the_training_split(folders):
    x = np.linspace(-4, 6, 180).reshape(60, 3)
    own = datasets.load(saved(folders, x_train=x, x_test=9 * x[:20]), inputs="unit")
    train = own.x_train
    assert (train.min(), train.max()) == (0, 1)
    # One range for all features; the test split may leave it.
    assert np.ptp(train, axis=0).min() > 0.9
    assert own.x_test.min() < -1


def test_an_unknown_scaling_is_refused():
    message = "inputs must be one of 'standardised', 'unit', 'raw'. Received: 'scaled'."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load("digits", inputs="scaled")


def test_moments_of_many_examples_are_those_of_all_at_once(monkeypatch, rng):
    monkeypatch.setattr(scaling, "_CHUNK", 7)
    x = rng.normal(5, 3, (50, 2, 2, 3)).astype(np.float32)
    mean, deviation = scaling.mean_and_std(x, (0, 1, 2))
    np.testing.assert_allclose(mean, x.mean(axis=(0, 1, 2), dtype=float))
    np.testing.assert_allclose(deviation, x.std(axis=(0, 1, 2), dtype=float))
    scaled = scaling.scaled(x, mean, deviation)
    np.testing.assert_allclose(scaled, (x - mean) / deviation, rtol=1e-5, atol=1e-6)


def test_labels_may_stand_in_a_column_and_grey_images_without_channel(folders):
    arrays = made_up()
    columns = {name: arrays[name][:, np.newaxis] for name in ("y_train", "y_test")}
    flat = datasets.load(saved(folders))
    column = datasets.load(saved(folders, "column.npz", **columns))
    channel = datasets.load(
        saved(
            folders,
            "channel.npz",
            x_train=arrays["x_train"][..., np.newaxis],
            x_test=arrays["x_test"][..., np.newaxis],
        )
    )
    assert flat.x_train.shape == (54, 4, 4, 1)
    assert flat.checksum == column.checksum == channel.checksum


def test_a_subset_is_stratified_and_leaves_the_test_split_alone(folders):
    path = saved(folders)
    whole = datasets.load(path)
    some = datasets.load(path, train_size=20)
    assert abs(np.bincount(some.y_train) - [5, 5, 10]).max() <= 1
    assert len(some.y_train) == 20
    assert np.array_equal(some.y_validation, whole.y_validation)
    assert np.array_equal(some.y_test, whole.y_test)
    np.testing.assert_allclose(some.x_train.std(dtype=float), 1, atol=1e-6)
    # Its own scale; and its own order, or the first examples would be probed only.
    others = [datasets.load(path, train_size=20, subset_seed=seed) for seed in (0, 1)]
    assert np.array_equal(others[0].x_train, some.x_train)
    assert not np.array_equal(others[1].x_train, some.x_train)
    assert len({whole.checksum, some.checksum, others[1].checksum}) == 3


def test_all_of_the_training_split_is_no_choice(folders):
    path = saved(folders)
    every = datasets.load(path, train_size=54)
    np.testing.assert_allclose(
        np.sort(every.x_train.ravel()), np.sort(datasets.load(path).x_train.ravel())
    )


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


NAN = made_up()["x_train"].astype(np.float32)
NAN[59, 3, 3] = np.nan
TOO_LARGE = np.where(np.isnan(NAN), 1e39, NAN.astype(float))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"y_test": None, "x_test": None, "labels": np.zeros(3)},
            "{path} lacks x_test, y_test. Expected the arrays x_train, y_train, "
            "x_test, y_test, as in keras.datasets. Received: x_train, y_train, labels.",
        ),
        (
            {"y_train": np.array([0, "cat"] * 30, object)},
            "y_train in {path} consists of pickled Python objects, which are not read "
            "because loading them can run any code. Save it as an array of numbers.",
        ),
        (
            {"x_train": np.zeros(60)},
            "x_train of {path} must have shape (examples, features), (examples, height, "
            "width) or (examples, height, width, channels). Received: (60,).",
        ),
        (
            {"x_train": np.zeros((0, 4, 4)), "y_train": np.zeros(0, int)},
            "x_train of {path} must have shape (examples, features), (examples, height, "
            "width) or (examples, height, width, channels). Received: (0, 4, 4).",
        ),
        (
            {"x_test": np.full((20, 4, 4), "a")},
            "x_test of {path} must hold numbers. Received: dtype <U1.",
        ),
        *(
            (
                {"x_train": x},
                "x_train of {path} holds NaN, infinity or values above the largest "
                "float32, 3.4e+38. Remove those examples, or replace the values.",
            )
            for x in (NAN, TOO_LARGE, -TOO_LARGE)
        ),
        (
            {"x_test": np.zeros((20, 4, 5))},
            "x_train and x_test of {path} must have the same shape except for the "
            "number of examples. Received: (60, 4, 4) and (20, 4, 5).",
        ),
        (
            {"y_train": np.zeros(59, int)},
            "y_train of {path} must be labels of shape (60,) or (60, 1), one for each "
            "of x_train. Received: (59,).",
        ),
        (
            {"y_test": np.eye(20, dtype=int)},
            "y_test of {path} must be labels of shape (20,) or (20, 1), one for each "
            "of x_test. Received: (20, 20). These are one-hot: use "
            "y_test.argmax(axis=1).",
        ),
        (
            {"y_train": np.tile([0.0, 1.0], 30)},
            "y_train of {path} must hold integers, the classes counted from 0. "
            "Received: dtype float64. Use y_train.astype(int).",
        ),
        (
            {"y_train": np.ones(60, int)},
            "y_train of {path} must hold at least two classes. Received: only class 1.",
        ),
        (
            {"y_train": np.tile([1, 2, 3], 20)},
            "y_train of {path} holds 3 classes, which must be numbered 0 to 2. "
            "Received: 1 to 3. Number them: numpy.unique(y_train, "
            "return_inverse=True)[1], and number y_test by the same classes.",
        ),
        (
            {"y_train": np.tile([-1, 0, 1], 20)},
            "y_train of {path} holds 3 classes, which must be numbered 0 to 2. "
            "Received: -1 to 1. Number them: numpy.unique(y_train, "
            "return_inverse=True)[1], and number y_test by the same classes.",
        ),
        (
            {"y_train": np.array([2] + [0, 1] * 29 + [0])},
            "y_train of {path} must hold at least two examples of each class, one of "
            "which may be used for validation. Received: only one of class 2.",
        ),
        (
            {"y_test": np.full(20, 3)},
            "y_test of {path} must hold only classes of y_train, 0 to 2. Received: 3 "
            "to 3.",
        ),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused(folders, changes, message):
    path = saved(folders, **changes)
    with pytest.raises(ValueError, match=f"^{re.escape(message.format(path=path))}$"):
        datasets.describe(Trial(dataset=path))


def test_a_file_that_is_not_there_is_named(folders):
    with pytest.raises(ValueError, match=r"^There is no data file no/such\.npz\.$"):
        datasets.load("no/such.npz")


class Bomb:
    """Its pickle leaves a mark when it is loaded."""

    def __reduce__(self):
        return os.mkdir, ("exploded",)


def test_nothing_in_a_pickle_is_ever_run(folders, monkeypatch):
    monkeypatch.chdir(folders)
    Path("own.npz").write_bytes(pickle.dumps(Bomb()))
    message = (
        "own.npz is not a complete .npz file as written by numpy.savez. Other kinds "
        "of files, such as pickles, are not read."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load("own.npz")
    saved(folders, "objects.npz", x_test=np.array([Bomb()], object))
    with pytest.raises(
        ValueError, match=r"^x_test in objects\.npz consists of pickled"
    ):
        datasets.load("objects.npz")
    # A member that is a bare pickle.
    with zipfile.ZipFile("bare.npz", "w") as file:
        for name in npz_files.NAMES:
            file.writestr(f"{name}.npy", pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match=r"^x_train in bare\.npz is not an array"):
        datasets.load("bare.npz")
    assert not Path("exploded").exists()


DAMAGED = r"^\S+damaged\.npz is damaged, or was not written by numpy\.savez: .+[^.]\.$"


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_damaged_file_is_named(folders, compression):
    path = folders / "own.npz"
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, array in made_up(num_train=600).items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            file.writestr(f"{name}.npy", buffer.getvalue())
    assert len(datasets.load(str(path)).y_train) == 540
    content = bytearray(path.read_bytes())
    content[3000:3100] = bytes(100)
    (folders / "damaged.npz").write_bytes(content)
    with pytest.raises(ValueError, match=DAMAGED):
        datasets.load(str(folders / "damaged.npz"))
    (folders / "cut.npz").write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ValueError, match=r"^\S+cut\.npz is not a complete \.npz file"):
        datasets.load(str(folders / "cut.npz"))


def test_whatever_byte_is_damaged_the_file_is_named(folders, rng):
    # Not compressed: damage reaches the headers of the arrays, which NumPy parses.
    path = folders / "damaged.npz"
    np.savez(path, **made_up(num_train=6, num_test=4, shape=(2,)))
    content = path.read_bytes()
    for position in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            npz_files.read(path)
        except ValueError as error:
            assert str(path) in str(error) and "\n" not in str(error)


def test_an_array_that_no_memory_could_hold_is_refused(folders):
    path = folders / "damaged.npz"
    np.savez(path, **made_up())
    with zipfile.ZipFile(path, "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the last one of a name counts
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f8", "fortran_order": False, "shape": (10**15,)}
        )
        file.writestr("x_train.npy", header.getvalue())
    with pytest.raises(ValueError, match=DAMAGED):
        npz_files.read(path)


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


@pytest.fixture
def decoded(monkeypatch) -> list[Path]:
    """The files that were decoded, by what no process has in its memory."""
    monkeypatch.setattr(npz_files, "CACHED_FROM_BYTES", 1000)
    paths = []
    read = npz_files.read

    def record(path):
        paths.append(path)
        return read(path)

    monkeypatch.setattr(npz_files, "read", record)
    return paths


def as_a_new_process(path: str):
    forget()
    dataset = datasets.load(path)
    return dataset, datasets._published(path, os.environ[datasets.DATA_DIR])[0]


def test_large_data_are_decoded_once_and_mapped_afterwards(folders, decoded, tmp_path):
    path = saved(folders)
    first, arrays = as_a_new_process(path)
    again, mapped = as_a_new_process(path)
    assert decoded == [Path(path)]
    for array in (*arrays.values(), *mapped.values()):
        assert isinstance(array, np.memmap) and not array.flags.writeable
    assert np.array_equal(again.x_train, first.x_train)
    assert again.checksum == first.checksum
    (entry,) = (tmp_path / "cache" / "keras_rectifiers").iterdir()
    # A damaged entry is not read, but made anew.
    for damage in (b"", (entry / "x_train.npy").read_bytes()[:-1] + b"x"):
        (entry / "x_train.npy").write_bytes(damage)
        assert np.array_equal(as_a_new_process(path)[0].x_train, first.x_train)
    assert len(decoded) == 3
    # The file has other content now.
    saved(folders, y_test=np.zeros(20, int))
    assert as_a_new_process(path)[0].checksum != first.checksum
    assert len(decoded) == 4


def test_small_data_leave_nothing_in_the_cache(folders, tmp_path):
    as_a_new_process(saved(folders))
    assert not (tmp_path / "cache").exists()


def test_where_there_can_be_no_cache_data_are_decoded_each_time(
    folders, decoded, tmp_path
):
    path = saved(folders)
    (tmp_path / "cache").write_text("in the way")
    first, arrays = as_a_new_process(path)
    assert not isinstance(arrays["x_train"], np.memmap)
    assert as_a_new_process(path)[0].checksum == first.checksum
    assert len(decoded) == 2


@pytest.mark.parametrize("train_size", [0, 20])
def test_training_examples_that_are_all_alike_are_refused(folders, train_size):
    x = np.tile(np.arange(5.0), (60, 1))
    path = saved(folders, x_train=x, x_test=x[:20] + np.arange(20)[:, np.newaxis])
    message = (
        f"The {train_size or 54} training examples of {path!r} are all identical, so "
        "no classes can be learned from them. Expected inputs that differ."
    )
    trial = Trial(dataset=path, train_size=train_size, batch_size=1, probe_size=1)
    for function in (datasets.describe, datasets.load_for):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            function(trial)


def test_training_examples_that_float32_makes_alike_are_refused(folders):
    x = 1 + 1e-12 * np.arange(60.0)[:, np.newaxis]
    path = saved(folders, x_train=x, x_test=x[:20])
    assert np.ptp(datasets.load(path).x_train) > 1
    message = (
        f"examples of {path!r}, in float32 and with inputs 'raw', are all identical"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        datasets.load(path, inputs="raw")


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 28, 28), (4, 8, 6)])
def test_images_whose_channels_come_first_are_told_from_rows(folders, shape):
    path = saved(folders, **made_up(shape=shape))
    size = (60, *shape)
    message = (
        f"x_train of {path} must have shape (examples, height, width, channels), but "
        f"its channels seem to come first. Received: {size}, which is {shape[0]} rows "
        f"of {shape[1]} pixels of {shape[2]} channels: use x_train.transpose(0, 2, 3, "
        "1)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load(path)


@pytest.mark.parametrize(
    "shape",
    [(8, 8, 3), (3, 3, 3), (1, 20, 9), (8, 8, 12), (2, 2), (4, 4, 16), (3, 3, 8)],
)
def test_other_images_are_taken_as_they_are(folders, shape):
    own = datasets.load(saved(folders, **made_up(shape=shape)))
    assert own.x_train.shape[1 : 1 + len(shape)] == shape


def test_a_file_that_does_not_fit_in_memory_is_not_called_damaged(folders, monkeypatch):
    path = saved(folders)

    def no_memory(file, name):
        raise MemoryError

    monkeypatch.setattr(np.lib.npyio.NpzFile, "__getitem__", no_memory)
    message = (
        f"{path} does not fit in the memory of this machine: x_train takes 0.0 GiB. Keep "
        "fewer examples, or smaller numbers, such as uint8 for images and float32 for "
        "features."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load(path)


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


CUT = "Divide the targets into classes: numpy.digitize(y_train, numpy.quantile(y_train, [1/3, 2/3]))"


@pytest.mark.parametrize(
    ("labels", "mend"),
    [
        (np.linspace(-1, 1, 60), CUT),
        (np.arange(60.0) * 3, CUT),  # whole numbers, and still measured
        (np.arange(60) * 3, CUT),
        (np.r_[0, np.arange(59)], CUT),
        (np.full(60, np.nan), "Remove the examples whose label is NaN or infinite."),
        (np.tile([0.0, np.inf], 30), "Remove the examples whose label is NaN or inf"),
        (np.tile([True, False], 30), "Use y_train.astype(int)."),
        (np.tile([0.0, 1.0, 2.0], 20), "Use y_train.astype(int)."),
        (np.tile(["cat", "dog"], 30), "Number them: numpy.unique(y_train, return_inve"),
        (np.eye(3)[np.tile([0, 1, 2], 20)], "one-hot: use y_train.argmax(axis=1)."),
    ],
)
def test_labels_that_are_none_are_refused_with_what_can_be_done(folders, labels, mend):
    path = saved(folders, y_train=labels)
    with pytest.raises(ValueError) as raised:
        datasets.load(path)
    assert str(raised.value).startswith(f"y_train of {path} ")
    assert mend in str(raised.value)


def test_the_mend_for_the_targets_of_a_regression_makes_classes_of_them(folders):
    y_train, y_test = np.linspace(-1, 1, 60), np.linspace(-1, 1, 20)
    bounds = np.quantile(y_train, [1 / 3, 2 / 3])
    path = saved(
        folders,
        y_train=np.digitize(y_train, bounds),
        y_test=np.digitize(y_test, bounds),
    )
    assert datasets.load(path).num_classes == 3


@pytest.mark.parametrize("value", [0.1, 0.3, 1e5 + 0.1, -7.7e-9])
@pytest.mark.parametrize("shape", [(2,), (2, 2, 3)])
def test_what_is_constant_becomes_0_whatever_its_sum_rounds_to(
    folders, rng, monkeypatch, value, shape
):
    monkeypatch.setattr(scaling, "_CHUNK", 7)
    x = rng.normal(size=(900, *shape))
    x[..., -1] = value
    # A constant of the training split is none of the test split: it is not blown up.
    x_test = x[:20].copy()
    x_test[..., -1] += 1
    arrays = {"x_train": x, "y_train": np.arange(900) % 3, "x_test": x_test}
    for num_train in (60, 180, 900):
        forget()
        part = {name: array[:num_train] for name, array in arrays.items()}
        own = datasets.load(saved(folders, **part))
        np.testing.assert_array_equal(own.x_train[..., -1], 0)
        np.testing.assert_array_equal(own.x_validation[..., -1], 0)
        np.testing.assert_allclose(own.x_test[..., -1], 1)
        assert own.x_train[..., 0].std() == pytest.approx(1, rel=1e-5)


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
