"""Made-up tables of trials, and the files that a store keeps them in."""

from pathlib import Path

import pandas as pd

from keras_rectifiers.comparison.trials.results_folder import MARKER
from keras_rectifiers.comparison.trials.store import Store, Tables

TABLES = ("trials", "measurements", "outputs")


def made_up_tables(*keys: str, num_outputs: int = 3, value: float = 0.1) -> Tables:
    trials = pd.DataFrame(
        {
            "key": pd.array(keys, dtype="str"),
            "seed": range(len(keys)),
            "loss": value,
            "diverged": [key == "lost" for key in keys],
        }
    )
    measurements = pd.DataFrame(
        [
            (key, epoch, layer, measure, value + epoch / 3)
            for key in keys
            for epoch in (0, 1)
            for layer, measure in ((0, "gradient"), (1, "gradient"), (pd.NA, "loss"))
        ],
        columns=["key", "epoch", "layer", "measure", "value"],
    ).astype({"key": "str", "layer": "Int16", "measure": "str"})
    outputs = pd.DataFrame(
        [
            (key, 1, 0, "negative_slope", i, value + i)
            for key in keys
            for i in range(num_outputs)
        ],
        columns=["key", "epoch", "layer", "name", "index", "value"],
    )
    return Tables(trials=trials, measurements=measurements, outputs=outputs)


def assert_equal_tables(tables: Tables, expected: Tables) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(
            getattr(tables, table), getattr(expected, table), check_exact=True
        )


def contents(folder: Path) -> dict[str, bytes]:
    """Path below the folder -> content, of every file but the marker."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }


def file_of(store: Store, table: str) -> Path:
    """The only file of a table."""
    (path,) = (store.folder / table).glob("*.parquet")
    return path


def make_leftovers(folder: Path) -> list[Path]:
    """Makes what a killed run leaves: temporary files."""
    leftovers = [folder / table / f"{7:032x}.tmp" for table in TABLES]
    for path in leftovers:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half of a fi")
    return leftovers
