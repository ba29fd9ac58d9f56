"""The command line of the studies: `python -m studies`."""

import datetime
import difflib
import os
import re
import shlex
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated

import typer

PROFILES = ("quick", "standard", "full")


class WrongUsage(Exception):
    """What was wrong with a command, and what would be right: one line."""


app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Run the studies of keras_rectifiers and report what they found.",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Names of studies; see `list`."),
]
All = Annotated[bool, typer.Option("--all", help="Take every study.")]
Profile = Annotated[
    str,
    typer.Option(
        help="How much to train: `quick` takes minutes on embedded data, `standard` "
        "an hour or two, `full` is for a machine with a GPU or a cluster.",
        metavar="|".join(PROFILES),
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of data sets as .npz files, such as mnist.npz.",
        metavar="DIR",
        show_default=False,
    ),
]
Out = Annotated[
    Path,
    typer.Option(help="Folder of the finished trials.", metavar="DIR"),
]


@app.command("list")
def list_studies() -> None:
    """List the studies, their questions and their numbers of trials."""
    from studies import STUDIES

    for study in STUDIES.values():
        counts = ", ".join(
            f"{profile}: {_num_trials(study, profile)} trials"
            for profile in study.trials
        )
        typer.echo(f"{study.name}\n    {study.question}\n    {counts}")


@app.command()
def run(
    names: Names = None,
    every: All = False,
    profile: Profile = "quick",
    workers: Annotated[
        str,
        typer.Option(
            help="How many populations to train at a time, each in a process of its "
            "own if there are several.",
            metavar="N",
        ),
    ] = "1",
    scheduler: Annotated[
        str,
        typer.Option(
            help="Train in the workers of a Dask scheduler; see docs/scale-out.md.",
            metavar="ADDRESS",
            show_default=False,
        ),
    ] = "",
    out: Out = Path("results"),
    data_dir: DataDir = None,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Run what failed before again as well."),
    ] = False,
    deterministic: Annotated[
        bool,
        typer.Option(
            "--deterministic",
            help="Take only operations that give the same bits in every run; slower.",
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Tell of failures and damage only.")
    ] = False,
) -> None:
    """Train what is missing of the trials of some studies.

    What is finished stays in the folder of --out: an interrupted run goes on where it
    was, and a run with more seeds trains only the new ones.
    """
    studies = _studies(names, every)
    _check_profile(profile)
    num_workers = _whole_number("--workers", workers)
    _check_scheduler(scheduler, num_workers)
    _set_data_dir(data_dir)
    note = (lambda text: None) if quiet else _note
    from keras_rectifiers.comparison import failures, runner
    from keras_rectifiers.comparison.store import Store
    from studies import progress

    store = Store(out)
    damaged_before = store.damaged()
    trials = _wanted(studies, profile, store)
    keys = set(trials)
    try:
        store.prepare()
    except OSError as error:
        raise WrongUsage(_cannot_write("--out", out, error)) from None
    done = store.done()
    _note_damaged(store, damaged_before)
    before = [] if retry_failed else _failed(store, done, keys)
    skipped = {key for failure in before for key in failure.trials}
    work = runner.missing(list(trials.values()), store, done=done | skipped)
    num_missing = sum(len(item.trials) for item in work)
    note(
        f"{len(trials):,} trials: {len(keys & done):,} finished before, "
        + (f"{len(keys & skipped):,} failed before, " if skipped else "")
        + f"{num_missing:,} to run in {len(work):,} populations."
    )
    if any(study.tunings.get(profile) for study in studies):
        note("Which learning rates are tried and reported follows from their results.")

    def more() -> list:
        # What has failed stays in `trials`: this run does not try it again.
        now = _wanted(studies, profile, store)
        new = {key: trial for key, trial in now.items() if key not in trials}
        trials.update(new)
        found = runner.missing(list(new.values()), store)
        work.extend(found)
        return found

    started = time.monotonic()
    failed = []
    events = runner.run(
        list(work),
        store,
        workers=num_workers,
        more=more,
        scheduler=scheduler,
        deterministic=deterministic,
    )
    try:
        for event in events if quiet else progress.shown(events, work):
            if event.kind == "failed":
                failed.append(event)
    except KeyboardInterrupt:
        num_left = len({*trials, *_wanted(studies, profile, store)} - store.done())
        _note(
            f"Interrupted. {num_left:,} trials are left; the same command goes on "
            "with them."
        )
        raise typer.Exit(130) from None
    note(f"Finished in {progress.duration(time.monotonic() - started)}.")
    for failure in before:
        _warn(f"Failed before: {failure.path}: {failure.message}")
    for event in failed:
        _warn(f"Failed: {event.work}: {failures.last_line(event.error)}")
    if failed:
        _warn(
            f"{len(failed)} of {len(work)} populations failed. The whole messages are "
            f"in {store.folder / 'failures'}."
        )
    if failed or before:
        _warn("With --retry-failed the same command runs what failed again.")
        raise typer.Exit(1)


