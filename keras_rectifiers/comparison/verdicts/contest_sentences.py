"""What a comparison of activations has found, in plain English."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import differences_needed
from keras_rectifiers.comparison.verdicts.claims import format_number
from keras_rectifiers.comparison.verdicts.contest import (
    BETTER,
    DIVERGED,
    EQUAL,
    OPEN,
    WORSE,
    Contest,
    Metric,
)
from keras_rectifiers.comparison.verdicts.criteria import LEVEL
from keras_rectifiers.comparison.verdicts.summary import listed


def sentences(contest: Contest) -> list[str]:
    """Says what was found of each activation, what nothing beats, and what stays open.

    Args:
        contest: the verdicts.

    Returns:
        Sentences: by what they are compared; the better ones, then those without a
        difference that matters, the worse ones and those that are open.
    """
    table = contest.table
    said = [
        _sentence(row, contest)
        for verdict in (BETTER, EQUAL, WORSE, OPEN)
        for row in table[table["verdict"] == verdict].to_dict("records")
    ]
    said += [
        f"{row['activation']}: not measured."
        for row in table[table["num_seeds"] == 0].to_dict("records")
    ]
    is_diverged = table["verdict"] == DIVERGED
    said += [
        f"{name}: its training diverged with every seed, at every learning rate."
        for name in table.loc[is_diverged, "activation"]
    ]
    said += [
        f"{row['activation']}: the training of {row['num_lost']} of {row['num_seeds']} "
        "seeds diverged at every learning rate; intervals assume the worst case for them."
        for row in table[(table["num_lost"] > 0) & ~is_diverged].to_dict("records")
    ]
    better = "more" if contest.metric.higher_is_better else "less"
    by = f"Compared by {contest.metric.name} on the test parts; {better} is better."
    lost = _lost_reference(contest)
    return [by, *lost, *said, *_best(contest), *_what_is_found(contest)]


def amount(value: float, metric: Metric) -> str:
    """Formats a difference, such as `0.8 points` or `12.3`."""
    return f"{_number(value, metric)}{' points' if metric.is_share else ''}"


def score(value: float, metric: Metric) -> str:
    """Formats a score, such as `97.2%` or `54.1`."""
    if metric.is_share:
        return f"{format_number(100 * value, 1)}%" if np.isfinite(value) else "–"
    return _number(value, metric)


def bounds(low: float, high: float, metric: Metric) -> str:
    """Formats an interval, such as `[0.3, 1.4]`."""
    return f"[{_number(low, metric)}, {_number(high, metric)}]"


def _sentence(row: dict, contest: Contest) -> str:
    name, reference, metric = row["activation"], contest.reference, contest.metric
    gain = row["improvement"]
    low, high = row["improvement_low"], row["improvement_high"]
    matters = amount(metric.smallest_effect, metric)
    if row["verdict"] in (BETTER, WORSE):
        if gain < 0:
            low, high = -high, -low
        return (
            f"{name} is {row['verdict']} than {reference} by "
            f"{amount(abs(gain), metric)} {bounds(low, high, metric)}."
        )
    found = f"{amount(gain, metric)} {bounds(low, high, metric)}"
    if row["verdict"] == EQUAL:
        return (
            f"{name}: no difference from {reference} that matters ({found}; what "
            f"matters begins at {matters})."
        )
    return (
        f"{name}: open. Its improvement over {reference} is {found}{_why(row, contest)}"
    )


def _why(row: dict, contest: Contest) -> str:
    """Why a comparison is open."""
    needed = differences_needed(LEVEL / contest.num_comparisons)
    if row["num_seeds"] < needed:
        return (
            f": {row['num_seeds']} seeds can tell no difference from chance, at least "
            f"{needed} are needed."
        )
    if row["p"] <= LEVEL:
        return (
            ", but it may be less than what matters "
            f"({amount(contest.metric.smallest_effect, contest.metric)})."
        )
    if row["improvement_low"] > 0 or row["improvement_high"] < 0:
        number = contest.num_comparisons
        corrected = f", corrected for {number} comparisons" if number > 1 else ""
        return f", which may be chance (p = {row['p']:.2f}{corrected})."
    return "."


def _lost_reference(contest: Contest) -> list[str]:
    """Why the others are not compared with what the user named."""
    name = contest.lost_reference
    if not name:
        return []
    others = "the others are" if _num_measured(contest) > 1 else "nothing is"
    return [
        f"{name}, the reference, has no score with any seed, so {others} compared with "
        f"{contest.reference if _num_measured(contest) > 1 else 'it'}."
    ]


def _num_measured(contest: Contest) -> int:
    return int((contest.table["num_seeds"] > contest.table["num_lost"]).sum())


def _best(contest: Contest) -> list[str]:
    best, num_measured = contest.best, _num_measured(contest)
    if not best or num_measured < 2:
        return []
    if len(best) == num_measured:
        return ["None of them is beaten by another."]
    return [f"Nothing beats {listed(best)}."]


def found_by(size: float, spread: float, metric: Metric) -> str:
    """Says how large a difference the seeds find, if their differences have a spread."""
    return (
        f"a difference of {amount(size, metric)} is found in four of five comparisons, "
        "where the differences between seeds have a standard deviation of "
        f"{amount(spread, metric)}"
    )


def _what_is_found(contest: Contest) -> list[str]:
    """How large a difference must be to be found with so many seeds."""
    if not np.isfinite(contest.resolution) or not contest.spread:
        return []
    table = contest.table
    num_seeds = int(table.loc[table["improvement"].notna(), "num_seeds"].min())
    found = found_by(contest.resolution, contest.spread, contest.metric)
    return [f"With {num_seeds} seeds {found}, as measured; smaller ones may stay open."]


def _number(value: float, metric: Metric) -> str:
    if metric.is_share:
        return format_number(100 * value, 1)
    if not np.isfinite(value):
        return format_number(value)
    # Three digits of what matters; more would be noise.
    digits = max(0, 1 - int(np.floor(np.log10(metric.smallest_effect))))
    return format_number(value, digits)


def short_table(contest: Contest) -> pd.DataFrame:
    """The table of a contest as text, for people to read."""
    metric = contest.metric
    rows = [
        {
            "activation": row["activation"],
            metric.name: f"{score(row['score'], metric)}",
            "improvement": ""
            if np.isnan(row["improvement"])
            else f"{amount(row['improvement'], metric)} "
            f"{bounds(row['improvement_low'], row['improvement_high'], metric)}",
            "verdict": row["verdict"],
            "best": "yes" if row["is_best"] else "",
        }
        for row in contest.table.to_dict("records")
    ]
    return pd.DataFrame(rows)
