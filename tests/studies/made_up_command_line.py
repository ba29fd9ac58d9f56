"""Tiny studies for the command line, stand-ins for what they train, and what it says."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from studies import __main__ as program
from tests.comparison.made_up_claims import made_up_claim

ROOT = Path(__file__).parents[2]
SMALL = {"width": 4, "batch_size": 256, "epochs": 1, "probe_size": 32}
SMALL |= {"split": "by_seed"}  # as in every study
TRIALS = [
    Trial(activation=activation, depth=depth, seed=seed, **SMALL)
    for activation, depth in (("tanh", 3), ("relu", 2))
    for seed in range(2)
]
TANH = "tanh, mlp 3x4, trials: 2, epochs: 1"
RELU = "relu, mlp 2x4, trials: 2, epochs: 1"
LEFT = r"about \d s left"


def effects(tables: Tables):
    return {"all": tables.trials.groupby("seed").test_accuracy.mean()}


def draw(tables: Tables):
    rows = tables.measurements.assign(panel="all", activation="relu")
    return figures.lines_by_layer(rows, ylabel="gradient", column="panel")


def made_up_study(name: str, trials: list[Trial]) -> Study:
    return Study(
        name=name,
        title=f"The {name} study",
        question=f"Is it {name}?",
        method="It is looked at.",
        trials={
            "quick": lambda: trials,
            "full": lambda: [*trials, Trial(depth=2, seed=9, **SMALL)],
        },
        claims=[made_up_claim(AtLeast(threshold=0.5), effects=effects)],
        figures=[
            figures.StudyFigure(
                name="gradient", title="The gradient", caption="Look.", draw=draw
            )
        ],
    )


def made_up_tables(trials) -> Tables:
    keys = [runner.key(trial) for trial in trials]
    frame = pd.DataFrame(
        {
            "key": key,
            **trial.settings(),
            "schema": SCHEMA,
            "mode": "made-up",
            "num_test": 360,
            "test_accuracy": 0.9,
            "keras_version": "3.15.0",
            "backend": "tensorflow",
            "diverged": False,
        }
        for key, trial in zip(keys, trials, strict=True)
    )
    measurements = pd.DataFrame(
        [
            (key, epoch, layer, "signal_gradient", 0.5)
            for key in keys
            for epoch in (0, 1)
            for layer in (0, 1)
        ],
        columns=["key", "epoch", "layer", "measure", "value"],
    ).astype({"layer": "Int16"})
    outputs = pd.DataFrame(columns=["key", "epoch", "layer", "name", "index", "value"])
    return Tables(trials=frame, measurements=measurements, outputs=outputs)


def told(capsys, *args: str, status: int = 2) -> str:
    """The one line on stderr of a command that ends with that status."""
    assert program.main(args) == status
    output, notes = capsys.readouterr()
    assert output == "" and notes.count("\n") == 1 and notes.endswith("\n"), notes
    assert notes.startswith("studies: ")
    return notes.removeprefix("studies: ").removesuffix("\n")


def save(path: Path | str) -> None:
    rng = np.random.default_rng(0)
    np.savez(
        path,
        x_train=rng.normal(size=(400, 4)),
        y_train=np.arange(400) % 2,
        x_test=rng.normal(size=(30, 4)),
        y_test=np.arange(30) % 2,
    )


def seeds_of(name: str = "results") -> list[tuple[str, int]]:
    store = Store(name)
    trials = store.read(store.done()).trials
    return sorted(zip(trials["activation"], trials["seed"], strict=True))


def command_on(page: str) -> str:
    """The command that a study's page says reproduces it."""
    (block,) = re.findall(r'aria-label="The command"><code>(.*?)</code>', page)
    return re.sub("<[^>]*>", "", block)
