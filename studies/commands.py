"""The commands of the studies, after their arguments have been checked."""

import contextlib
import datetime
import functools
import shlex
import signal
import time
import webbrowser
from collections.abc import Collection, Sequence, Set
from pathlib import Path

import typer

from keras_rectifiers.comparison.reporting import report as pages
from keras_rectifiers.comparison.running import in_processes, runner
from keras_rectifiers.comparison.training import backends, plan
from keras_rectifiers.comparison.trials import failures
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial
from keras_rectifiers.printable import printable
from studies import interrupts, profiles, progress, timing
from studies.definitions import IDENTITIES
from studies.options import WrongUsage, cannot_write, check_writable


class Interrupted(Exception):
    """A run was ended by a signal, and has printed a message about it."""

    def __init__(self, status: int):
        super().__init__(status)
        self.status = status


def list_studies(studies: Sequence[Study]) -> None:
    for study in studies:
        counts = ", ".join(
            f"{profile}: {_num_trials(study, profile)}" for profile in study.trials
        )
        for line in (study.name, f"    {study.question}", f"    {counts}"):
            tell(line)


def run(
    studies: Sequence[Study],
    profile: str,
    out: Path,
    *,
    workers: int,
    scheduler: str,
    deterministic: bool,
    retry_failed: bool,
    even_if_busy: bool,
    quiet: bool,
) -> None:
    say = (lambda text: None) if quiet else note
    store = Store(out)
    if not scheduler:  # its workers may have what this machine lacks
        studies = _that_run_here(studies, profile)
    damaged_before = store.damaged()
    trials = _planned(studies, profile)
    keys = set(trials)
    _prepare(store)
    done = store.done()
    _note_damaged(store, damaged_before)
    before = [] if retry_failed else _failed(store, done, keys)
    skipped = {key for failure in before for key in failure.trials}
    work = runner.missing(list(trials.values()), store, done=done | skipped)
    num_missing = sum(len(item.trials) for item in work)
    say(
        f"{len(trials):,} trials: {len(keys & done):,} already finished, "
        + (f"{len(keys & skipped):,} failed earlier, " if skipped else "")
        + f"{num_missing:,} to run in {len(work):,} populations."
    )
    for study in studies:
        if study.left_out:
            say(f"{study.name} ({study.dataset}): {study.left_out}")
    if num_missing:
        say(_expectation([trial for item in work for trial in item.trials]))

    started = time.monotonic()
    events = runner.run(
        work,
        store,
        workers=workers,
        scheduler=scheduler,
        deterministic=deterministic,
    )
    try:
        with (
            interrupts.by(signal.SIGTERM, signal.SIGHUP),
            # Before it is said what is left, nothing is left at work.
            contextlib.closing(events),
        ):
            # Before the workers start, beside which nothing can be timed.
            untimed = timing.measure(
                studies, profile, out, even_if_busy=even_if_busy, say=say
            )
            told = events if quiet else progress.shown(events, work)
            failed = [event for event in told if event.kind == "failed"]
    except KeyboardInterrupt as interrupt:
        num_left = len(keys - store.done())
        note(
            f"Interrupted. {num_left:,} trials are left. Run the same command again "
            "to continue."
        )
        raise Interrupted(*interrupt.args or (130,)) from None
    say(f"Finished in {progress.duration(time.monotonic() - started)}.")
    for text in untimed:
        warn(f"Failed: {text}")
    if failed or before:
        _warn_of_failures(before, failed, len(work), store)
    if failed or before or untimed:
        raise typer.Exit(1)


def status(studies: Sequence[Study], profile: str, out: Path) -> None:
    store = Store(out)
    done = store.done()
    for study in _that_run_here(studies, profile, done):
        keys = set(_planned([study], profile))
        failed = _failed(store, done, keys)
        failed_keys = {key for failure in failed for key in failure.trials} & keys
        num_done = len(keys & done)
        num_missing = len(keys) - num_done - len(failed_keys)
        tell(
            f"{study.name} ({profile}, {study.dataset}), {len(keys):,} trials: "
            f"{num_done:,} done, {num_missing:,} missing, {len(failed_keys):,} failed"
        )
        if study.left_out:
            tell(f"    {study.left_out}")
        if timing.lacks_timings(study, profile, out):
            tell("    Its activations have not been timed.")
        for failure in failed:
            text = f"    Failed: {failure.path}: {failure.message}"
            typer.secho(printable(text), fg=typer.colors.RED)
    for path in store.damaged():
        typer.secho(printable(f"Damaged: {path}"), fg=typer.colors.RED)
    for schema, number in sorted(store.schemas().items()):
        if schema != SCHEMA:
            tell(
                f"{number:,} trials in {out} have schema {schema or 'below 4'} and "
                f"are left unchanged; this version uses schema {SCHEMA}."
            )


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
    studies = _that_run_here(studies, profile, Store(out).done())
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
        keys = set(_planned([study], profile))
        if not keys:
            note(
                f"{study.name} ({study.dataset}): {study.left_out} There is no page "
                "for it."
            )
            continue
        tables = store.read(keys)
        _note_damaged(store, damaged_before)
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
        failed[study.name] = _failed(store, set(tables.trials.key), keys)
    if unfinished and not finished:
        raise WrongUsage(
            "Expected finished trials. Received: none of the trials of "
            f"{', '.join(study.name for study in unfinished)} ({profile}, "
            f"{unfinished[0].dataset}) is in {out}. Train them first: "
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
        )
    except ConnectionError as error:  # an OSError too
        raise WrongUsage(
            f"{error} With --workers 1, which is the default, the report needs no "
            "other processes."
        ) from None
    except OSError as error:
        raise WrongUsage(cannot_write("--reports", reports, error)) from None


