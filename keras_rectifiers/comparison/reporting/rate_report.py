"""The learning rates on a study's page: the score at each, and how often it was best."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.wording import (
    setting_in_words,
)
from keras_rectifiers.comparison.statistics import (
    bounded_hodges_lehmann,
    hodges_lehmann,
    where,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import (
    NET_FIELDS,
    rate_curves,
    scored_trials,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import format_number


@dataclass(frozen=True, kw_only=True)
class NetRates:
    """A net, how often each learning rate was its best, and what it reached there.

    Args:
        group: the title of its grid.
        name: its activation, and any other setting that differs within the grid.
        num_chosen: formatted rate -> number of seeds whose best rate it is.
        is_at_edge: whether the best rate by the mean over seeds is the smallest or the
            largest of the grid, and no other is as good.
        outcome: `"accuracy"`, or `"loss"` if the targets are numbers.
        reached, interval: the formatted accuracy or loss on the test split, each seed at
            its best rate, with its interval.
        num_nets: number of seeds.
        num_lost: number of seeds whose net diverged or is missing (failed or not run).
    """

    group: str
    name: str
    num_chosen: Mapping[str, int]
    is_at_edge: bool
    outcome: str
    reached: str
    interval: str
    num_nets: int
    num_lost: int


@dataclass(frozen=True, kw_only=True)
class RateReport:
    """The nets of a study's grids.

    Args:
        nets: each net with its rates.
        curves: one row for each net and rate: its score and how often it was best.
        is_best: key of a trial of a grid -> whether it is at the best rate of its seed.
        figures: the figures of the curves.
    """

    nets: Sequence[NetRates]
    curves: pd.DataFrame
    is_best: Mapping[str, bool]
    figures: Sequence[StudyFigure]

    @property
    def at_edge(self) -> str:
        """The nets whose best rate may lie beyond the grid, as a list in words."""
        return "; ".join(f"{n.group}: {n.name}" for n in self.nets if n.is_at_edge)


def read_rates(tables: Tables, grids: Sequence[RateGrid]) -> RateReport | None:
    """Reads the results of grids of learning rates.

    Args:
        tables: the tables of the study's trials, see `finished`.
        grids: the grids of the study.

    Returns:
        None if there are no grids. A net without a finished seed is left out.
    """
    if not grids:
        return None
    curves, nets, is_best = [pd.DataFrame()], [], {}
    for grid in grids:
        own = _of_grid(tables, grid)
        curve = rate_curves(own, grid.score)
        if curve.empty:
            continue
        scored = scored_trials(own, grid.score)
        is_best |= dict(zip(scored["key"], scored["is_chosen"], strict=True))
        names = _names(curve)
        curve = curve.assign(
            group=grid.title,
            name=names,
            panel=grid.title + names.map(_apart),
            score_name=grid.score_name,
            **_intervals(scored, curve),
        )
        curves.append(curve)
        chosen = scored[scored["is_chosen"]]
        nets += [
            _net_rates(grid, rows, chosen)
            for _, rows in curve.groupby("name", sort=False)
        ]
    frame = pd.concat(curves, ignore_index=True)
    scores = dict.fromkeys(grid.score_name for grid in grids)
    return RateReport(
        nets=nets,
        curves=frame,
        is_best=is_best,
        figures=[
            _figure(grids, frame, score, number)
            for number, score in enumerate(scores, start=1)
        ],
    )


def _of_grid(tables: Tables, grid: RateGrid) -> Tables:
    nets = pd.DataFrame([net.settings() for net in grid.nets])[NET_FIELDS]
    if tables.trials.empty:
        return tables
    trials = tables.trials[["key", *NET_FIELDS]].merge(nets, on=NET_FIELDS)
    return tables.only(trials["key"])


def _intervals(scored: pd.DataFrame, curve: pd.DataFrame) -> dict[str, list[float]]:
    """The estimate of each row's score and its interval, over the seeds not lost."""
    scores = scored.groupby([*NET_FIELDS, "learning_rate"])["score"]
    settings = curve[[*NET_FIELDS, "learning_rate"]].itertuples(index=False, name=None)
    known = [scores.get_group(of_row).dropna().to_numpy() for of_row in settings]
    found = [hodges_lehmann(values) if len(values) else None for values in known]
    return {
        name: [getattr(interval, name, np.nan) for interval in found]
        for name in ("estimate", "low", "high")
    }


