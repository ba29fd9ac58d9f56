"""The report: what was found, and a page for each study, as self-contained HTML.

The same tables give the same bytes, except for the date. Each page is self-contained:
it includes its styles and figures, and loads nothing. The only script filters the
claims on the first page; all of it can be read without.
"""

import datetime
import functools
import importlib.metadata
import itertools
import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from keras_rectifiers import __version__
from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim, count_claims
from keras_rectifiers.comparison.reporting.downloads import (
    GRAINS,
    index_downloads,
    study_downloads,
)
from keras_rectifiers.comparison.reporting.glossary import TERMS
from keras_rectifiers.comparison.reporting.identities import Identity, check
from keras_rectifiers.comparison.reporting.index_report import read_index
from keras_rectifiers.comparison.reporting.rendering import render
from keras_rectifiers.comparison.reporting.report_folder import write_files
from keras_rectifiers.comparison.reporting.study_page import read_page
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.trials.failures import Failure
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.claims import CONFIDENCE, Kind
from keras_rectifiers.comparison.verdicts.criteria import LEVEL, VERDICTS
from keras_rectifiers.comparison.verdicts.sources import references

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn")


def write(
    finished: Sequence[tuple[Study, Tables]],
    folder: str | os.PathLike,
    *,
    profile: str,
    date: datetime.date,
    versions: Mapping[str, str] | None = None,
    failures: Mapping[str, Sequence[Failure]] | None = None,
    unfinished: Sequence[Study] = (),
    data: bool = True,
    identities: Sequence[Identity] = (),
    starmap: Callable[[Callable, Sequence[tuple]], Iterable] = itertools.starmap,
    on_wait: Callable[[], object] = lambda: None,
) -> Path:
    """Writes the report: `index.html`, and for each study a folder of its name.

    With identities there is also `definitions.html`, which needs no tables.

    A study's folder holds its page (`index.html`) and what can be downloaded from it,
    see `study_downloads`. Everything is rendered before anything is written, each file
    is replaced atomically, and the first page is written last, so an interrupted report
    leaves the previous one readable.

    Args:
        finished: the studies and the tables of their trials.
        folder: created if it does not exist; other files in it are left alone.
        profile: the profile of the studies whose trials the tables hold.
        date: printed on every page.
        versions: software -> version, as printed. Default: the installed versions.
        failures: name of a study -> its failures. Default: none.
        unfinished: studies of which no trial is finished yet; they are named.
        data: whether to write the large tables, and the figures as files. Without them
            a report is small.
        identities: what holds by definition. Default: nothing.
        starmap: calls a function with each of some arguments, and returns the results in
            their order. The studies are judged and drawn by it, one a call.
        on_wait: called before it waits until another report in the folder is written.

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
    # The largest come first: one that starts last would run alone.
    order = sorted(finished, key=lambda each: -len(each[1].measurements))
    calls = [
        (study, tables, profile, failures.get(study.name, ()))
        for study, tables in order
    ]
    read = starmap(functools.partial(read_study, images=data), calls)
    by_name = {report.study.name: report for report in read}
    reports = [by_name[study.name] for study, _ in finished]
    claims = [judged for report in reports for judged in report.claims]
    readings = [reading for judged in claims for reading in judged.readings]
    checked = check(identities)
    sources = references(
        source
        for stated in (*(reading.claim for reading in readings), *identities)
        for source in stated.sources
    )
    # Studies share trials: each net counts once.
    nets = pd.concat([tables.trials for _, tables in finished]).drop_duplicates("key")
    shared = {
        "date": date.isoformat(),
        "versions": versions,
        "version": versions.get("keras-rectifiers", __version__),
        "confidence": f"{CONFIDENCE:.0%}",
        **_by_chance(claims),
        "kinds": Kind,
        "profile": profile,
        "grains": GRAINS,
    }
    files: dict[str, bytes] = {}
    for number, report in enumerate(reports):
        downloads = study_downloads(report, data=data)
        files |= {f"{report.study.name}/{d.name}": d.content for d in downloads}
        files[f"{report.study.name}/index.html"] = render(
            "study.html",
            page=read_page(report, downloads),
            report=report,
            previous=reports[number - 1].study if number else None,
            following=reports[number + 1].study if number + 1 < len(reports) else None,
            **shared,
        )
    if checked:
        files["definitions.html"] = render(
            "definitions.html", checked=checked, **shared
        )
    index = read_index(reports, nets)
    downloads = index_downloads(index.table)
    files |= {download.name: download.content for download in downloads}
    files["index.html"] = render(
        "index.html",
        index=index,
        downloads=downloads,
        reports=reports,
        unfinished=unfinished,
        counts={kind: count_claims(claims, kind) for kind in Kind},
        references=sources,
        num_identities=len(checked),
        num_broken=sum(not one.holds for one in checked),
        datasets=dict.fromkeys(name for report in reports for name in report.datasets),
        terms=TERMS,
        **shared,
    )
    write_files(Path(folder), files, on_wait=on_wait)
    return Path(folder) / "index.html"


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
        if not judged.claim.is_computed  # and left to no chance
    ]
    num_claims = sum(number > 0 for _, number in measured)
    num_misses = sum(number * claim.rule.level for claim, number in measured)
    return {
        "num_verdicts": sum(number for _, number in measured),
        "num_misses": f"{num_misses:.1f}",
        "num_claims": num_claims,
        "num_false_claims": f"{num_claims * LEVEL:.1f}",
    }


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
