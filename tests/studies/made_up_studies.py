"""Tables of the studies' trials with made-up results, and what is judged of them."""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.timing_plan import (
    BACKWARD,
    COLUMNS,
    FORWARD,
    STEP,
    TimingPlan,
)
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import STUDIES

# The profile in which a study has all its claims, where the quick one leaves some out.
WHOLE = {"surroundings": "standard", "network_in_network": "standard"}

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
    """Tables of a study's trials, in which every net is best at its smallest rate.

    Args:
        study: the study.
        measures: what is measured before training, after the first epoch and the last.
        curves: the learning curves after each epoch.
        outputs: what the table `outputs` has.
        num_seeds: so many seeds.
        accuracy: the test accuracy.
        **outcomes: other columns of `trials`, such as `train_accuracy`.
    """
    trials = made_up_trials(study, num_seeds)
    keys = [f"{i:05}" for i in range(len(trials))]
    losses = {"train_loss": 0.1, "test_loss": 0.2}
    outcomes = {"train_accuracy": 0.95, **losses, **outcomes}
    return tables_of(
        trials, keys, measures, curves, outputs, {"test_accuracy": accuracy, **outcomes}
    )


def made_up_trials(study: Study, num_seeds: int) -> list[Trial]:
    """A study's trials of so many seeds, with three rates of each grid.

    They are those of the quick profile if that has all claims.
    """
    trials = once(study, _planned)
    return [trial for trial in trials if trial.seed < num_seeds]


def _planned(study: Study) -> list[Trial]:
    profile = WHOLE.get(study.name, "quick")
    return with_few_rates(study, profile).planned(profile)


def once(study: Study, made: Callable[[Study], Any]) -> Any:
    """What is made of the trials of a study, which takes long, from the first call."""
    own = STUDIES.get(study.name)
    if own is None or study.trials is not own.trials or study.grids is not own.grids:
        return made(study)
    return _once(study.name, made)


@functools.cache
def _once(name: str, made: Callable[[Study], Any]) -> Any:
    return made(STUDIES[name])


def with_few_rates(study: Study, profile: str) -> Study:
    """The study with three rates in each grid, which are enough to choose wrongly."""
    grids = [
        dataclasses.replace(grid, rates=grid.rates[:3])
        for grid in study.grids.get(profile, ())
    ]
    return dataclasses.replace(study, grids={profile: grids})


def tables_of(trials, keys, measures, curves, outputs, outcomes) -> Tables:
    """The tables of trials under the keys given, with made-up results."""
    frame = pd.DataFrame(
        [trial.settings() for trial in trials], columns=list(Trial().settings())
    )
    frame.insert(0, "key", pd.Series(keys, dtype="str"))
    for name, value in outcomes.items():
        level = value if callable(value) else lambda _, value=value: value
        frame[name] = [level(t) if t.epochs else np.nan for t in trials]
    frame["validation_loss"] = frame["learning_rate"]
    frame["validation_accuracy"] = 1 - frame["learning_rate"] / 100
    frame["diverged"], frame["num_test"] = False, 360
    frame[["keras_version", "backend"]] = "3.15.0", "tensorflow"
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


def verdicts(study: Study, tables: Tables, *claims: str) -> dict[str, dict[str, str]]:
    """Claim -> case -> verdict, of all claims or of those named."""
    one = only(study, *claims) if claims else study
    frame = judge(one, tables, resampling=False)
    return {
        claim: dict(zip(rows["case"], rows["verdict"], strict=True))
        for claim, rows in frame.groupby("claim", sort=False)
    }


def only(study: Study, *claims: str) -> Study:
    """The study with some of its claims."""
    chosen = [claim for claim in study.claims if claim.id in claims]
    assert len(chosen) == len(claims), claims
    return dataclasses.replace(study, claims=chosen)