def tell(text: str) -> None:
    typer.echo(printable(text))


def note(text: str) -> None:
    typer.echo(printable(text), err=True)


def warn(text: str, *, keep: str = "") -> None:
    typer.secho(printable(text, keep=keep), err=True, fg=typer.colors.RED)


def _prepare(store: Store) -> None:
    try:
        store.prepare()
    except ValueError as error:
        raise WrongUsage(f"--out: {error}") from None
    except OSError as error:
        raise WrongUsage(cannot_write("--out", store.folder, error)) from None


def _warn_of_failures(
    before: Sequence[failures.Failure],
    failed: Sequence[runner.Event],
    num_populations: int,
    store: Store,
) -> None:
    for failure in before:
        warn(f"Failed earlier: {failure.path}: {failure.message}")
    for event in failed:
        warn(f"Failed: {event.work}: {failures.last_line(event.error)}")
    if failed:
        folder = store.folder / "failures"
        warn(
            f"{len(failed)} of {num_populations} populations failed. The full error "
            f"messages are in {folder}."
        )
        unrecorded = [event for event in failed if event.record is None]
        if unrecorded:
            warn(
                f"The messages of {len(unrecorded)} could not be written there. The "
                "first one:"
            )
            warn(unrecorded[0].error, keep="\n\t")
    warn("To run the failed trials again, add --retry-failed to the same command.")


def _that_run_here(
    studies: Sequence[Study], profile: str, done: Set[str] = frozenset()
) -> list[Study]:
    """The studies, without what needs a GPU if there is none and none of it is done."""

    def is_left_out(study: Study) -> bool:
        if not profiles.needs_gpu(study, profile) or backends.has_gpu():
            return False
        trials = _planned([study], profile)
        return not any(
            key in done and trial.architecture in profiles.NEED_GPU
            for key, trial in trials.items()
        )

    return [
        profiles.without_gpu(study, profile) if is_left_out(study) else study
        for study in studies
    ]


def _num_trials(study: Study, profile: str) -> str:
    """Says how many trials a profile of a study has on each of its data sets."""
    number = len(study.planned(profile))
    num_datasets = len(profiles.data_of(study, profile).datasets)
    each = f" on each of {num_datasets} data sets" if num_datasets > 1 else ""
    return f"{number:,} trials{each}"


def _expectation(lacking: Sequence[Trial]) -> str:
    num_trained = sum(trial.epochs > 0 for trial in lacking)
    time_taken = progress.duration(60 * max(1, round(profiles.seconds(lacking) / 60)))
    where = "On two cores"
    if any(trial.architecture in profiles.NEED_GPU for trial in lacking):
        where += (
            f", and a GPU of {plan.GPU_SPEED / 1e12:g} teraflops for the network in "
            "network,"
        )
    return (
        f"{num_trained:,} nets are trained and {len(lacking) - num_trained:,} "
        f"are measured at initialisation only. {where} this takes about "
        f"{time_taken}."
    )


def _planned(studies: Sequence[Study], profile: str) -> dict[str, Trial]:
    """All trials of studies, by key."""
    try:
        return {
            runner.key(trial): trial
            for study in studies
            for trial in study.planned(profile)
        }
    except ValueError as error:  # of their data
        raise WrongUsage(str(error)) from None


def _failed(store, done: Collection[str], keys: Collection[str]) -> list:
    """The records of the trials that failed and are not finished."""
    found = failures.read(store, done)
    return [failure for failure in found if not failure.trials.keys().isdisjoint(keys)]


def _run_command(studies, profile: str, out: Path) -> str:
    names = list(dict.fromkeys(study.name for study in studies))
    datasets = tuple(dict.fromkeys(study.dataset for study in studies))
    options = ["--profile", profile]
    own = [profiles.data_of(study, profile).datasets for study in studies]
    if set(datasets) != {name for names in own for name in names}:
        options += [word for dataset in datasets for word in ("--dataset", dataset)]
    options += [*studies[0].options, "--out", str(out)]
    return shlex.join(["python", "-m", "studies", "run", *names, *options])


def _note_damaged(store, before: Sequence[Path]) -> None:
    for path in store.damaged():
        if path not in before:
            warn(f"Damaged: {path}. Its trials have to be run again.")
