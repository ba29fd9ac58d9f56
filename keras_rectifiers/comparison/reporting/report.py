"""The report: the verdicts of all studies, and a page for each, as self-contained HTML.

The same tables give the same bytes, except for the date. Each page is self-contained:
it includes its styles and figures, and runs no script.
"""

import datetime
import errno
import importlib.metadata
import io
import math
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from keras_rectifiers import __version__
from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim, count_claims
from keras_rectifiers.comparison.reporting.identities import Identity, check
from keras_rectifiers.comparison.reporting.rendering import render
from keras_rectifiers.comparison.reporting.study_report import (
    read_study,
)
from keras_rectifiers.comparison.trials import atomic_write
from keras_rectifiers.comparison.trials.failures import Failure
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.claims import CONFIDENCE, Kind
from keras_rectifiers.comparison.verdicts.criteria import (
    LEVEL,
    NOT_MEASURED,
    NOT_TESTABLE,
    VERDICTS,
)
from keras_rectifiers.comparison.verdicts.sources import references
from keras_rectifiers.printable import printable

# Marks a folder as a report, and lists the files in it that may be overwritten.
MARKER = ".keras_rectifiers_report"
_MARK = "A report of the studies of keras_rectifiers. Its files:"

# Claims with more cases than this are collapsed.
_FOLD_ABOVE = 6

_TITLE = b"<title>Rectifiers: what the textbooks claim, and what we measure</title>"

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn")


def write(
    finished: Sequence[tuple[Study, Tables]],
    folder: str | os.PathLike,
    *,
    profile: str,
    date: datetime.date,
    versions: Mapping[str, str] | None = None,
    failures: Mapping[str, Sequence[Failure]] | None = None,
    identities: Sequence[Identity] = (),
) -> Path:
    """Writes the report: `index.html`, and for each study a folder of its name.

    With identities there is also `definitions.html`, which needs no tables.

    A study's folder holds its page (`index.html`) and its data: `trials.csv`,
    `layers.csv`, `epochs.csv` and `effects.csv`. Everything is rendered before anything
    is written, each file is replaced atomically, and the first page is written last, so
    an interrupted report leaves the previous one readable.

    Args:
        finished: the studies and the tables of their trials.
        folder: created if it does not exist; other files in it are left alone.
        profile: the profile of the studies whose trials the tables hold.
        date: printed on every page.
        versions: software -> version, as printed. Default: the installed versions.
        failures: name of a study -> its failures. Default: none.
        identities: what holds by definition. Default: nothing.

    Returns:
        The path of `index.html`.

    Raises:
        ValueError: if there is no study, two studies have the same name, or a name
            contains anything but letters, digits, `_` and `-`.
        FileExistsError: if a file would be overwritten that is not part of a report.
        OSError: if a file cannot be written.
    """
    _check_names([study.name for study, _ in finished])
    versions = dict(installed_versions() if versions is None else versions)
    failures = failures or {}
    reports = [
        read_study(study, tables, profile, failures.get(study.name, ()))
        for study, tables in finished
    ]
    claims = [judged for report in reports for judged in report.claims]
    # The first paragraph is about these.
    empirical = [judged for judged in claims if judged.claim.kind == Kind.EMPIRICAL]
    readings = [reading for judged in claims for reading in judged.readings]
    checked = check(identities)
    sources = references(
        source
        for stated in (*(reading.claim for reading in readings), *identities)
        for source in stated.sources
    )
    # Studies share trials: each net counts once.
    nets = pd.concat(
        [tables.trials[["key", "epochs"]] for _, tables in finished]
    ).drop_duplicates("key")
    shared = {
        "date": date.isoformat(),
        "versions": versions,
        "confidence": f"{CONFIDENCE:.0%}",
        **_by_chance(claims),
        "fold_above": _FOLD_ABOVE,
        "kinds": Kind,
        "profile": profile,
    }
    files: dict[str, bytes] = {}
    for report in reports:
        tables = {table: _csv(frame) for table, frame in report.data.items()}
        sizes = {table: _size(len(content)) for table, content in tables.items()}
        page = render("study.html", report=report, sizes=sizes, **shared)
        name = report.study.name
        files |= {f"{name}/{table}.csv": content for table, content in tables.items()}
        files[f"{name}/index.html"] = page
    if checked:
        files["definitions.html"] = render(
            "definitions.html", checked=checked, **shared
        )
    files["index.html"] = render(
        "index.html",
        reports=reports,
        counts={kind: count_claims(claims, kind) for kind in Kind},
        num_not_judged={
            name: sum(judged.counts[name] for judged in empirical)
            for name in (NOT_TESTABLE, NOT_MEASURED)
        },
        num_flagged={
            flag: sum(case[flag] for judged in empirical for case in judged.cases)
            for flag in ("depends_on_rate", "depends_on_budget", "is_borderline")
        },
        references=sources,
        num_identities=len(checked),
        num_broken=sum(not one.holds for one in checked),
        datasets=dict.fromkeys(name for report in reports for name in report.datasets),
        num_trained=int((nets["epochs"] > 0).sum()),
        num_measured=int((nets["epochs"] == 0).sum()),
        **shared,
    )
    folder = Path(folder)
    _check_nothing_is_lost(folder, files)
    listed = sorted({*files, *_listed(folder)})
    atomic_write.write(folder / MARKER, "\n".join([_MARK, *listed, ""]).encode())
    for name, content in files.items():
        atomic_write.write(folder / name, content)
    return folder / "index.html"


