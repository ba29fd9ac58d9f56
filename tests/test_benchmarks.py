"""The benchmarks run; what they measure is not for a test to judge."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_benchmark_of_the_runner_runs():
    lines = run("runner.py", "plan", "--smoke")
    assert re.match(r"store: 4,000 trials, 600 files, \d+ MB, ", lines[0])
    assert re.fullmatch(r"in all: [\d.]+ s \(aim: 10\)", lines[-1])


def test_full_disks_and_damaged_files_lose_nothing():
    rows = [line.split(" | ") for line in run("disk.py")[1:]]
    assert len(rows) == 9
    for case, *rest in rows:
        if rest != ["left out, it takes root"]:
            told, _, tables = rest
            assert tables == "equal", case
    told = {case: rest[0] for case, *rest in rows}
    assert told["a flipped bit"].startswith("0: Damaged: DIR/measurements/")
    assert told["a foreign file beside it"].startswith(
        "0: Damaged: DIR/trials/mine.dam"
    )
    if rows[0][1] != "left out, it takes root":
        assert re.match("1: Failed: relu.*No space left on", told["a full disk"])
        assert re.match("2: studies: Cannot.*Read-only", told["a read-only disk"])


def run(script: str, *arguments: str) -> list[str]:
    """Returns the lines that a benchmark prints."""
    result = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / script, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_the_benchmark_of_populations_runs(tmp_path):
    figure = tmp_path / "members.png"
    script = ROOT / "benchmarks" / "population.py"
    cases = ("--case=mlp-60", "--case=mlp-fashion", "--case=members")
    result = subprocess.run(
        [
            sys.executable,
            script,
            "--smoke",
            "--repeats=1",
            *cases,
            f"--figure={figure}",
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    first = [line.split()[0] for line in lines if line.strip()]
    assert {"case", "mlp-60", "depth", "1", "2"} <= set(first)
    assert "mlp-fashion: left out, it needs --data-dir with fashion_mnist.npz" in lines
    assert figure.stat().st_size > 10_000
