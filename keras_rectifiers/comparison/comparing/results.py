"""From the tables of all trainings to the scores of seeds, and to what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import after_training, hodges_lehmann
from keras_rectifiers.comparison.trials.rates import choose, curves_of
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.contest import Contest, Metric, judge

_OF_NET = ["activation"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Results:
    """What the finished trainings say.

    Args:
        tables: the tables of all trainings.
        trained: the rows of `trials`, with the columns `score` (on the validation
            split, less is better; NaN if lost) and `is_chosen`: whether it is at the
            best rate of its seed.
        rates: one row for each activation and learning rate, see `rate_curves`; with
            `estimate`, `low` and `high` of the validation metric.
        scores: one row for each activation and seed: `activation`, `seed`,
            `learning_rate` and `value`, the metric on the test split, NaN if lost.
        contest: the verdicts.
    """

    tables: Tables
    trained: pd.DataFrame
    rates: pd.DataFrame
    scores: pd.DataFrame
    contest: Contest

    @property
    def at_edge(self) -> dict[str, float]:
        """Activation -> its best rate, if that is the smallest or largest of several."""
        if self.rates.empty:
            return {}
        several = (
            self.rates.groupby("activation")["learning_rate"].transform("size") > 2
        )
        edge = self.rates[self.rates["is_best"] & self.rates["is_at_edge"] & several]
        return dict(zip(edge["activation"], edge["learning_rate"], strict=True))

    def measured(self, measure: str) -> pd.DataFrame:
        """A measure of the layers at the best rates, before and after training.

        Returns:
            `activation`, `seed`, `layer`, `value` and `when`.
        """
        rows = self._at_best(layers=True)
        rows = rows[rows["measure"] == measure]
        last = after_training(rows)
        parts = [
            rows[rows["epoch"] == 0].assign(when="before training"),
            last.assign(when="after training"),
        ]
        frame = pd.concat(parts)
        when = pd.Categorical(frame["when"], ["before training", "after training"])
        frame = frame.assign(when=when, layer=frame["layer"].astype(int))
        return frame[["activation", "seed", "layer", "value", "when"]]

    def curve(self, name: str) -> pd.DataFrame:
        """A curve over the epochs at the best rates.

        Returns:
            `activation`, `seed`, `epoch` and `value`.
        """
        rows = self._at_best(layers=False)
        rows = rows[rows["measure"] == name]
        return rows[["activation", "seed", "epoch", "value"]]

    def frame(self) -> pd.DataFrame:
        """All measurements, with the activation, seed and rate of their training."""
        names = ["key", "activation", "seed", "learning_rate", "is_chosen"]
        told = self.trained[names].rename(columns={"is_chosen": "is_at_best_rate"})
        rows = told.merge(self.tables.measurements, on="key", how="inner")
        return rows.drop(columns="key")

    def _at_best(self, *, layers: bool) -> pd.DataFrame:
        rows = self.tables.measurements
        rows = rows[rows["layer"].notna() == layers]
        chosen = self.trained[self.trained["is_chosen"]]
        return rows.merge(chosen[["key", "activation", "seed"]], on="key", how="inner")


def read_results(
    tables: Tables, *, activations: Sequence[str], reference: str, metric: Metric
) -> Results:
    """Chooses the best rate of each seed, and judges the activations by the test scores.

    Args:
        tables: the tables of the finished trainings.
        activations: all activations, in the order of the tables.
        reference: with which the others are compared.
        metric: by what they are compared.
    """
    trials = tables.trials
    if trials.empty:
        names = ["activation", "seed", "learning_rate"]
        none = pd.DataFrame(columns=[*names, "key", "score", "is_chosen", "value"])
        contest = judge(
            none, activations=activations, reference=reference, metric=metric
        )
        return Results(
            tables=tables, trained=none, rates=none[names], scores=none, contest=contest
        )
    rate = trials["learning_rate"].astype(float).fillna(0.0)  # that of a schedule
    trials = trials.assign(learning_rate=rate)
    on_validation = trials[f"validation_{metric.name}"].astype(float)
    trained = choose(trials, -metric.sign * on_validation, _OF_NET)
    best = trained[trained["is_chosen"]]
    is_lost = best["score"].isna() | ~np.isfinite(best[f"test_{metric.name}"])
    scores = best[["activation", "seed", "learning_rate"]].assign(
        value=best[f"test_{metric.name}"].astype(float).mask(is_lost)
    )
    return Results(
        tables=tables,
        trained=trained,
        rates=_with_intervals(trained, metric),
        scores=scores.reset_index(drop=True),
        contest=judge(
            scores, activations=activations, reference=reference, metric=metric
        ),
    )


def _with_intervals(trained: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    curves = curves_of(trained, _OF_NET)
    values = trained.assign(value=-metric.sign * trained["score"])
    groups = values.groupby(["activation", "learning_rate"])["value"]
    found = []
    for of_row in curves[["activation", "learning_rate"]].itertuples(index=False):
        known = groups.get_group(tuple(of_row)).dropna().to_numpy()
        found.append(hodges_lehmann(known) if len(known) else None)
    return curves.assign(
        **{
            name: [getattr(interval, name, np.nan) for interval in found]
            for name in ("estimate", "low", "high")
        }
    )