def _net_rates(grid: RateGrid, rows: pd.DataFrame, chosen: pd.DataFrame) -> NetRates:
    settings = {name: rows[name].iloc[0] for name in NET_FIELDS}
    trials = where(chosen, **settings)
    diverged = trials["diverged"].to_numpy(dtype=bool)
    has_accuracy = trials["test_accuracy"].notna().any()
    outcome, most = ("accuracy", 1.0) if has_accuracy else ("loss", np.inf)
    values = trials[f"test_{outcome}"].to_numpy(dtype=float)[~diverged]
    num_lost = len(grid.seeds) - len(values)
    # A lost net may have reached anything.
    interval = bounded_hodges_lehmann(
        [*values, *[-np.inf] * num_lost], [*values, *[np.inf] * num_lost]
    )
    ends = np.clip([interval.low, interval.high], 0, most)
    rates = zip(rows["learning_rate"], rows["num_chosen"], strict=True)
    shown = format_number if has_accuracy else _three_digits
    return NetRates(
        group=grid.title,
        name=rows["name"].iloc[0],
        num_chosen={f"{rate:g}": int(number) for rate, number in rates},
        is_at_edge=bool(_equally_good(rows)["is_at_edge"].all()),
        outcome=outcome,
        reached=shown(interval.estimate),
        interval=" to ".join(map(shown, ends)),
        num_nets=len(grid.seeds),
        num_lost=num_lost,
    )


def _three_digits(loss: float) -> str:
    """A loss in three significant digits at least: it may be very small."""
    if not 0 < loss < 1:
        return format_number(loss)
    return format_number(loss, 2 - math.floor(math.log10(loss)))


def _equally_good(rows: pd.DataFrame) -> pd.DataFrame:
    """The rates of a net that are as good as the best one, such as those at chance."""
    (best,) = rows[rows["is_best"]].to_dict("records")
    is_equal = np.isclose(rows["score"], best["score"], rtol=0, equal_nan=True)
    return rows[is_equal & (rows["num_lost"] == best["num_lost"])]


def _figure(
    grids: Sequence[RateGrid], curves: pd.DataFrame, score: str, number: int
) -> StudyFigure:
    titles = [grid.title for grid in grids if grid.score_name == score]
    rows = curves[curves["group"].isin(titles)] if len(curves) else curves
    return StudyFigure(
        name=f"learning-rates-{number}",
        title="Sensitivity to the learning rate",
        caption=f"The score ({score}) of each net at every rate; lower is better. Lines "
        "join the estimates over the seeds, vertical lines are their 95% intervals. A "
        "dot marks the rate with the best mean over the seeds. Each seed has a best rate "
        "of its own: the one with the lowest score, and of equal scores the one with the "
        "lowest validation loss. The test split was not used. A cross marks a rate at "
        "which some nets were lost. The rate axis is logarithmic.",
        draw=lambda _: figures.sensitivity(rows, ylabel=score, row="panel"),
    )


def _names(curve: pd.DataFrame) -> pd.Series:
    """The activation of each row, and the other settings that differ."""
    names = curve["activation"].astype(str)
    for setting in NET_FIELDS:
        if setting != "activation" and curve[setting].nunique() > 1:
            said = [setting_in_words(setting, value) for value in curve[setting]]
            names = names + ", " + pd.Series(said, index=curve.index)
    return names


def _apart(name: str) -> str:
    """The part of a net's name after its activation."""
    rest = name.partition(", ")[2]
    return f", {rest}" if rest else ""
