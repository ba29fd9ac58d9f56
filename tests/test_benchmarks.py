"""The benchmarks run; what they measure is not for a test to judge."""

import os
import re
import runpy
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from benchmarks.layer_cases import cases, pytorch_cases
from benchmarks.layer_steps import FLOOR, make_step
from benchmarks.layers import DTYPES
from benchmarks.replicate import CASE, FLAGS, SHOWN, renewed, side_by_side, told
from keras_rectifiers import layers
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from studies import STUDIES, profiles
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.reporting.made_up_reports import made_up_study

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SCRIPTS = sorted(
    path.name
    for path in BENCHMARKS.glob("*.py")
    if 'if __name__ == "__main__":' in path.read_text(encoding="utf-8")
)
# Layer and peer -> how the peer differs from the layer.
DIFFERENT = {
    ("PReLU", "Keras"): "its slopes are 0 before they are learned",
    ("ShiftedReLU", "ReLU"): "its kink is at 0",
    ("SmoothReLU 2", "softplus"): "its sharpness is 1",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_benchmark_starts_and_prints_its_usage(script, monkeypatch, capsys):
    # As `python benchmarks/SCRIPT --help`, but with TensorFlow loaded once for all.
    monkeypatch.setattr(sys, "argv", [script, "--help"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(BENCHMARKS / script), run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {script} ")


def test_each_layer_of_the_library_is_in_the_benchmark_of_layers():
    made = cases("tensorflow", "training", "float32", (2, 4))
    names = {type(layer).__name__ for (_, who), layer in made.items() if who == "ours"}
    assert names == set(layers.__all__)


def test_the_peers_in_the_benchmark_of_layers_compute_what_the_layers_do(
    rng, tolerance
):
    x = (3 * rng.normal(size=(8, 4))).astype("float32")
    made = cases("tensorflow", "inference", "float32", x.shape)
    ours = {name: layer for (name, who), layer in made.items() if who == "ours"}
    compared = set()
    for (name, who), peer in made.items():
        if who in ("ours", FLOOR) or name not in ours:
            continue
        expected, found = (
            keras.ops.convert_to_numpy(layer(x, training=False))
            for layer in (ours[name], peer)
        )
        is_close = np.allclose(found, expected, rtol=tolerance, atol=tolerance)
        assert is_close == ((name, who) not in DIFFERENT), (name, who)
        compared.add(name)
    assert compared == set(ours), "a layer has no peer"


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


@pytest.mark.slow
def test_the_benchmark_of_populations_runs():
    """Over 10 s: each case is trained both ways, in a program of its own."""
    once = ("--smoke", "--repeats=1", "--case=mlp-60", "--case=mlp-fashion")
    lines = lines_of("population.py", *once)
    assert {"case", "mlp-60"} <= first_words(lines)
    assert "mlp-fashion: left out, it needs --data-dir with fashion_mnist.npz" in lines


@pytest.mark.slow
def test_the_benchmark_of_members_runs(tmp_path):
    """Over 10 s: populations of several sizes are trained, in a program of its own."""
    figure = tmp_path / "members.png"
    lines = lines_of("members.py", "--smoke", "--repeats=1", f"--figure={figure}")
    assert {"depth", "1", "2"} <= first_words(lines)
    assert figure.stat().st_size > 10_000


@pytest.mark.slow
def test_the_benchmark_of_the_runner_runs():
    lines = lines_of("runner.py", "plan", "--smoke")
    assert re.match(r"store: 4,000 trials, 600 files, \d+ MB, ", lines[0])
    assert re.fullmatch(r"in all: [\d.]+ s \(aim: 10\)", lines[-1])


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_benchmark_of_layers_runs(tmp_path):
    """Over 10 s: each layer and its peers are compiled, in two processes."""
    figure, table = tmp_path / "layers.png", tmp_path / "layers.csv"
    once = ("--backend=tensorflow", "--shape=small", "--dtype=float32", "--repeats=1")
    lines = lines_of("layers.py", *once, f"--figure={figure}", f"--table={table}")
    assert set(layers.__all__) <= first_words(lines)
    assert figure.stat().st_size > 10_000
    assert len(table.read_text().splitlines()) == 1 + 2 * (36 + 36)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_each_peer_of_pytorch_trains_in_the_dtypes_of_the_benchmark_of_layers(dtype):
    torch = pytest.importorskip("torch")
    x = -torch.ones((3, 4), dtype=getattr(torch, dtype))
    for module in pytorch_cases(4, dtype).values():
        step = make_step(module, "torch", x=x, mode="eager", kind="training")
        assert step()[0].dtype == x.dtype


@pytest.mark.slow
def test_the_benchmark_of_layers_compiles_each_layer_on_pytorch(monkeypatch):
    torch = pytest.importorskip("torch")
    graphs = []

    def compiler(graph, inputs):
        graphs.append(graph)
        return graph.forward

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=compiler))
    # More than PyTorch compiles of one piece of code before it runs it eagerly.
    modules = [torch.nn.Threshold(float(number), 0.0) for number in range(12)]
    for size in ((3, 2), (4, 2)):
        graphs.clear()
        setting = {"x": torch.ones(size), "mode": "compiled", "kind": "inference"}
        steps = [make_step(module, "torch", **setting) for module in modules]
        for step in steps * 2:
            step()
        assert len(graphs) == len(modules)
        inputs = [
            n for graph in graphs for n in graph.graph.nodes if n.op == "placeholder"
        ]
        assert len(inputs) == len(modules), "a size is not constant"


@pytest.mark.slow
def test_the_benchmark_of_exports_runs():
    """Over 10 s: a CNN is exported to LiteRT, in a program of its own."""
    lines = lines_of("exports.py", "--format=litert", "--layer=PReLU()", "--seeds=1")
    assert re.match(r"keras [\d.]+, tensorflow", lines[0])
    assert re.fullmatch(
        r"\| `PReLU\(\)` \| PRELU \| \S+ \| as `predict` \| [\d.]+% \| [\d.]+% \|",
        lines[-1],
    )


def test_replicated_verdicts_are_counted_and_those_that_change_are_told():
    study = made_up_study(
        claims=[
            made_up_claim(AtLeast(threshold=0.5), id="one"),
            made_up_claim(AtLeast(threshold=0), id="two"),
        ]
    )
    columns = [*CASE, *SHOWN, *FLAGS]
    rows = [
        ("made-up", "one", "a", "supported", 1.0, 0.9, 1.1, 20, False, False, False),
        ("made-up", "one", "b", "supported", 1.0, 0.4, 1.1, 20, True, False, False),
        ("made-up", "two", "c", "not measured", 0.0, 0.0, 0.0, 0, False, False, False),
    ]
    first = pd.DataFrame(rows, columns=columns)
    again = first.assign(
        verdict=["supported", "contradicted", "not measured"], estimate=0.2
    )
    cases = side_by_side(study, first, again)
    assert cases["repeats"].tolist() == [True, False, True]
    text = told(cases)
    assert "one: b: supported (1 [0.4, 1.1], 20 seeds), again contradicted" in text
    assert ", flagged" in text and "one: a" not in text
    assert (
        "1 of 2 verdicts on empirical claims repeat (50%); of those without a flag 1 "
        "of 1; 1 are the opposite one"
    ) in text


def test_a_renewed_study_has_the_same_nets_at_every_rate_from_new_seeds():
    study = profiles.on(STUDIES["convergence"], "quick", "digits")
    anew = renewed(study, "quick", range(7, 9))

    def nets(some):
        return {replace(t, seed=0) for t in some.planned("quick")}

    assert nets(anew) == nets(study)
    assert {t.seed for t in anew.planned("quick")} == {7, 8}
