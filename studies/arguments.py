"""What the command line is given, checked before anything is loaded or trained."""

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison import datasets
from keras_rectifiers.comparison.study import Study
from studies.profiles import PROFILES, on


class WrongUsage(Exception):
    """What was wrong with a command, and what would be right: one line."""


def named(names: Sequence[str] | None, every: bool) -> list[Study]:
    """Looks up studies by name, each once; all of them if `every`."""
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


def check_profile(profile: str) -> None:
    if profile not in PROFILES:
        *others, last = PROFILES
        names = f"{', '.join(others)} or {last}"
        raise WrongUsage(f"--profile must be {names}, got {profile!r}.")


def on_data(
    studies: Sequence[Study], profile: str, names: Sequence[str] | None
) -> list[Study]:
    """The studies on each data set: those of the profile if none is named.

    A file is named by its whole path: however it was spelled, its trials are the same.
    """
    whole = [
        os.path.realpath(os.path.expanduser(name))
        if name.lower().endswith(".npz")
        else name
        for name in names or ()
    ]
    try:
        return [
            on(study, profile, dataset)
            for dataset in dict.fromkeys(whole or PROFILES[profile].datasets)
            for study in studies
        ]
    except ValueError as error:  # of the data
        raise WrongUsage(str(error)) from None


def whole_number(option: str, text: str, *, most: int) -> int:
    digits = text.lstrip("0")
    if not digits.isdecimal():
        raise WrongUsage(
            f"{option} must be a whole number from 1 on, got {shown(text)}."
        )
    # Python reads no number of thousands of digits.
    if len(digits) > len(str(most)) or int(digits) > most:
        raise WrongUsage(f"{option} must be at most {most:,}, got {shown(text)}.")
    return int(digits)


def expanded(folder: Path | None) -> Path | None:
    """A folder whose `~` the shell has left, as it does in `--out=~/results`."""
    return folder and Path(os.path.expanduser(folder))


def check_scheduler(scheduler: str, num_workers: int) -> None:
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


def set_data_dir(folder: Path | None) -> None:
    """Has this process and its workers look for data sets in a folder."""
    if folder is None:
        return
    if not folder.is_dir():
        raise WrongUsage(f"--data-dir must be a folder, got {str(folder)!r}.")
    # Workers, which may have another working directory, inherit it.
    os.environ[datasets.DATA_DIR] = str(folder.resolve())


def check_results(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise WrongUsage(f"--out must be a folder, got {str(folder)!r}.")


def check_writable(option: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise WrongUsage(cannot_write(option, folder, error)) from None


def cannot_write(option: str, folder: Path, error: OSError) -> str:
    return (
        f"Cannot write to the folder {folder}: {error.strerror}. Name one that can be "
        f"written to with {option}."
    )
