"""Files of arrays: damaged ones, those of others, and the cache of large ones."""

import hashlib
import io
import os
import pickle
import re
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from keras_rectifiers.comparison.data import datasets, npz_files, published
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.data.made_up_files import forget, made_up, saved


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
    ],
)
def test_a_file_without_the_four_plain_arrays_is_refused(folders, changes, message):
    path = saved(folders, **changes)
    with pytest.raises(ValueError, match=f"^{re.escape(message.format(path=path))}$"):
        datasets.describe(Trial(dataset=path))


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
    return dataset, published.arrays_of(path, os.environ[published.DATA_DIR])[0]


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


def test_a_damaged_entry_of_the_cache_is_mended_for_the_next_process(
    folders, decoded, tmp_path
):
    path = saved(folders)
    as_a_new_process(path)
    (entry,) = (tmp_path / "cache" / "keras_rectifiers").iterdir()
    (entry / "y_test.npy").unlink()
    for _ in range(2):
        arrays = as_a_new_process(path)[1]
        assert isinstance(arrays["y_test"], np.memmap)
    assert len(decoded) == 2
    # Nothing else is left there.
    assert list(entry.parent.iterdir()) == [entry]


def test_the_cache_is_in_the_home_directory_if_there_is_one(
    folders, decoded, tmp_path, monkeypatch
):
    path = saved(folders)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    as_a_new_process(path)
    (entry,) = (tmp_path / "home" / ".cache" / "keras_rectifiers").iterdir()
    assert entry.name == f"own-{npz_files.file_checksum(Path(path))}"

    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    for _ in range(2):
        assert not isinstance(as_a_new_process(path)[1]["x_train"], np.memmap)
    assert len(decoded) == 3


def test_a_checksum_depends_on_names_types_shapes_and_contents():
    x = np.arange(6, dtype=np.int32)
    others = [
        {"x": x.astype(np.int64)},
        {"x": x.view(np.float32)},
        {"x": x.reshape(2, 3)},
        {"x": x + 1},
        {"y": x},
        {"x": x, "y": x},
    ]
    found = [npz_files.checksum(arrays) for arrays in ({"x": x}, *others)]
    assert len(set(found)) == 7
    # Not on where they lie in memory.
    assert npz_files.checksum({"x": np.repeat(x, 2)[::2]}) == found[0]
    expected = hashlib.sha256(b"x int32 (6,)" + x.astype("<i4").tobytes())
    assert found[0] == expected.hexdigest()
