"""The commands of the studies but `report`, after their arguments have been checked."""

import contextlib
import signal
import time
from collections.abc import Collection, Sequence, Set
from pathlib import Path

import typer

from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.training import backends, plan
from keras_rectifiers.comparison.trials import failures
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial
from keras_rectifiers.printable import printable
from studies import interrupts, profiles, progress, timing
from studies.options import WrongUsage, cannot_write


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
        studies = that_run_here(studies, profile)
    damaged_before = store.damaged()
    trials = planned_trials(studies, profile)
    keys = set(trials)
    _prepare(store)
    done = store.done()
    note_damaged(store, damaged_before)
    note_gone(store)
    before = [] if retry_failed else failures_of(store, done, keys)
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
    for study in that_run_here(studies, profile, done):
        keys = set(planned_trials([study], profile))
        failed = failures_of(store, done, keys)
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
    note_gone(store)
    for schema, number in sorted(store.schemas().items()):
        if schema != SCHEMA:
            tell(
                f"{number:,} trials in {out} have schema {schema or 'below 4'} and "
                f"are left unchanged; this version uses schema {SCHEMA}."
            )


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


def that_run_here(
    studies: Sequence[Study], profile: str, done: Set[str] = frozenset()
) -> list[Study]:
    """The studies, without what needs a GPU if there is none and none of it is done."""

    def is_left_out(study: Study) -> bool:
        if not profiles.needs_gpu(study, profile) or backends.has_gpu():
            return False
        trials = planned_trials([study], profile)
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


def planned_trials(studies: Sequence[Study], profile: str) -> dict[str, Trial]:
    """All trials of studies, by key."""
    try:
        return {
            runner.key(trial): trial
            for study in studies
            for trial in study.planned(profile)
        }
    except ValueError as error:  # of their data
        raise WrongUsage(str(error)) from None


def failures_of(store, done: Collection[str], keys: Collection[str]) -> list:
    """The records of the trials that failed and are not finished."""
    found = failures.read(store, done)
    return [failure for failure in found if not failure.trials.keys().isdisjoint(keys)]


def note_gone(store: Store) -> None:
    """Warns of files that someone has removed from the results."""
    if gone := store.gone():
        more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
        warn(
            f"Missing: {gone[0]}{more}. The trials that belong to them do not count. Put "
            "the files back, or run the trials again."
        )


def note_damaged(store, before: Sequence[Path]) -> None:
    for path in store.damaged():
        if path not in before:
            warn(f"Damaged: {path}. Its trials have to be run again.")