def installed_versions() -> dict[str, str]:
    """Returns the software named in the report, with its installed versions."""
    versions = {
        "Python": platform.python_version(),
        "keras-rectifiers": __version__,
    }
    # TensorFlow comes under several names.
    candidates = [
        ("Keras", ["keras"]),
        ("TensorFlow", ["tensorflow", "tensorflow-cpu"]),
    ]
    candidates += [(name, [name]) for name in _PACKAGES]
    for label, names in candidates:
        for name in names:
            try:
                versions[label] = importlib.metadata.version(name)
                break
            except importlib.metadata.PackageNotFoundError:
                continue
    return versions


def _by_chance(claims: Sequence[JudgedClaim]) -> dict[str, Any]:
    """The number of verdicts, and of the errors among them expected by chance."""
    measured = [
        (judged.claim, sum(judged.counts[name] for name in VERDICTS))
        for judged in claims
    ]
    num_claims = sum(number > 0 for _, number in measured)
    num_misses = sum(number * claim.rule.level for claim, number in measured)
    return {
        "num_verdicts": sum(number for _, number in measured),
        "num_misses": f"{num_misses:.1f}",
        "num_claims": num_claims,
        "num_false_claims": f"{num_claims * LEVEL:.1f}",
    }


def _csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV, numbers with six digits."""
    floats = frame.select_dtypes("floating")
    short = frame.assign(**{name: _rounded(floats[name]) for name in floats})
    if "dataset" in short:
        short["dataset"] = short["dataset"].map(printable)
    # pandas takes six times as long for the millions of numbers of layers.
    file = io.BytesIO()
    pyarrow.csv.write_csv(pa.Table.from_pandas(short, preserve_index=False), file)
    return file.getvalue()


def _rounded(values: pd.Series) -> np.ndarray:
    """The nearest numbers of six decimal digits."""
    numbers = values.to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        digits = 5 - np.floor(np.log10(np.abs(numbers)))
        power = 10.0 ** np.abs(digits)
        rounded = np.where(
            digits >= 0,
            np.rint(numbers * power) / power,
            np.rint(numbers / power) * power,
        )
    # A float holds powers of ten up to here exactly, so that the above rounds once.
    is_other = ~(np.abs(digits) <= 22)
    rounded[is_other] = [float(f"{number:.6g}") for number in numbers[is_other]]
    return rounded


def _size(num_bytes: int) -> str:
    if num_bytes < 1e6:
        return f"{math.ceil(num_bytes / 1e3)} kB"
    return f"{num_bytes / 1e6:.1f} MB"


def _check_names(names: Sequence[str]) -> None:
    if not names:
        raise ValueError("Expected at least one study to report. Received: none.")
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(
                "A study's name is also the name of its folder, so it must consist of "
                f"letters, digits, '_' and '-'. Received: {name!r}."
            )
        if names.count(name) > 1:
            raise ValueError(
                f"Expected studies with different names. Received: {name!r} more than "
                "once."
            )


def _check_nothing_is_lost(folder: Path, names: Iterable[str]) -> None:
    """Checks that a report overwrites nothing in the folder but an earlier report."""
    listed = _listed(folder)
    index = folder / "index.html"
    # Reports from versions that did not list their files.
    if not listed and (
        (folder / MARKER).exists()
        or (index.is_file() and _TITLE in index.read_bytes()[:1000])
    ):
        return
    for name in names:
        if name not in listed and os.path.lexists(folder / name):
            raise FileExistsError(
                errno.EEXIST,
                f"{name} already exists there and is not part of a report",
                str(folder / name),
            )


def _listed(folder: Path) -> set[str]:
    """The files listed in the marker of one or several reports in a folder."""
    try:
        first, *names = (folder / MARKER).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    return set(names) if first == _MARK else set()
