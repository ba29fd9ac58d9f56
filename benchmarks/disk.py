"""Puts full disks and damaged files in the way of a run, and tells what comes of it.

A study of four small populations is half done when something happens to its folder.
The same command runs again, and once more when the disk is in order: then the tables
must equal those of a study that nothing happened to, bit for bit.

    python benchmarks/disk.py

Full and read-only disks are real ones, in memory: they are mounted, which takes root.
Without it these rows are left out.
"""

import argparse
import contextlib
import functools
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).parents[1]))

import studies
from benchmarks.kills import assert_equal
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies import __main__ as command_line

SMALL = {"width": 4, "batch_size": 256, "epochs": 1, "probe_size": 32}
SMALL |= {"split": "by_seed"}  # as in every study
TRIALS = [Trial(depth=d, seed=s, **SMALL) for d in (5, 4, 3, 2) for s in range(2)]


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    study = Study(
        name="tiny",
        title="",
        question="",
        method="",
        trials={"quick": lambda: TRIALS},
        claims=(),
        figures=(),
    )
    studies.STUDIES = {"tiny": study}
    # What matters is what becomes of the tables: each population is trained once.
    training.train = functools.cache(training.train)
    print("what happens | status and first word of the same command | then | tables")
    with tempfile.TemporaryDirectory() as scratch:
        undisturbed = Path(scratch, "undisturbed")
        assert run(undisturbed)[0] == 0
        half = Path(scratch, "half")
        store = Store(half)
        list(runner.run(runner.missing(TRIALS[:4], store), store))
        for case in (*DISKS, *FILES):
            folder = Path(scratch, "disturbed")
            folder.mkdir()
            if case in DISKS and not mounted(folder):
                print(f"{case} | left out, it takes root")
                folder.rmdir()
                continue
            told, after = disturbed(half, folder, case)
            assert_equal(read(folder), read(undisturbed))
            print(f"{case} | {told} | {after} | equal", flush=True)
            if case in DISKS:
                subprocess.run(["umount", folder], check=True)
            shutil.rmtree(folder)


def disturbed(half: Path, folder: Path, case: str) -> tuple[str, str]:
    """Disturbs a copy of what is half done, and runs it until it is whole.

    Returns:
        What was told, with the disturbance and without it.
    """
    shutil.copytree(half, folder, dirs_exist_ok=True)
    kept = content(folder)
    if case in DISKS:
        if case == "a full disk":
            used = shutil.disk_usage(folder).used
            # Room for one of the two populations that are left, and a bit.
            remount(folder, f"size={used // 1024 + 60}k")
        else:
            remount(folder, "ro")
    else:
        FILES[case](next((folder / "measurements").iterdir()))
    status, told = run(folder)
    first = f"{status}: {told}"
    if case in DISKS:
        remount(folder, "size=2m,rw")
        assert kept.items() <= content(folder).items(), "what was there has changed"
    status, told = run(folder, "--retry-failed")
    assert status == 0, told
    assert run(folder)[0] == 0
    return first, f"{status}: {told}"


def run(folder: Path, *options: str) -> tuple[int, str]:
    """Runs the command; returns its status and the line that matters most."""
    with contextlib.redirect_stderr(io.StringIO()) as notes:
        status = command_line.main(["run", "tiny", "--out", str(folder), *options])
    lines = notes.getvalue().replace(str(folder), "DIR").splitlines()
    matters = [li for li in lines if li.startswith(("studies:", "Damaged:", "Failed:"))]
    return status, (matters or lines)[0]


def read(folder: Path):
    return Store(folder).read([runner.key(trial) for trial in TRIALS])


def content(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def mounted(folder: Path) -> bool:
    """Mounts a disk in memory, if that is allowed."""
    if os.geteuid() or not shutil.which("mount"):
        return False
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    return subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def flip(path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)


DISKS = ("a full disk", "a read-only disk")
FILES: dict[str, Callable[[Path], object]] = {
    "a flipped bit": flip,
    "a truncated file": lambda path: os.truncate(path, 100),
    "an empty file": lambda path: os.truncate(path, 0),
    "a foreign file in its place": lambda path: path.write_text("another program's"),
    "a foreign file beside it": lambda path: Path(
        path.parents[1], "trials", "mine.parquet"
    ).write_text("mine"),
    "a file that is gone": Path.unlink,
    "half of a file of a killed run": lambda path: path.with_suffix(".tmp").write_text(
        "half of a fi"
    ),
}


if __name__ == "__main__":
    main()
