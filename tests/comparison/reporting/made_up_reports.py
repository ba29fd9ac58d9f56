"""Made-up studies with their tables, and reports of them."""

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.statistics import paired_outcomes
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    AtMost,
    Difference,
    Within,
)
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.properties import Property
from keras_rectifiers.comparison.verdicts.sources import Source
from tests.comparison.made_up_claims import made_up_claim

ADDRESS = "https://example.org/paper?a=1&b=2"
DATE = datetime.date(2026, 1, 2)
VERSIONS = {"Python": "3.11.0", "Keras": "3.15.0"}


SEEDS = range(8)
NUM_LAYERS = 3
NO_MEASUREMENTS = pd.DataFrame(
    columns=["key", "epoch", "layer", "measure", "value"]
).astype({"epoch": int, "layer": "Int16", "value": float})


def made_up_tables(num_lost: int = 0) -> Tables:
    trials = pd.DataFrame(
        [
            {
                "key": f"{activation}-{seed}",
                **Trial(activation=activation, depth=3, epochs=1, seed=seed).settings(),
                "mode": "graph",
                "num_test": 360,
                "test_accuracy": 0.9,
                "keras_version": "3.15.0",
                "backend": "tensorflow",
                "diverged": seed < num_lost,
            }
            for activation in ("relu", "sigmoid")
            for seed in SEEDS
        ]
    )
    slope = {"relu": 0.0, "sigmoid": -0.5}
    rows = [
        (
            trial.key,
            epoch,
            layer,
            "signal_gradient",
            10 ** (slope[trial.activation] * (NUM_LAYERS - 1 - layer))
            * (1 + 0.01 * trial.seed),
        )
        for trial in trials.itertuples()
        for epoch in (0, 1)
        for layer in range(NUM_LAYERS)
    ]
    rows += [(key, 1, pd.NA, "train_loss", 0.5) for key in trials["key"]]
    columns = ["key", "epoch", "layer", "measure", "value"]
    measurements = pd.DataFrame(rows, columns=columns).astype({"layer": "Int16"})
    return Tables(trials=trials, measurements=measurements, outputs=pd.DataFrame())


def planned() -> list[Trial]:
    return [
        Trial(activation=activation, depth=3, epochs=1, seed=seed)
        for activation in ("relu", "sigmoid")
        for seed in range(10)
    ]


def draw(tables: Tables):
    rows = tables.measurements.merge(tables.trials, on="key", suffixes=("", "_trial"))
    rows = rows[rows["measure"] == "signal_gradient"].assign(panel="all")
    return figures.lines_by_layer(rows, ylabel="gradient", column="panel", log=True)


def nothing(tables: Tables):
    raise figures.NothingToDraw("no data")


def made_up_study(name: str = "made_up", *, text: str = "Plain text.", **fields):
    def effects(tables):
        cases = {
            f"case {i}, {text}": pd.Series(0.1 * i - 0.3 + np.arange(8) / 100)
            for i in range(8)
        }
        return {"lost": pd.Series([np.nan] * 8), **cases}

    common = {
        "statement": text,
        "sources": (Source(title=text, url=ADDRESS, section="page 3"),),
        "criterion": text,
        "quantity": "gradient decay",
        "unit": "decades per layer",
    }
    claims = (
        Claim(
            id="many-cases",
            rule=AtLeast(threshold=0.3),
            effects=effects,
            precondition=Precondition(
                text=text, holds=lambda tables: {"lost": pd.Series([False] * 8)}
            ),
            **common,
        ),
        Claim(
            id="one-case",
            rule=AtMost(threshold=0.3),
            effects=lambda tables: {"only": pd.Series([0.1] * 20)},
            published=text,
            in_words=lambda value: text,
            **common,
        ),
        Claim(
            id="very-long-case",
            rule=Within(lower=0, upper=1),
            effects=lambda tables: {"a_very_long_name_" * 4: pd.Series([0.1] * 20)},
            **common,
        ),
    )
    return Study(
        **{
            "name": name,
            "title": text,
            "question": text,
            "method": text,
            "trials": {"quick": planned},
            "claims": claims,
            "figures": (
                figures.StudyFigure(name="drawn", title=text, caption=text, draw=draw),
                figures.StudyFigure(
                    name="empty", title="Empty", caption="No data.", draw=nothing
                ),
            ),
            **fields,
        }
    )


def accuracy(number: int = 0) -> Property:
    """A property by which ReLU is the best."""

    def values(tables):
        return {"relu": pd.Series([0.5] * 8), "sigmoid": pd.Series([0.1] * 8)}

    return Property(
        name=f"accuracy_{number}",
        title="Accuracy",
        nets="MLPs of 3 layers",
        explanation="A share.",
        values=values,
        best="highest",
        rule=AtMost(threshold=0.1),
        bad_in_words="is less accurate",
        claim="one-case",
    )


def write_made_up(folder, *studies, num_lost=0, **arguments) -> Path:
    # As many columns as make the table of activations wider than a phone.
    columns = [accuracy(number) for number in range(8)]
    studies = studies or (
        made_up_study("first", properties=columns),
        made_up_study("second"),
    )
    tables = made_up_tables(num_lost)
    return write(
        [(study, tables) for study in studies],
        folder,
        **{"profile": "quick", "date": DATE, "versions": VERSIONS, **arguments},
    )


def rate_study() -> tuple[Study, Tables]:
    """A study of best rates: relu's is 0.01, sigmoid's is the largest, 0.1."""
    nets = [Trial(activation=name, depth=3, epochs=1) for name in ("relu", "sigmoid")]
    grid = RateGrid(
        title="MLP of 3 layers", nets=nets, rates=(0.001, 0.01, 0.1), seeds=SEEDS
    )
    study = made_up_study(
        "rates", trials={"quick": list}, claims=(), grids={"quick": [grid]}
    )
    best = {"relu": 0.01, "sigmoid": 0.1}
    planned = study.planned("quick")
    trials = pd.DataFrame([trial.settings() for trial in planned])
    trials.insert(0, "key", [f"{i:03}" for i in range(len(planned))])
    rate, optimum = trials["learning_rate"], trials["activation"].map(best)
    trials["validation_accuracy"] = 0.9 - 0.1 * np.abs(np.log10(rate / optimum))
    trials["validation_loss"], trials["num_test"] = 1.0, 360
    trials["test_accuracy"] = 0.9 - 0.1 * (rate != optimum)
    trials["diverged"] = (trials["seed"] == 7) & (trials["activation"] == "sigmoid")
    trials[["keras_version", "backend"]] = "3.15.0", "tensorflow"
    tables = Tables(
        trials=trials,
        measurements=NO_MEASUREMENTS,
        outputs=pd.DataFrame(columns=["key"]),
    )
    return study, tables


def rate_study_with_claim():
    """Sigmoid is ahead at the best rates, and relu at the common rate of 0.01."""
    study, tables = rate_study()

    def lead(tables):
        best = at_best_rate(tables)
        return {"sigmoid": paired_outcomes(best, "test_accuracy", "sigmoid", "relu")}

    claim = made_up_claim(
        Difference(smallest_effect=0.01),
        id="ahead",
        effects=lead,
        comparable_if=Precondition(text="nets have learned", holds=lambda _: {}),
    )
    trials = tables.trials.assign(diverged=False)
    is_sigmoid = trials["activation"] == "sigmoid"
    ahead = is_sigmoid & (trials["learning_rate"] == 0.1)
    trials["test_accuracy"] += 0.05 * ahead
    return (
        dataclasses.replace(study, claims=[claim]),
        dataclasses.replace(tables, trials=trials),
    )
