"""Judges claims as if training had ended earlier, to see what depends on the budget."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from keras_rectifiers.comparison.statistics import ended_after
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.budgets import epochs_judged
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.judging import judge_claim

_OF_VERDICT = ["verdict", "estimate", "low", "high", "n"]


def judge_along_epochs(study: Study, tables: Tables) -> pd.DataFrame:
    """Judges the claims of a study after each of `epochs_judged`.

    These are the claims for which `is_judged_along_epochs`. What the nets have reached
    on the validation split counts, see `ended_after`, and the learning rates are chosen
    anew after each epoch, as they would have been for that budget. The cases of a claim
    are corrected together, each after the same part of its own budget.

    Args:
        study: the study whose claims are judged.
        tables: the tables of its trials.

    Returns:
        One row for each claim, case and epoch: `claim`, `case`, `budget` (the epochs
        for which the nets of the case were trained), `epoch`, `verdict`, `estimate`,
        `low`, `high` and `n`. A case that was not measured, or whose nets were trained
        for a single epoch, is left out.
    """
    claims = [claim for claim in study.claims if claim.is_judged_along_epochs]
    courses = _courses(claims, tables)
    rows = [
        {"claim": claim.id, **row}
        for claim in claims
        for row in _judged(claim, courses[claim.id])
    ]
    columns = ["claim", "case", "budget", "epoch", *_OF_VERDICT]
    frame = pd.DataFrame(rows, columns=columns)
    # Of a small budget, several parts end after the same epoch.
    frame = frame.drop_duplicates(["claim", "case", "epoch"], keep="last")
    return frame.reset_index(drop=True)


# A case, its effects, and which seeds fulfil the precondition, if it has one.
_Effects = tuple[str, pd.Series | pd.DataFrame, pd.Series | None]


@dataclass(frozen=True, kw_only=True)
class _Course:
    """A case of a claim after each epoch.

    Args:
        case: its name. If it tells what was chosen by the results, it is as at the end.
        budget: the epochs for which its nets were trained.
        after: epoch -> its effects.
    """

    case: str
    budget: int
    after: Mapping[int, _Effects]


def _judged(claim: Claim, courses: Sequence[_Course]) -> list[dict]:
    rows: dict[str, list[dict]] = {course.case: [] for course in courses}
    for epochs in zip(
        *(epochs_judged(course.budget) for course in courses), strict=True
    ):
        now = [
            (course, epoch, *course.after[epoch][1:])
            for course, epoch in zip(courses, epochs, strict=True)
        ]
        verdicts = judge_claim(
            claim,
            {course.case: values for course, _, values, _ in now},
            {course.case: holds for course, *_, holds in now if holds is not None},
            resampling=False,
        )
        for verdict, (course, epoch, *_) in zip(verdicts, now, strict=True):
            own = {name: getattr(verdict, name) for name in _OF_VERDICT}
            rows[course.case].append(
                {"case": course.case, "budget": course.budget, "epoch": epoch, **own}
            )
    return list(itertools.chain.from_iterable(rows.values()))


def _courses(claims: Sequence[Claim], tables: Tables) -> dict[str, list[_Course]]:
    """Claim -> the courses of its cases, in their order."""
    found: dict[str, dict[int, _Course]] = {claim.id: {} for claim in claims}
    # All nets of a case have the same budget: it is a case of those nets alone.
    for budget, part in _by_budget(tables) if claims else ():
        at_end = _effects(claims, ended_after(part, budget))
        measured = {
            name: [i for i, (_, values, _) in enumerate(cases) if len(values)]
            for name, cases in at_end.items()
        }
        concerned = [claim for claim in claims if measured[claim.id]]
        after = {budget: at_end}
        for epoch in set(epochs_judged(budget)) - {budget} if concerned else ():
            after[epoch] = _effects(concerned, ended_after(part, epoch))
        for claim in concerned:
            for number in measured[claim.id]:
                found[claim.id][number] = _Course(
                    case=at_end[claim.id][number][0],
                    budget=budget,
                    after={
                        epoch: effects[claim.id][number]
                        for epoch, effects in after.items()
                    },
                )
    return {
        name: [courses[number] for number in sorted(courses)]
        for name, courses in found.items()
    }


def _by_budget(tables: Tables) -> Iterator[tuple[int, Tables]]:
    """Yields each number of epochs above 1, with the nets that were trained for it."""
    rows, trials = tables.measurements, tables.trials
    has_curve = trials["key"].isin(
        rows.loc[rows["measure"] == "validation_loss", "key"]
    )
    for budget in sorted(
        trials.loc[has_curve & (trials["epochs"] > 1), "epochs"].unique()
    ):
        yield int(budget), tables.only(trials.loc[trials["epochs"] == budget, "key"])


def _effects(claims: Sequence[Claim], tables: Tables) -> dict[str, list[_Effects]]:
    found = {}
    for claim in claims:
        holds = claim.precondition.holds(tables) if claim.precondition else {}
        found[claim.id] = [
            (case, values, holds.get(case))
            for case, values in claim.effects(tables).items()
        ]
    return found
