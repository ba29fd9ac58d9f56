"""The command `report`, after its arguments have been checked."""

import datetime
import functools
import shlex
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from keras_rectifiers.comparison.reporting import report as pages
from keras_rectifiers.comparison.running import in_processes
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.study import Study
from studies import profiles, timing
from studies.commands import (
    failures_of,
    note,
    note_damaged,
    note_gone,
    planned_trials,
    tell,
    that_run_here,
)
from studies.definitions import IDENTITIES
from studies.options import WrongUsage, cannot_write, check_writable


def report(
    studies: Sequence[Study],
    profile: str,
    out: Path,
    reports: Path,
    *,
    data: bool = True,
    workers: int = 1,
    show: bool = False,
) -> None:
    if not (out / "trials").is_dir():
        raise WrongUsage(
            f"Expected finished trials in {out}. Received: none. Train them first: "
            f"{_run_command(studies, profile, out)}"
        )
    check_writable("--reports", reports)
    store = Store(out)
    studies = that_run_here(studies, profile, store.done())
    note_gone(store)
    by_dataset: dict[str, list[Study]] = {}
    for study in studies:
        by_dataset.setdefault(study.dataset, []).append(study)
    # `own.npz` is named by its path.
    folders = [Path(dataset).stem for dataset in by_dataset]
    for dataset, name in zip(by_dataset, folders, strict=True):
        if len(folders) > 1 and name in (".", ".."):
            raise WrongUsage(
                "Each data set needs a name that can be the name of its folder. "
                "Report this data set separately, with --reports. Received: "
                f"{dataset}."
            )
    if len(set(folders)) < len(folders):
        raise WrongUsage(
            "Each data set needs a different name, because its name is also that of "
            "its folder. Report them one at a time, with --reports. Received: "
            f"{', '.join(by_dataset)}."
        )
    for name, some in zip(folders, by_dataset.values(), strict=True):
        folder = reports / name if len(folders) > 1 else reports
        index = _report(some, profile, out, folder, data=data, workers=workers)
        tell(str(index.resolve()))
        if show:
            webbrowser.open(index.resolve().as_uri())


def _report(
    studies: Sequence[Study],
    profile: str,
    out: Path,
    reports: Path,
    *,
    data: bool,
    workers: int,
) -> Path:
    """Writes the report of some studies on one data set, and returns its first page."""
    store = Store(out)
    finished, unfinished = [], []
    failed = {}
    for study in studies:
        damaged_before = store.damaged()
        keys = set(planned_trials([study], profile))
        if not keys:
            note(
                f"{study.name} ({study.dataset}): {study.left_out} There is no page "
                "for it."
            )
            continue
        tables = store.read(keys)
        note_damaged(store, damaged_before)
        num_missing = len(keys) - len(tables.trials)
        if not len(tables.trials):
            unfinished.append(study)
            continue
        if num_missing:
            note(
                f"{study.name}: {num_missing:,} of {len(keys):,} trials are not "
                "finished; this is noted in the report."
            )
        if timing.lacks_timings(study, profile, out):
            note(
                f"{study.name}: its activations have not been timed; what rests on "
                "their times is not measured."
            )
        finished.append((study, timing.with_timings(study, profile, tables, out)))
        failed[study.name] = failures_of(store, set(tables.trials.key), keys)
    if unfinished and not finished:
        whole = "is whole" if store.gone() else "is"
        raise WrongUsage(
            "Expected finished trials. Received: none of the trials of "
            f"{', '.join(study.name for study in unfinished)} ({profile}, "
            f"{unfinished[0].dataset}) {whole} in {out}. Train them first: "
            f"{_run_command(unfinished, profile, out)}"
        )
    for study in unfinished:
        note(f"{study.name}: no trial is finished; there is no page for it yet.")
    if not finished:
        raise WrongUsage(
            "Expected a data set that is suitable for at least one trial of these "
            "studies. Received: none."
        )
    today = datetime.date.today()
    try:
        return pages.write(
            finished,
            reports,
            profile=profile,
            date=today,
            failures=failed,
            unfinished=unfinished,
            data=data,
            identities=IDENTITIES,
            starmap=functools.partial(in_processes.starmap, workers=workers),
            on_wait=lambda: note(
                f"Another report is being written to {reports}. This one follows when "
                "it is finished."
            ),
        )
    except ConnectionError as error:  # an OSError too
        raise WrongUsage(
            f"{error} With --workers 1, which is the default, the report needs no "
            "other processes."
        ) from None
    except OSError as error:
        raise WrongUsage(cannot_write("--reports", reports, error)) from None


def _run_command(studies, profile: str, out: Path) -> str:
    names = list(dict.fromkeys(study.name for study in studies))
    datasets = tuple(dict.fromkeys(study.dataset for study in studies))
    options = ["--profile", profile]
    own = [profiles.data_of(study, profile).datasets for study in studies]
    if set(datasets) != {name for names in own for name in names}:
        options += [word for dataset in datasets for word in ("--dataset", dataset)]
    options += [*studies[0].options, "--out", str(out)]
    return shlex.join(["python", "-m", "studies", "run", *names, *options])