@app.command()
def status(
    names: Names = None,
    profile: Profile = "quick",
    out: Out = Path("results"),
    data_dir: DataDir = None,
) -> None:
    """Tell what is done, missing, failed and damaged.

    Takes every study if none is named.
    """
    studies = _studies(names, every=not names)
    _check_profile(profile)
    _set_data_dir(data_dir)
    from keras_rectifiers.comparison.store import Store
    from keras_rectifiers.comparison.trial import SCHEMA

    store = Store(out)
    done = store.done()
    for study in studies:
        keys = set(_wanted([study], profile, store))
        failed = _failed(store, done, keys)
        failed_keys = {key for failure in failed for key in failure.trials} & keys
        num_done = len(keys & done)
        num_missing = len(keys) - num_done - len(failed_keys)
        typer.echo(
            f"{study.name} ({profile}), {len(keys):,} trials: {num_done:,} done, "
            f"{num_missing:,} missing, {len(failed_keys):,} failed"
        )
        for failure in failed:
            text = f"    Failed: {failure.path}: {failure.message}"
            typer.secho(text, fg=typer.colors.RED)
    for path in store.damaged():
        typer.secho(f"Damaged: {path}", fg=typer.colors.RED)
    for schema, number in sorted(store.schemas().items()):
        if schema != SCHEMA:
            typer.echo(
                f"{number:,} trials in {out} are of schema {schema or 'below 4'}, and "
                f"left alone; this version has schema {SCHEMA}."
            )


