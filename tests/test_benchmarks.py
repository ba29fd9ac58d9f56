"""The benchmarks run; what they measure is not for a test to judge."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Processes of their own, which load TensorFlow.
pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def lines_of(script: str, *arguments: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, BENCHMARKS / script, *arguments],
        env=os.environ | {"PYTHONPATH": str(BENCHMARKS.parent)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def first_words(lines: list[str]) -> set[str]:
    return {line.split()[0] for line in lines if line.strip()}


def test_the_benchmark_of_populations_runs():
    """Over 10 s: each case is trained both ways, in a program of its own."""
    once = ("--smoke", "--repeats=1", "--case=mlp-60", "--case=mlp-fashion")
    lines = lines_of("population.py", *once)
    assert {"case", "mlp-60"} <= first_words(lines)
    assert "mlp-fashion: left out, it needs --data-dir with fashion_mnist.npz" in lines


def test_the_benchmark_of_members_runs(tmp_path):
    """Over 10 s: populations of several sizes are trained, in a program of its own."""
    figure = tmp_path / "members.png"
    lines = lines_of("members.py", "--smoke", "--repeats=1", f"--figure={figure}")
    assert {"depth", "1", "2"} <= first_words(lines)
    assert figure.stat().st_size > 10_000


def test_the_benchmark_of_the_runner_runs():
    lines = lines_of("runner.py", "plan", "--smoke")
    assert re.match(r"store: 4,000 trials, 600 files, \d+ MB, ", lines[0])
    assert re.fullmatch(r"in all: [\d.]+ s \(aim: 10\)", lines[-1])


def test_full_disks_and_damaged_files_lose_nothing():
    """Over 10 s: nine folders of results are damaged and gone on with."""
    rows = [line.split(" | ") for line in lines_of("disk.py")[1:]]
    assert len(rows) == 9
    for case, *rest in rows:
        if rest != ["left out, it takes root"]:
            told, _, tables = rest
            assert tables == "equal", case
    told = {case: rest[0] for case, *rest in rows}
    assert told["a flipped bit"].startswith("0: Damaged: DIR/measurements/")
    assert "Damaged" not in told["a foreign file beside it"]  # it is not ours
    if rows[0][1] != "left out, it takes root":
        assert re.match("1: Failed: relu.*No space left on", told["a full disk"])
        assert re.match("2: studies: Cannot.*Read-only", told["a read-only disk"])


def test_the_benchmark_of_layers_runs(tmp_path):
    """Over 10 s: each layer and its peers are compiled, in two processes."""
    figure, table = tmp_path / "layers.png", tmp_path / "layers.csv"
    once = ("--backend=tensorflow", "--shape=small", "--dtype=float32", "--repeats=1")
    lines = lines_of("layers.py", *once, f"--figure={figure}", f"--table={table}")
    assert {"PReLU", "SmoothReLU", "Maxout", "CReLU", "RReLU"} <= first_words(lines)
    assert figure.stat().st_size > 10_000
    assert len(table.read_text().splitlines()) == 1 + 2 * (20 + 20)


def test_the_benchmark_of_exports_runs():
    """Over 10 s: a CNN is exported to LiteRT, in a program of its own."""
    lines = lines_of("exports.py", "--format=litert", "--layer=PReLU()", "--seeds=1")
    assert re.match(r"keras [\d.]+, tensorflow", lines[0])
    assert re.fullmatch(
        r"\| `PReLU\(\)` \| PRELU \| \S+ \| as `predict` \| [\d.]+% \| [\d.]+% \|",
        lines[-1],
    )
