"""How many seeds and learning rates fit into a time, by a few steps that are measured."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.comparing.experiment import MOST_MEMBERS, Experiment
from keras_rectifiers.comparison.comparing.splitting import split_for
from keras_rectifiers.comparison.statistics import (
    detectable,
    differences_needed,
    found_difference,
)
from keras_rectifiers.comparison.training.engine import train_members
from keras_rectifiers.comparison.training.task import Member, Split, Task
from keras_rectifiers.comparison.verdicts.contest import Metric
from keras_rectifiers.comparison.verdicts.contest_sentences import found_by

_UNITS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
}
_NUM_STEPS = 20
# What is planned leaves so much of the time for what cannot be foreseen.
_USED = 0.85
# Two nets with about a tenth of errors each differ in about a tenth of the examples.
_SHARE_OF_DIFFERING = 0.1


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What trainings take, in seconds.

    Args:
        start: of a part of the work, before its first step.
        member_epoch: of an epoch of a member.
    """

    start: float
    member_epoch: float

    def total(self, num_activations: int, num_seeds: int, num_rates: int, epochs: int):
        """The seconds of a whole comparison."""
        num_members = num_seeds * num_rates
        num_parts = -(-num_members // MOST_MEMBERS)
        trained = num_members * epochs * self.member_epoch
        return num_activations * (num_parts * self.start + trained)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What fits into the time.

    Args:
        num_seeds: number of seeds.
        rates: the learning rates.
        seconds: what it will take.
        told: what fits and what it can tell, in a sentence or two.
    """

    num_seeds: int
    rates: Sequence[float | None]
    seconds: float
    told: str


def seconds_of(budget: Any) -> float:
    """Reads a time, such as `"20 min"`, `"1.5 h"` or a number of seconds.

    Raises:
        TypeError, ValueError: if it is no time above 0.
    """
    if isinstance(budget, int | float) and not isinstance(budget, bool):
        seconds = float(budget)
    elif isinstance(budget, str):
        found = re.fullmatch(r"\s*([\d.]+)\s*([a-z]+?)s?\s*", budget.lower() + " ")
        if not found or found[2] not in _UNITS or found[1].count(".") > 1:
            raise ValueError(
                "Expected `budget` to be a time, such as '20 min', '90 s' or '1.5 h'. "
                f"Received: {budget!r}."
            )
        seconds = float(found[1]) * _UNITS[found[2]]
    else:
        raise TypeError(
            "Expected `budget` to be a time, such as '20 min'. Received: "
            f"{shown(budget)}"
        )
    if not 0 < seconds < np.inf:
        raise ValueError(f"Expected `budget` to be above 0. Received: {budget!r}.")
    return seconds


def measure_costs(
    experiment: Experiment, *, clock: Callable[[], float] = time.perf_counter
) -> Costs:
    """Trains the first activation for a few steps, and tells what trainings take."""
    name, builder = next(iter(experiment.builders.items()))
    wanted = len(experiment.seeds) * len(experiment.rates)
    settings = [(s, r) for s in experiment.seeds for r in experiment.rates]
    settings = settings[: min(wanted, MOST_MEMBERS)]
    members = [
        Member(seed=s, learning_rate=r, split=split_for(experiment.examples, s))
        for s, r in settings
    ]
    num_steps = len(members[0].split.train) // experiment.batch_size
    few = min(num_steps, _NUM_STEPS)
    members = [replace(m, split=_shortened(m, few, experiment)) for m in members]
    taken = []
    for epochs in (1, 3):
        task = Task(
            build=builder,
            data=experiment.examples.data,
            batch_size=experiment.batch_size,
            epochs=epochs,
            measures=experiment.measures[name],
        )
        start = clock()
        train_members(task, members)
        taken.append(clock() - start)
    first, third = taken
    few_steps = max(third - first, 1e-6) / 2
    return Costs(
        start=max(first - few_steps, 0.0),
        member_epoch=few_steps * num_steps / few / len(members),
    )


def plan(
    costs: Costs,
    seconds: float,
    *,
    num_activations: int,
    most_seeds: int,
    rates: Sequence[float | None],
    epochs: int,
    metric: Metric,
    num_test: int,
    workers: int = 1,
) -> Plan:
    """Chooses the number of seeds and the learning rates that fit.

    All rates are taken if enough seeds for a decision fit with them, otherwise the
    three in the middle.

    Args:
        costs: what trainings take.
        seconds: the time that there is.
        num_activations: the number of activations.
        most_seeds: no more seeds than these.
        rates: the grid of learning rates.
        epochs: the number of epochs.
        metric: by which activations are compared.
        num_test: the number of examples of the test split.
        workers: the number of processes.

    Raises:
        ValueError: if too few seeds fit to tell any difference from chance.
    """
    num_comparisons = num_activations - 1
    needed = differences_needed(0.05 / num_comparisons)
    middle = len(rates) // 2
    fewer = rates[max(0, middle - 1) : middle + 2]
    for chosen in dict.fromkeys([tuple(rates), tuple(fewer)]):

        def total(num_seeds, chosen=chosen):
            whole = costs.total(num_activations, num_seeds, len(chosen), epochs)
            return whole / workers

        fit = [n for n in range(2, most_seeds + 1) if total(n) <= _USED * seconds]
        if fit and fit[-1] >= min(needed, most_seeds):
            break
    else:
        least = costs.total(num_activations, needed, len(fewer), epochs)
        raise ValueError(
            f"Expected a `budget` of at least {duration(least / workers / _USED)}: "
            f"{num_activations} activations need {needed} seeds to tell any difference "
            f"from chance, and {len(fewer)} learning rates each. Or take fewer epochs "
            f"or activations. Received: {duration(seconds)}."
        )
    num_seeds = fit[-1]
    told = (
        f"{num_seeds} seeds and {len(chosen)} learning rate"
        f"{'' if len(chosen) == 1 else 's'} fit into {duration(seconds)}; "
        f"they take about {duration(total(num_seeds))}. "
        f"{told_apart(num_seeds, num_comparisons, metric, num_test)}"
    )
    return Plan(num_seeds=num_seeds, rates=chosen, seconds=total(num_seeds), told=told)


def told_apart(num_seeds: int, num_comparisons: int, metric: Metric, num_test: int):
    """How small a difference so many seeds can tell, in a sentence, before training.

    The spread of the differences is a guess; `Contest.resolution` is the same for the
    spread that is measured.
    """
    size = detectable(num_seeds, num_comparisons)
    if not np.isfinite(size):
        needed = differences_needed(0.05 / num_comparisons)
        return (
            f"So few seeds can tell no difference from chance; at least {needed} are "
            "needed."
        )
    if not metric.is_share:
        return (
            f"A difference of {size:.1f} times the standard deviation of the differences "
            "between seeds, which is not known before training, is found in four of "
            "five comparisons."
        )
    guess = (_SHARE_OF_DIFFERING / num_test) ** 0.5
    size = found_difference(
        num_seeds,
        num_comparisons,
        spread=guess,
        smallest_effect=metric.smallest_effect,
    )
    return (
        f"As a guess before training, {found_by(size, guess, metric)}, as is usual with "
        f"{num_test} test examples."
    )


def duration(seconds: float) -> str:
    """Formats a duration, such as `2 h 5 min`, `3 min` or `40 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest and minutes < 5 else f"{minutes} min"
    return f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"


def _shortened(member: Member, num_steps: int, experiment: Experiment) -> Split:
    train, validation, test = member.split
    num = num_steps * experiment.batch_size
    return Split(train[:num], validation[:num], test[:num])