@app.command()
def report(
    names: Names = None,
    profile: Profile = "quick",
    out: Out = Path("results"),
    reports: Annotated[
        Path, typer.Option(help="Folder to write the pages to.", metavar="DIR")
    ] = Path("reports"),
    data_dir: DataDir = None,
) -> None:
    """Write the report of what is trained.

    Takes every study if none is named.
    """
    studies = _studies(names, every=not names)
    _check_profile(profile)
    _set_data_dir(data_dir)
    if not (out / "trials").is_dir():
        raise WrongUsage(
            f"There are no finished trials in {out}. Train them first: "
            f"{_run_command(studies, profile, out)}"
        )
    from keras_rectifiers.comparison import report as pages
    from keras_rectifiers.comparison.store import Store

    _check_writable(reports)
    store = Store(out)
    finished = []
    failed = {}
    for study in studies:
        damaged_before = store.damaged()
        keys = set(_wanted([study], profile, store))
        tables = store.read(keys)
        _note_damaged(store, damaged_before)
        num_missing = len(keys) - len(tables.trials)
        if not len(tables.trials):
            raise WrongUsage(
                f"None of the {len(keys):,} trials of {study.name} ({profile}) is in "
                f"{out}. Train them first: {_run_command([study], profile, out)}"
            )
        if num_missing:
            _note(
                f"{study.name}: {num_missing:,} of {len(keys):,} trials are not "
                "finished; the report says so."
            )
        finished.append((study, tables))
        failed[study.name] = _failed(store, set(tables.trials.key), keys)
    today = datetime.date.today()
    try:
        index = pages.write(
            finished, reports, profile=profile, date=today, failures=failed
        )
    except OSError as error:
        raise WrongUsage(_cannot_write("--reports", reports, error)) from None
    typer.echo(str(index.resolve()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status.

    0: done. 1: some work failed. 2: wrong usage. 130: interrupted.
    """
    try:
        status = app(
            args=arguments, prog_name="python -m studies", standalone_mode=False
        )
    except WrongUsage as error:
        _note(f"studies: {error}")
        return 2
    except typer.TyperException as error:
        text = str(error).rstrip(".")
        _note(f"studies: {text}. See python -m studies --help.")
        return 2
    except OSError as error:
        _note(f"studies: {error}")
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return status if isinstance(status, int) else 0


def _studies(names: Sequence[str] | None, every: bool) -> list:
    from studies import STUDIES

    if every and names:
        raise WrongUsage(
            f"--all takes every study. Leave it out, or the names: {', '.join(names)}."
        )
    if every:
        return list(STUDIES.values())
    if not names:
        raise WrongUsage(
            f"Which study? Name one of {', '.join(STUDIES)}, or give --all."
        )
    for name in names:
        if name not in STUDIES:
            near = difflib.get_close_matches(name, STUDIES, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise WrongUsage(
                f"There is no study {name!r}.{hint} There are: {', '.join(STUDIES)}."
            )
    return [STUDIES[name] for name in dict.fromkeys(names)]


def _num_trials(study, profile: str) -> str:
    """How many trials a study has; about, where it depends on what some of them give."""
    tunings = study.tunings.get(profile, ())
    number = len(study.trials[profile]()) + sum(t.num_trials for t in tunings)
    return f"{'about ' if tunings else ''}{number:,}"


def _check_profile(profile: str) -> None:
    if profile not in PROFILES:
        *others, last = PROFILES
        names = f"{', '.join(others)} or {last}"
        raise WrongUsage(f"--profile must be {names}, got {profile!r}.")


def _check_scheduler(scheduler: str, num_workers: int) -> None:
    if scheduler and not re.fullmatch(r"[a-z]+://\S+:\d+", scheduler):
        raise WrongUsage(
            "--scheduler must be the address of a Dask scheduler, as "
            f"tcp://10.0.0.7:8786, got {scheduler!r}."
        )
    if scheduler and num_workers > 1:
        raise WrongUsage(
            "--workers is for local processes; a scheduler has workers of its own. "
            "Leave out one of --workers and --scheduler."
        )


def _set_data_dir(folder: Path | None) -> None:
    if folder is None:
        return
    if not folder.is_dir():
        raise WrongUsage(f"--data-dir must be a folder, got {str(folder)!r}.")
    from keras_rectifiers.comparison import datasets

    # Workers, which may have another working directory, inherit it.
    os.environ[datasets.DATA_DIR] = str(folder.resolve())


def _wanted(studies: Sequence, profile: str, store) -> dict:
    """The trials of studies by key, as far as what is finished tells which they are."""
    from keras_rectifiers.comparison import runner

    try:
        return {
            runner.key(trial): trial
            for study in studies
            for trial in runner.wanted(study, profile, store)
        }
    except ValueError as error:  # of their data
        raise WrongUsage(str(error)) from None


def _failed(store, done: Collection[str], keys: Collection[str]) -> list:
    """The records of what failed of some trials and is not finished."""
    from keras_rectifiers.comparison import failures

    found = failures.read(store, done)
    return [failure for failure in found if not failure.trials.keys().isdisjoint(keys)]


def _whole_number(option: str, text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise WrongUsage(f"{option} must be a whole number from 1 on, got {text!r}.")


def _run_command(studies, profile: str, out: Path) -> str:
    names = [study.name for study in studies]
    options = ["--profile", profile, "--out", str(out)]
    return shlex.join(["python", "-m", "studies", "run", *names, *options])


def _note_damaged(store, before: Sequence[Path]) -> None:
    for path in store.damaged():
        if path not in before:
            _warn(f"Damaged: {path}. Its trials are to be run again.")


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise WrongUsage(_cannot_write("--reports", folder, error)) from None


def _cannot_write(option: str, folder: Path, error: OSError) -> str:
    return (
        f"Cannot write to the folder {folder}: {error.strerror}. Name one that can be "
        f"written to with {option}."
    )


def _note(text: str) -> None:
    typer.echo(text, err=True)


def _warn(text: str) -> None:
    typer.secho(text, err=True, fg=typer.colors.RED)


if __name__ == "__main__":
    sys.exit(main())
