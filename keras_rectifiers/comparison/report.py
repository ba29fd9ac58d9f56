"""The report: the verdicts of all studies, and a page for each, as self-contained HTML.

The same tables give the same bytes, but for the date. A page needs nothing but itself:
styles and figures stand in it, and it runs no script.
"""

import base64
import datetime
import importlib.metadata
import io
import math
import os
import platform
import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from keras_rectifiers import __version__
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.claims import CONFIDENCE, Claim, format_number, judge
from keras_rectifiers.comparison.rules import VERDICTS
from keras_rectifiers.comparison.statistics import decay
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study

TEMPLATES = Path(__file__).parent / "templates"

# What a page puts for the two colours that are no data, in light and in dark.
_THEME = """<style>
:root { --ink: #24292f; --faint: #c9ced4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --faint: #4a5058 } }
</style>"""

# As many cases as a reader takes in at once; the rows of more are folded away.
_FOLD_ABOVE = 6

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn")


def write(
    finished: Sequence[tuple[Study, Tables]],
    folder: str | os.PathLike,
    *,
    profile: str,
    date: datetime.date,
    versions: Mapping[str, str] | None = None,
) -> Path:
    """Writes the report: `index.html`, and for each study a folder of its name.

    A study's folder holds its page (`index.html`) and its data: `trials.csv`,
    `layers.csv`, `epochs.csv` and `effects.csv`. Everything is rendered before anything
    is written, each file appears whole or not at all, and the first page comes last:
    an interrupted report leaves the former one readable.

    Args:
        finished: the studies and the tables of their trials.
        folder: made if it is not there; other files in it are left alone.
        profile: which of the studies' profiles the tables hold.
        date: printed on every page.
        versions: software -> version, as printed. Default: what is installed.

    Returns:
        The path of `index.html`.

    Raises:
        ValueError: if there is no study, two have one name, or a name is not made of
            letters, digits, `_` and `-`.
        OSError: if a file cannot be written.
    """
    _check_names([study.name for study, _ in finished])
    versions = dict(installed_versions() if versions is None else versions)
    reports = [_read_study(study, tables, profile) for study, tables in finished]
    verdicts = pd.concat([report.verdicts for report in reports], ignore_index=True)
    # Studies share trials: each net counts once.
    nets = pd.concat(
        [tables.trials[["key", "epochs"]] for _, tables in finished]
    ).drop_duplicates("key")
    shared = {
        "date": date.isoformat(),
        "versions": versions,
        "confidence": f"{CONFIDENCE:.0%}",
        "num_verdicts": len(verdicts),
        "num_misses": f"{len(verdicts) * (1 - CONFIDENCE):.1f}",
        "fold_above": _FOLD_ABOVE,
        "verdict_names": VERDICTS,
        "profile": profile,
    }
    files: dict[str, bytes] = {}
    for report in reports:
        name = report.study.name
        for table, frame in report.data.items():
            files[f"{name}/{table}.csv"] = _csv(frame)
        sizes = {
            table: _size(len(files[f"{name}/{table}.csv"])) for table in report.data
        }
        page = _render("study.html", report=report, sizes=sizes, **shared)
        files[f"{name}/index.html"] = page
    files["index.html"] = _render(
        "index.html",
        reports=reports,
        counts=_count(verdicts),
        num_trained=int((nets["epochs"] > 0).sum()),
        num_measured=int((nets["epochs"] == 0).sum()),
        **shared,
    )
    folder = Path(folder)
    for name, content in files.items():
        _replace(folder / name, content)
    return folder / "index.html"


def installed_versions() -> dict[str, str]:
    """Returns the software that the report names, with its versions."""
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


