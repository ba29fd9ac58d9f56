"""Made-up data sets in files, and a memory without them."""

from pathlib import Path

import numpy as np

from keras_rectifiers.comparison.data import datasets, published, source


def forget() -> None:
    """Forgets the data sets that this process has loaded."""
    loaders = (datasets._load, datasets._pool, source.read, published.arrays_of)
    for function in loaders:
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
