"""Checks of the command line's options, before anything is loaded or trained."""

import difflib
import errno
import itertools
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from keras_rectifiers import catalogue
from keras_rectifiers.arguments import shown
from keras_rectifiers.cli.loading import load_keras
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import published
from keras_rectifiers.comparison.running import dask_workers
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.study import Study
from studies import profiles
from studies.profiles import PROFILES


class WrongUsage(Exception):
    """A wrong command, with a message of one line that says what was expected."""


def named(names: Sequence[str] | None, every: bool) -> list[Study]:
    """Looks up studies by name, each once, or all of them if `every`."""
    from studies import STUDIES

    if every and names:
        raise WrongUsage(
            "Expected either --all or names of studies, not both. Leave one of them "
            f"out. Received: --all and {', '.join(names)}."
        )
    if every:
        return list(STUDIES.values())
    if not names:
        raise WrongUsage(
            "Expected the name of a study, or --all. Choose from "
            f"{', '.join(STUDIES)}. Received: none."
        )
    for name in names:
        if name not in STUDIES:
            near = difflib.get_close_matches(name, STUDIES, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise WrongUsage(
                f"Expected one of the studies {', '.join(STUDIES)}.{hint} Received: "
                f"{name!r}."
            )
    return [STUDIES[name] for name in dict.fromkeys(names)]


def check_profile(profile: str) -> None:
    if profile not in PROFILES:
        *others, last = PROFILES
        names = f"{', '.join(others)} or {last}"
        raise WrongUsage(f"--profile must be {names}. Received: {profile!r}.")


def on_data(
    studies: Sequence[Study], profile: str, names: Sequence[str] | None
) -> list[Study]:
    """The studies on each data set; on those of their profile if none is named.

    Studies without trials in the profile are left out.

    A file is identified by its full path, so its trials do not depend on how the path
    was written.
    """
    whole = [
        os.path.realpath(os.path.expanduser(name))
        if name.lower().endswith(".npz")
        else name
        for name in names or ()
    ]
    for name in whole:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise WrongUsage(
                "--dataset must be a name or a path in UTF-8, because it is stored "
                f"with each trial. Rename the file or its folder. Received: {name!r}."
            ) from None
    there = [study for study in studies if study.planned(profile)]
    if not there:
        others = [
            name
            for name in PROFILES
            if any(name in study.trials and study.planned(name) for study in studies)
        ]
        raise WrongUsage(
            f"{', '.join(study.name for study in studies)} has no trials in the profile "
            f"{profile}. Choose --profile {' or '.join(others)}. Received: {profile!r}."
        )
    own = {study.name: profiles.data_of(study, profile).datasets for study in there}
    every = dict.fromkeys(name for names in own.values() for name in names)
    try:
        return [
            profiles.on(study, profile, dataset)
            for dataset in dict.fromkeys(whole or every)
            for study in there
            if whole or dataset in own[study.name]
        ]
    except ValueError as error:  # of the data
        raise WrongUsage(str(error)) from None


def part(
    studies: Sequence[Study],
    profile: str,
    seeds: str | None,
    activations: Sequence[str] | None,
) -> list[Study]:
    """The studies with other seeds, or with nets of some activations only.

    Studies without a net of these activations are left out.
    """
    num_seeds = 0
    if seeds is not None:
        num_seeds = whole_number("--seeds", seeds, most=profiles.MOST_SEEDS)
    names = set(activations or ())
    try:
        for name in activations or ():
            catalogue.entry(name)
    except ValueError as error:
        raise WrongUsage(f"--activations: {error}") from None
    if names:
        there = {name for study in studies for name in _activations(study, profile)}
        if lacking := sorted(names - there):
            raise WrongUsage(
                "--activations must name activations of the nets of "
                f"{', '.join(s.name for s in studies)}: {', '.join(sorted(there))}. "
                f"Received: {' or '.join(lacking)}."
            )
    return [
        profiles.part(study, profile, num_seeds=num_seeds, activations=names)
        for study in studies
        if not names or not names.isdisjoint(_activations(study, profile))
    ]


def one_by_one(option: str, args: Sequence[str]) -> list[str]:
    """Repeats an option before each of the activations that follow it."""
    found: list[str] = []
    is_list = False
    for before, word in itertools.pairwise(["", *args]):
        is_first = before == option
        follows = is_list or before.startswith(f"{option}=")
        is_list = is_first or (follows and word in catalogue.CATALOGUE)
        found += [option, word] if is_list and not is_first else [word]
    return found


def whole_number(option: str, text: str, *, most: int) -> int:
    digits = text.lstrip("0")
    # Python reads the digits of other scripts, of which each has a zero of its own.
    if not (digits.isascii() and digits.isdecimal()):
        raise WrongUsage(
            f"{option} must be a whole number of at least 1. Received: {shown(text)}."
        )
    # Python reads no number of thousands of digits.
    if len(digits) > len(str(most)) or int(digits) > most:
        raise WrongUsage(f"{option} must be at most {most:,}. Received: {shown(text)}.")
    return int(digits)


def scheduler(address: str | None, num_workers: int) -> str:
    if address is None:
        return ""
    if not dask_workers.ADDRESS.fullmatch(address):
        raise WrongUsage(
            "--scheduler must be the address of a Dask scheduler, such as "
            f"tcp://10.0.0.7:8786. Received: {address!r}."
        )
    if num_workers > 1:
        raise WrongUsage(
            "Expected either --workers, for local processes, or --scheduler, which "
            "has its own workers. Leave one of them out. Received: both."
        )
    return address


def check_keras() -> None:
    """Loads and checks Keras once: a recorded failure would not be run again."""
    load_keras()
    try:
        training.check_keras()
    except (ValueError, RuntimeError) as error:
        raise WrongUsage(str(error)) from None


def folder(option: str, text: str) -> Path:
    """Returns the folder given by an option; an empty name is refused."""
    if not text.strip() or "\0" in text:
        raise WrongUsage(
            f"{option} must be the path of a folder; the current folder is '.'. "
            f"Received: {text!r}."
        )
    # The shell leaves the `~` of `--out=~/results`.
    return Path(os.path.expanduser(text))


def set_data_dir(name: str | Path | None) -> None:
    """Sets the folder in which this process and its workers look for data sets."""
    if name is None:
        return
    found = folder("--data-dir", str(name))
    try:
        is_folder = found.is_dir()
    except OSError as error:
        raise WrongUsage(
            f"--data-dir must be a folder. Received: {str(name)!r}: {error.strerror}."
        ) from None
    if not is_folder:
        raise WrongUsage(f"--data-dir must be a folder. Received: {str(name)!r}.")
    # Workers, which may have another working directory, inherit it.
    os.environ[published.DATA_DIR] = str(found.resolve())


def results(name: str) -> Path:
    """Returns the folder of --out, which must be one of ours, empty or missing."""
    found = folder("--out", name)
    try:
        if found.exists() and not found.is_dir():
            raise WrongUsage(f"--out must be a folder. Received: {name!r}.")
        Store(found).check()
    except ValueError as error:
        raise WrongUsage(f"--out: {error}") from None
    except OSError as error:
        raise WrongUsage(
            f"--out: cannot read the folder {name}: {error.strerror}. Choose another "
            "folder."
        ) from None
    return found


def check_writable(option: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise WrongUsage(cannot_write(option, folder, error)) from None


def cannot_write(option: str, folder: Path, error: OSError) -> str:
    reason = error.strerror
    places = [folder, *folder.parents]
    if isinstance(error, FileExistsError) and reason == os.strerror(errno.EEXIST):
        places.append(Path(error.filename))
    for place in filter(os.path.isfile, places):
        reason = f"{place} is a file, not a folder"
    return (
        f"Cannot write to the folder {folder}: {reason}. Choose another "
        f"folder with {option}."
    )


def _activations(study: Study, profile: str) -> set[str]:
    nets = [net for grid in study.grids.get(profile, ()) for net in grid.nets]
    return {trial.activation for trial in (*study.trials[profile](), *nets)}