def svg(figure: Figure) -> str:
    """Renders a figure as an SVG whose text and axes follow light and dark.

    Args:
        figure: what is no data in it has the colours `figures.INK` and
            `figures.FAINT`.

    Returns:
        The SVG document. Equal figures give equal text.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "keras-rectifiers"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text.replace(figures.INK, "var(--ink)").replace(
        figures.FAINT, "var(--faint)"
    )
    start = text.index(">", text.index("<svg")) + 1
    return text[:start] + _THEME + text[start:]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure as it stands on a page; `source` is empty if there is none to draw."""

    title: str
    caption: str
    source: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A claim with its verdicts, one for each case, and how many there are of each."""

    claim: Claim
    cases: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class StudyReport:
    """What the page of a study shows.

    Args:
        study: the study.
        verdicts: as `judge` returns them.
        claims: its claims with their cases.
        drawings: its figures.
        data: name of a file -> frame.
        counts: verdict -> number of cases.
        num_planned: trials that the profile asks for.
        num_trained: trials that were trained.
        num_measured: trials that were measured at initialisation only.
        num_diverged: trained ones whose loss was lost to NaN or infinity.
        num_seeds: different seeds.
        trained_with: versions that the tables name.
        command: what reproduces the tables.
    """

    study: Study
    verdicts: pd.DataFrame
    claims: Sequence[JudgedClaim]
    drawings: Sequence[Drawing]
    data: Mapping[str, pd.DataFrame]
    counts: Mapping[str, int]
    num_planned: int
    num_trained: int
    num_measured: int
    num_diverged: int
    num_seeds: int
    trained_with: Sequence[str]
    command: str

    @property
    def num_missing(self) -> int:
        """Trials that the profile asks for and the tables lack."""
        return max(0, self.num_planned - self.num_trained - self.num_measured)


def _read_study(study: Study, tables: Tables, profile: str) -> StudyReport:
    verdicts = judge(study, tables)
    trials = tables.trials
    is_trained = trials["epochs"] > 0
    backends = trials[["keras_version", "backend"]].drop_duplicates()
    planned = study.trials[profile]() if profile in study.trials else ()
    return StudyReport(
        study=study,
        verdicts=verdicts,
        claims=[_with_cases(claim, verdicts) for claim in study.claims],
        drawings=[_draw(figure, tables) for figure in study.figures],
        data=_data(study, tables, verdicts),
        counts=_count(verdicts),
        num_planned=len(set(planned)),
        num_trained=int(is_trained.sum()),
        num_measured=int((~is_trained).sum()),
        num_diverged=int(trials["diverged"].sum()),
        num_seeds=int(trials["seed"].nunique()),
        trained_with=sorted(
            f"Keras {version} on {backend}"
            for version, backend in backends.itertuples(index=False)
        ),
        command=shlex.join(
            ["python", "-m", "studies", "run", study.name, "--profile", profile]
        ),
    )


def _with_cases(claim: Claim, verdicts: pd.DataFrame) -> JudgedClaim:
    rows = verdicts[verdicts["claim"] == claim.id]
    cases = [
        {
            **row,
            "effect": format_number(row["estimate"], claim.digits),
            "interval": f"{format_number(row['low'], claim.digits)} to "
            f"{format_number(row['high'], claim.digits)}",
        }
        for row in rows.to_dict("records")
    ]
    return JudgedClaim(claim=claim, cases=cases, counts=_count(rows))


def _count(verdicts: pd.DataFrame) -> dict[str, int]:
    return {name: int((verdicts["verdict"] == name).sum()) for name in VERDICTS}


def _draw(figure: figures.StudyFigure, tables: Tables) -> Drawing:
    try:
        drawn = figure.draw(tables)
    except figures.NothingToDraw:
        return Drawing(
            title=figure.title, caption=figure.caption, source="", width=0, height=0
        )
    encoded = base64.b64encode(svg(drawn).encode()).decode()
    width, height = drawn.get_size_inches()
    return Drawing(
        title=figure.title,
        caption=figure.caption,
        source=f"data:image/svg+xml;base64,{encoded}",
        width=round(width * 100),
        height=round(height * 100),
    )


def _data(
    study: Study, tables: Tables, verdicts: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    claims = {claim.id: claim for claim in study.claims}
    effects = verdicts.assign(
        quantity=verdicts["claim"].map(lambda name: claims[name].quantity),
        unit=verdicts["claim"].map(lambda name: claims[name].unit),
        confidence=CONFIDENCE,
        criterion=verdicts["claim"].map(lambda name: claims[name].criterion),
    )
    rows = tables.measurements
    of_layers = rows["layer"].notna()
    return {
        "effects": effects,
        "trials": _with_decay(tables),
        "layers": _measures_as_columns(rows[of_layers], ["key", "epoch", "layer"]),
        "epochs": _measures_as_columns(rows[~of_layers], ["key", "epoch"]),
    }


def _with_decay(tables: Tables) -> pd.DataFrame:
    """The trials with their gradient decay before and, if trained, after training."""
    trials = tables.trials.sort_values("key", kind="stable")
    decays = decay(tables).merge(trials[["key", "epochs"]], on="key")
    is_last = (decays["epoch"] == decays["epochs"]) & (decays["epochs"] > 0)
    for suffix, chosen in (
        ("before", decays[decays["epoch"] == 0]),
        ("after", decays[is_last]),
    ):
        columns = {
            name: f"{name}_{suffix}"
            for name in ("gradient_decay", "num_layers_left_out")
        }
        chosen = chosen[["key", *columns]].rename(columns=columns)
        trials = trials.merge(chosen, on="key", how="left", validate="one_to_one")
        count = f"num_layers_left_out_{suffix}"
        trials[count] = trials[count].astype("Int64")
    return trials


def _measures_as_columns(rows: pd.DataFrame, index: list[str]) -> pd.DataFrame:
    wide = rows.pivot(index=index, columns="measure", values="value")
    return wide.sort_index().sort_index(axis=1).reset_index()


def _csv(frame: pd.DataFrame) -> bytes:
    text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return text.encode()


def _size(num_bytes: int) -> str:
    if num_bytes < 1e6:
        return f"{math.ceil(num_bytes / 1e3)} kB"
    return f"{num_bytes / 1e6:.1f} MB"


def _render(template: str, **values) -> bytes:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(**values).encode()


def _check_names(names: Sequence[str]) -> None:
    if not names:
        raise ValueError("There is nothing to report: expected at least one study.")
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise ValueError(
                f"The study's name {name!r} is the name of its folder: expected "
                "letters, digits, '_' and '-' only."
            )
        if names.count(name) > 1:
            raise ValueError(f"There is more than one study named {name!r}.")


def _replace(path: Path, content: bytes) -> None:
    """Writes a file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        # mkstemp gives files to their owner only; a report is there to be read.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
