"""The command line of the studies: `python -m studies`."""

import datetime
import difflib
import shlex
import sys
import time
from collections.abc import Sequence
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
    out: Out = Path("results"),
) -> None:
    """Train what is missing of the trials of some studies.

    What is finished stays in DIR: an interrupted run goes on where it was, and a run
    with more seeds trains only the new ones.
    """
    studies = _studies(names, every)
    _check_profile(profile)
    num_workers = _whole_number("--workers", workers)
    from keras_rectifiers.comparison import runner
    from keras_rectifiers.comparison.store import Store
    from studies import progress

    store = Store(out)
    try:
        store.prepare()
    except OSError as error:
        raise WrongUsage(_cannot_write("--out", out, error)) from None

    def wanted() -> list:
        return [t for study in studies for t in runner.wanted(study, profile, store)]

    damaged_before = store.damaged()
    trials = set(wanted())
    work = runner.missing(list(trials), store)
    _note_damaged(store, damaged_before)
    num_missing = sum(len(item.trials) for item in work)
    _note(
        f"{len(trials):,} trials: {len(trials) - num_missing:,} finished before, "
        f"{num_missing:,} to run in {len(work):,} populations."
    )
    if any(study.tunings.get(profile) for study in studies):
        _note("Which learning rates are tried and reported follows from their results.")

    def more() -> list:
        # What has failed stays in `trials`: this run does not try it again.
        new = [trial for trial in wanted() if trial not in trials]
        trials.update(new)
        found = runner.missing(new, store)
        work.extend(found)
        return found

    started = time.monotonic()
    failures = []
    events = runner.run(list(work), store, workers=num_workers, more=more)
    try:
        for event in progress.shown(events, work):
            if event.kind == "failed":
                failures.append(event)
    except KeyboardInterrupt:
        left = runner.missing(list({*trials, *wanted()}), store)
        num_left = sum(len(item.trials) for item in left)
        _note(
            f"Interrupted. {num_left:,} trials are left; the same command goes on "
            "with them."
        )
        raise typer.Exit(130) from None
    _note(f"Finished in {_duration(time.monotonic() - started)}.")
    if failures:
        for event in failures:
            _note(f"Failed: {event.work}: {event.error.strip().splitlines()[-1]}")
        _note(
            f"{len(failures)} of {len(work)} populations failed. The whole messages "
            f"are in {store.folder / 'failures'}; the same command tries again."
        )
        raise typer.Exit(1)


@app.command()
def report(
    names: Names = None,
    profile: Profile = "quick",
    out: Out = Path("results"),
    reports: Annotated[
        Path, typer.Option(help="Folder to write the pages to.", metavar="DIR")
    ] = Path("reports"),
) -> None:
    """Write the report of what is trained.

    Takes every study if none is named.
    """
    studies = _studies(names, every=not names)
    _check_profile(profile)
    if not (out / "trials").is_dir():
        raise WrongUsage(
            f"There are no finished trials in {out}. Train them first: "
            f"{_run_command(studies, profile, out)}"
        )
    from keras_rectifiers.comparison import report as pages
    from keras_rectifiers.comparison import runner
    from keras_rectifiers.comparison.store import Store

    _check_writable(reports)
    store = Store(out)
    finished = []
    for study in studies:
        damaged_before = store.damaged()
        keys = {runner.key(t) for t in runner.wanted(study, profile, store)}
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
    today = datetime.date.today()
    try:
        index = pages.write(finished, reports, profile=profile, date=today)
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
            _note(f"Damaged: {path}. Its trials are to be run again.")


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


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _note(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    sys.exit(main())
