"""The learning rates on a study's page: which were chosen, and their results."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import bounded_hodges_lehmann, where
from keras_rectifiers.comparison.trials.rates import NET_FIELDS
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.tuning import Tuning
from keras_rectifiers.comparison.verdicts.claims import format_number


@dataclass(frozen=True, kw_only=True)
class Result:
    """The formatted test accuracy of some nets with its interval, and their number.

    Lost nets have diverged or are missing (failed or not run).
    """

    accuracy: str
    interval: str
    num_nets: int
    num_lost: int


@dataclass(frozen=True, kw_only=True)
class TunedNet:
    """A net, its chosen learning rate, and its test accuracy at that rate.

    Args:
        group: the group of nets that it was tuned with.
        name: its activation, and any other setting that differs within the group.
        rate: the chosen rate.
        is_at_edge: whether the chosen rate is the smallest or the largest that was
            tried.
        stability: the formatted share of resamples of the tuning seeds that choose the
            same rate.
        own: test accuracy at the chosen rate.
        common_rate: the common rate of its group.
        common: test accuracy at the common rate.
    """

    group: str
    name: str
    rate: str
    is_at_edge: bool
    stability: str
    own: Result
    common_rate: str
    common: Result


@dataclass(frozen=True, kw_only=True)
class TunedStudy:
    """The tuned nets of a study, with the results and figures of all rates."""

    nets: Sequence[TunedNet]
    curves: pd.DataFrame
    figures: Sequence[StudyFigure]

    @property
    def at_edge(self) -> str:
        """The nets whose best rate may lie beyond the grid, as a list in words."""
        return "; ".join(f"{n.group}: {n.name}" for n in self.nets if n.is_at_edge)


def read_tunings(study: Study, tables: Tables, profile: str) -> TunedStudy | None:
    """Reads the results of a profile's tunings.

    Args:
        study: the study.
        tables: the tables of its trials.
        profile: the profile of the study whose trials they are.

    Returns:
        None for a study without tunings. A tuning with an unfinished search has no
        nets.
    """
    tunings = study.tunings.get(profile, ())
    if not tunings:
        return None
    curves, nets = [pd.DataFrame()], []
    for tuning in tunings:
        curve = tuning.rates_chosen(tables)
        if curve.empty:
            continue
        names = _names(curve)
        curve = curve.assign(
            group=tuning.title,
            name=names,
            panel=tuning.title + names.map(_apart),
            score_name=tuning.score_name,
        )
        curves.append(curve)
        nets += [
            _tuned_net(tuning, row, tables)
            for row in curve[curve["is_chosen"]].to_dict("records")
        ]
    frame = pd.concat(curves, ignore_index=True)
    scores = dict.fromkeys(tuning.score_name for tuning in tunings)
    return TunedStudy(
        nets=nets, curves=frame, figures=[_figure(tunings, frame, s) for s in scores]
    )


def _figure(tunings: Sequence[Tuning], curves: pd.DataFrame, score: str):
    alike = [tuning for tuning in tunings if tuning.score_name == score]
    titles = [tuning.title for tuning in alike]
    rows = curves[curves["group"].isin(titles)] if len(curves) else curves
    counts = sorted({tuning.num_tuning_seeds for tuning in alike})
    rounds = max(tuning.num_rounds for tuning in alike)
    return StudyFigure(
        name="learning-rates",
        title="Sensitivity to the learning rate",
        caption="Each net was trained at every rate shown, from "
        f"{' or '.join(map(str, counts))} separate tuning seeds. The dot marks the "
        "chosen rate: of the rates that lost the fewest nets, the one with the lowest "
        f"score ({score}). If other rates are within one standard error of the "
        "lowest, their ranking is mostly chance, so the scores are smoothed (a rate's "
        "own mean counts twice, those of its neighbours once) and the lowest smoothed "
        "score decides. The test split was not used. If a dot was at an edge of the "
        f"grid, the grid was widened for all nets, up to {rounds} "
        f"time{'' if rounds == 1 else 's'}. A cross marks a rate at which some nets "
        "were lost. The rate axis is logarithmic.",
        draw=lambda _: figures.sensitivity(rows, ylabel=score, row="panel"),
    )


def _names(curve: pd.DataFrame) -> pd.Series:
    """The activation of each row, and the other settings that differ."""
    names = curve["activation"].astype(str)
    for setting in NET_FIELDS:
        if setting != "activation" and curve[setting].nunique() > 1:
            values = curve[setting]
            is_text = values.map(type).eq(str).all()
            said = values if is_text else values.map(f"{setting} {{:g}}".format)
            names = names + ", " + said.astype(str)
    return names


def _apart(name: str) -> str:
    """The part of a net's name after its activation."""
    rest = name.partition(", ")[2]
    return f", {rest}" if rest else ""


def _tuned_net(tuning: Tuning, row: dict, tables: Tables) -> TunedNet:
    settings = {name: row[name] for name in NET_FIELDS}
    trials = where(tables.trials, **settings, seed=list(tuning.seeds))
    own = where(trials, learning_rate=row["learning_rate"])
    common = where(trials, learning_rate=tuning.common_rate)
    return TunedNet(
        group=tuning.title,
        name=row["name"],
        rate=f"{row['learning_rate']:g}",
        is_at_edge=bool(row["is_at_edge"]),
        stability=f"{math.floor(row['stability'] * 100)}%",
        own=_result(own, len(tuning.seeds)),
        common_rate=f"{tuning.common_rate:g}",
        common=_result(common, len(tuning.seeds)),
    )


def _result(trials: pd.DataFrame, num_nets: int) -> Result:
    """The estimate and the interval; a lost net may have had any accuracy."""
    diverged = trials["diverged"].to_numpy(dtype=bool)
    values = trials["test_accuracy"].to_numpy(dtype=float)[~diverged]
    num_lost = num_nets - len(values)
    interval = bounded_hodges_lehmann(
        [*values, *[-np.inf] * num_lost], [*values, *[np.inf] * num_lost]
    )
    ends = np.clip([interval.low, interval.high], 0, 1)
    return Result(
        accuracy=format_number(interval.estimate),
        interval=" to ".join(format_number(end) for end in ends),
        num_nets=num_nets,
        num_lost=num_lost,
    )
