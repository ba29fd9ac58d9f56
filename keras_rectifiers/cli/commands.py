"""What the commands of `rectifiers` do."""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import typer

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.cli.loading import load_keras
from keras_rectifiers.comparison.comparing.errors import brief
from keras_rectifiers.comparison.data import npz_files
from keras_rectifiers.printable import printable


def list_activations() -> None:
    """Prints the names of the catalogue with their formulas and references."""
    width = max(map(len, CATALOGUE))
    formulas = max(len(known.formula) for known in CATALOGUE.values())
    for name, known in CATALOGUE.items():
        line = f"{name:{width}}  {known.formula:{formulas}}  {known.reference}"
        typer.echo(line.rstrip())


def compare(function: str, data: Path, *, out: Path, **settings: Any) -> None:
    """Compares activations, prints what was found and writes the report.

    Args:
        function: `MODULE:FUNCTION` or `FILE.py:FUNCTION`.
        data: an .npz file.
        out: the folder of the results.
        **settings: as for `keras_rectifiers.compare`.

    Raises:
        typer.Exit: with status 1 if an activation failed, 130 if it was interrupted.
    """
    examples = read_data(data)
    load_keras()
    build_model = load_function(function)
    from keras_rectifiers.comparison.compare import compare

    found = compare(build_model, examples, out=out, verbose=True, **settings)
    typer.echo(str(found))
    path = found.report(out / "report.html")
    typer.echo(f"\nReport: {printable(str(path))}")
    if found.is_interrupted:
        raise typer.Exit(130)
    if found.failures:
        raise typer.Exit(1)


def diagnose(
    path: Path,
    data: Path,
    *,
    loss: str | None,
    num_examples: int,
    try_fixes: bool = False,
) -> None:
    """Prints what `keras_rectifiers.diagnose` finds in a saved model."""
    x, y, *_ = _first_part(read_data(data))
    if not path.is_file():
        raise ValueError(f"There is no model {path}.")
    load_keras()
    import keras

    from keras_rectifiers.diagnosis.diagnose import diagnose

    try:
        model = keras.saving.load_model(path)
    except Exception as error:  # a damaged file, a layer that is not known
        raise ValueError(
            "Expected a model that Keras has saved, such as model.keras, with layers of "
            f"Keras or of this package. {path} cannot be loaded: {brief(error)}"
        ) from error
    found = diagnose(
        model, x[:num_examples], y[:num_examples], loss=loss, try_fixes=try_fixes
    )
    typer.echo(str(found))


def read_data(path: Path) -> tuple:
    """Reads an .npz file as `compare` takes data.

    Raises:
        ValueError: if the file is damaged, or does not have the arrays.
    """
    arrays = npz_files.read_all(path)
    if {"x", "y"} <= set(arrays):
        names = ("x", "y", "sample_weight")
        return tuple(arrays[name] for name in names if name in arrays)
    parts = [
        tuple(arrays[name] for name in (f"x_{part}", f"y_{part}"))
        for part in ("train", "validation", "test")
        if {f"x_{part}", f"y_{part}"} <= set(arrays)
    ]
    if "x_train" not in arrays or "x_test" not in arrays or len(parts) < 2:
        raise ValueError(
            f"{path} lacks arrays. Expected x and y, or x_train, y_train, x_test and "
            f"y_test. Received: {', '.join(arrays) or 'none'}."
        )
    return tuple(parts)


def load_function(name: str) -> Callable:
    """Imports a function from a module or a file.

    Args:
        name: `MODULE:FUNCTION` or `FILE.py:FUNCTION`.

    Raises:
        ValueError: if there is no such module or function.
    """
    module, colon, function = name.rpartition(":")
    if not colon or not module or not function:
        raise ValueError(
            "Expected MODULE:FUNCTION, such as my_net:build_model or "
            f"my_net.py:build_model. Received: {name!r}."
        )
    loaded = _module(module)
    if not callable(getattr(loaded, function, None)):
        there = [
            n for n in vars(loaded) if callable(getattr(loaded, n)) and n[0] != "_"
        ]
        raise ValueError(
            f"Expected a function {function!r} in {module}. Received: a module with "
            f"{', '.join(there) or 'no functions'}."
        )
    return getattr(loaded, function)


def _module(name: str) -> Any:
    if name.endswith(".py"):
        path = Path(name).absolute()
        if not path.is_file():
            raise ValueError(f"There is no file {name}.")
        folder, name = path.parent, path.stem
    else:
        folder = Path.cwd()
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
        raise ValueError(
            f"There is no module {name!r} in {folder}, and none of this name is "
            "installed."
        ) from error


def _first_part(data: tuple) -> tuple[np.ndarray, ...]:
    return data[0] if isinstance(data[0], tuple) else data