def plausible(trials, keys) -> Tables:
    """Something of all that any study looks at."""

    def measures(trial, epoch, layer):
        known = CATALOGUE[trial.activation]
        share = 0.5 + 0.01 * (trial.seed % 2) + 0.00137 * layer
        name = "sparsity" if trial.activation == "relu" else "exact_zeros_by_underflow"
        values = {
            "signal_gradient": 10.0 ** (-0.1 * layer),
            "zero_pre_activations": 0.0,
            "zero_weights": 0.01 * share,
            "largest_activation": 4.0 + share,
            "activation_std": share,
            "revived_units": 0.1 * share * (0 < epoch < trial.epochs),
            "mean_shift": share,
            "silent_units": 1.0,
            "dead_units": share * (epoch > 0),
            name: share,
        }
        return values | ({"saturation": share} if known.bounded else {})

    def outputs(trial):
        for layer in range(trial.depth if trial.activation == "prelu" else 0):
            for unit in range(2):
                yield layer, "negative_slope", unit, 0.2
        if trial.dataset == "noisy_digits" and trial.seed == 0:
            for layer, width in enumerate((trial.width, 64)):
                for i in range(64 * trial.width):
                    yield layer, "kernel", i, 0.1 * (i % 3 - 1)
                for i in range(width):
                    yield layer, "bias", i, 0.1
        if trial.recipe != "standard":
            yield from weights(trial)

    return tables_of(
        trials,
        keys,
        measures,
        lambda trial, epoch: {
            "train_loss": 2.0 / (epoch + trial.seed % 2),
            "validation_loss": trial.learning_rate,
            "validation_accuracy": 1 - trial.learning_rate / 100,
        },
        outputs,
        {
            "test_accuracy": 0.9,
            "train_accuracy": 0.95,
            "train_loss": 0.1,
            "test_loss": 0.2,
        },
    )


def weights(trial: Trial) -> Iterable[tuple[int, str, int, float]]:
    """The weights of a net of one hidden layer that followed a recipe."""
    rng = np.random.default_rng(trial.seed)
    num_inputs = 1 if trial.dataset == "curve" else 2
    sizes = {
        (0, "kernel"): num_inputs * trial.width,
        (0, "bias"): trial.width,
        (1, "kernel"): trial.width,
        (1, "bias"): 1,
    }
    for (layer, name), size in sizes.items():
        for index, value in enumerate(rng.uniform(-1, 1, size)):
            yield layer, name, index, value


def plausible_tables(study: Study) -> Tables:
    """The same of two seeds of a study, and as many rounds of its times."""
    # A new object: some results are kept with the tables they are from.
    return dataclasses.replace(once(study, _plausible))


def _plausible(study: Study) -> Tables:
    trials = made_up_trials(study, num_seeds=2)
    tables = plausible(trials, [f"{i:05}" for i in range(len(trials))])
    for plan in study.timings.values():
        few = dataclasses.replace(plan, num_rounds=2)
        return dataclasses.replace(tables, timings=made_up_timings(few))
    return tables


def made_up_timings(
    plan: TimingPlan,
    milliseconds: Callable[[str, str], float] = lambda activation, mode: 1.0,
    *,
    load: float = 0.0,
    modes: Iterable[str] = ("graph", "XLA"),
) -> pd.DataFrame:
    """Times of a plan: in milliseconds by activation and mode, a little more each round."""
    parts = [
        *((part, work) for part in plan.shapes for work in (FORWARD, BACKWARD)),
        *((part, STEP) for part in plan.nets),
    ]
    rows = [
        ("tensorflow", mode, part, work, name, number, time * (1 + number / 100))
        for mode in modes
        for part, work in parts
        for name in (plan.net_activations if work == STEP else plan.activations)
        for number in range(plan.num_rounds)
        for time in [milliseconds(name, mode)]
    ]
    frame = pd.DataFrame([(*row, load, 2, "3.15.0") for row in rows], columns=COLUMNS)
    return frame.astype(COLUMNS)


def small(study: Study) -> Study:
    """The study with two seeds and few rates in its quick profile, and all its claims."""
    trials = made_up_trials(study, num_seeds=2)
    profile = WHOLE.get(study.name, "quick")
    grids = [
        dataclasses.replace(grid, seeds=range(2))
        for grid in with_few_rates(study, profile).grids[profile]
    ]
    of_grids = {trial for grid in grids for trial in grid.trials()}
    others = [trial for trial in trials if trial not in of_grids]
    return dataclasses.replace(
        study, trials={"quick": lambda: others}, grids={"quick": grids}
    )


def below(study, name: str, tables: Tables) -> str:
    """What stands below a figure."""
    (figure,) = (figure for figure in study.figures if figure.name == name)
    return figure.draw(tables).get_supxlabel().replace("\N{NO-BREAK SPACE}", " ")
