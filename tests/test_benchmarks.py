"""The benchmarks run; what they measure is not for a test to judge."""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def lines_of(script: str, *arguments: str) -> list[str]:
    command = [sys.executable, BENCHMARKS / script, "--smoke", "--repeats=1"]
    result = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_the_benchmark_of_populations_runs():
    lines = lines_of("population.py", "--case=mlp-60", "--case=mlp-fashion")
    assert {"case", "mlp-60"} <= {line.split()[0] for line in lines if line.strip()}
    assert "mlp-fashion: left out, it needs --data-dir with fashion_mnist.npz" in lines


def test_the_benchmark_of_members_runs(tmp_path):
    figure = tmp_path / "members.png"
    lines = lines_of("members.py", f"--figure={figure}")
    assert {"depth", "1", "2"} <= {line.split()[0] for line in lines if line.strip()}
    assert figure.stat().st_size > 10_000
