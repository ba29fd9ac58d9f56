"""The benchmarks run; what they measure is not for a test to judge."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


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
