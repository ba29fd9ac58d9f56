"""Tables of the studies' trials with made-up results, and what is judged of them."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.claims import judge
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study, Trial
from keras_rectifiers.comparison.tuning import TUNING_SEEDS

# Trial, epoch, layer -> what is measured there.
Measures = Callable[[Trial, int, int], Mapping[str, float]]
# Trial, epoch -> the learning curves' values.
Curves = Callable[[Trial, int], Mapping[str, float]]
# Trial -> layer, name, index and value of its outputs.
Outputs = Callable[[Trial], Iterable[tuple[int, str, int, float]]]


def made_up_tables(
    study: Study,
    measures: Measures = lambda *_: {},
    *,
    curves: Curves = lambda *_: {},
    outputs: Outputs = lambda _: (),
    num_seeds: int = 10,
    accuracy: float | Callable[[Trial], float] = 0.9,
    **outcomes: Callable[[Trial], float],
) -> Tables:
    """Tables of a study's quick trials, in which every net is best at its smallest rate.

    Args:
        study: the study.
        measures: what is measured before training, after the first epoch and the last.
        curves: the learning curves after each epoch.
        outputs: what the table `outputs` has.
        num_seeds: so many reporting seeds.
        accuracy: the test accuracy.
        **outcomes: other columns of `trials`, such as `train_accuracy`.
    """
    trials = [t for t in study.trials["quick"]() if is_kept(t, num_seeds)]
    for tuning in study.tunings.get("quick", ()):
        trials += [t for t in at_smallest_rate(tuning) if is_kept(t, num_seeds)]
    trials = list(dict.fromkeys(trials))
    frame = pd.DataFrame(
        [trial.settings() for trial in trials], columns=list(Trial().settings())
    )
    keys = pd.Series([f"{i:05}" for i in range(len(trials))], dtype="str")
    frame.insert(0, "key", keys)
    level = accuracy if callable(accuracy) else lambda trial: accuracy
    for name, value in {"test_accuracy": level, **outcomes}.items():
        frame[name] = [value(t) if t.epochs else np.nan for t in trials]
    frame["validation_loss"] = frame["learning_rate"]
    frame["diverged"] = False
    numbered = list(zip(frame["key"], trials, strict=True))
    rows = [
        (key, epoch, layer, measure, value)
        for key, trial in numbered
        for epoch in sorted({0, min(1, trial.epochs), trial.epochs})
        for layer in range(trial.depth)
        for measure, value in measures(trial, epoch, layer).items()
    ]
    rows += [
        (key, epoch, pd.NA, measure, value)
        for key, trial in numbered
        for epoch in range(1, trial.epochs + 1)
        for measure, value in curves(trial, epoch).items()
    ]
    columns = ["key", "epoch", "layer", "measure", "value"]
    measurements = pd.DataFrame(rows, columns=columns).astype(
        {"key": "str", "layer": "Int16", "value": float}
    )
    found = [(k, t.epochs, *output) for k, t in numbered for output in outputs(t)]
    columns = ["key", "epoch", "layer", "name", "index", "value"]
    return Tables(
        trials=frame,
        measurements=measurements,
        outputs=pd.DataFrame(found, columns=columns).astype({"key": "str"}),
    )


def is_kept(trial: Trial, num_seeds: int) -> bool:
    return num_seeds > 0 and not num_seeds <= trial.seed < TUNING_SEEDS


def at_smallest_rate(tuning) -> list[Trial]:
    """What a tuning asks for if every net does best at the smallest rate of its grid."""
    return [
        dataclasses.replace(net, learning_rate=rate, seed=seed)
        for net in tuning.nets
        for rate, seeds in (
            *((rate, range(TUNING_SEEDS, TUNING_SEEDS + 3)) for rate in tuning.rates),
            (tuning.rates[0], tuning.seeds),
        )
        for seed in seeds
    ]


def verdicts(study: Study, tables: Tables) -> dict[str, dict[str, str]]:
    """Claim -> case -> verdict."""
    frame = judge(study, tables)
    return {
        claim: dict(zip(rows["case"], rows["verdict"], strict=True))
        for claim, rows in frame.groupby("claim", sort=False)
    }
