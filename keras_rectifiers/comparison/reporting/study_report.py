"""The content of a study's page: its verdicts, its figures and its data."""

import collections
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.claim_report import (
    JudgedClaim,
    count_claims,
    read_claims,
)
from keras_rectifiers.comparison.reporting.drawings import Drawing, draw
from keras_rectifiers.comparison.reporting.limits import end_of_training, limits
from keras_rectifiers.comparison.reporting.rate_report import RateReport, read_rates
from keras_rectifiers.comparison.reporting.study_table import StudyTable
from keras_rectifiers.comparison.statistics import (
    after_training,
    decay,
    falls_at_the_end,
)
from keras_rectifiers.comparison.trials.failures import Failure
from keras_rectifiers.comparison.trials.rate_grid import finished
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.along_epochs import judge_along_epochs
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.common_rates import (
    contrary,
    judge_at_common_rates,
)
from keras_rectifiers.comparison.verdicts.judging import judge


@dataclass(frozen=True, kw_only=True)
class StudyReport:
    """The content of a study's page.

    Args:
        study: the study.
        verdicts: as `judge` returns them.
        claims: its claims with their cases; of two opposite ones, the second is a
            reading of the first.
        limits: what the results rest on, and what they do not show, see `limits`.
        shown_tables: each of its own tables, with its rows.
        drawings: its figures.
        along_epochs: the figures of the effects along the epochs, for the claims that
            were judged along them.
        without_curve: the claims that were not, because there is no learning curve of
            what they are about.
        rates: its nets that are compared at their best learning rates, if it has any.
        rate_drawings: the figures of the learning rates.
        data: name of a file -> frame.
        counts: kind of claim -> verdict -> number of claims.
        fates: one row for each activation, with the columns `activation`,
            `num_trained`, `num_measured` (at initialisation only), `num_diverged`
            (trained nets whose loss became NaN or infinite), `num_dead` (trained nets
            with a hidden layer whose units are all dead at the end) and `num_missing`
            (failed or not run).
        epochs: the numbers of epochs for which nets were trained, each once.
        num_seeds: number of different seeds.
        datasets: the data sets used, in words.
        trained_with: the versions recorded in the tables.
        timed_on: how activations were timed, in words, on each backend.
        command: the command that reproduces the tables.
        failures: the trials that failed and were not finished later.
    """

    study: Study
    verdicts: pd.DataFrame
    claims: Sequence[JudgedClaim]
    limits: Mapping[str, str]
    shown_tables: Sequence[tuple[StudyTable, Sequence[Sequence[str]]]]
    drawings: Sequence[Drawing]
    along_epochs: Sequence[Drawing]
    without_curve: Sequence[Claim]
    rates: RateReport | None
    rate_drawings: Sequence[Drawing]
    data: Mapping[str, pd.DataFrame]
    counts: Mapping[Kind, Mapping[str, int]]
    fates: pd.DataFrame
    epochs: list[int]
    num_seeds: int
    datasets: Sequence[str]
    trained_with: Sequence[str]
    timed_on: Sequence[str]
    command: str
    failures: Sequence[Failure]

    @property
    def num_failed(self) -> int:
        """Number of trials that failed."""
        return sum(len(failure.trials) for failure in self.failures)

    def num(self, fate: str) -> int:
        """Number of trials with an outcome: `"trained"`, `"missing"` and so on."""
        return int(self.fates[f"num_{fate}"].sum())


def read_study(
    study: Study, tables: Tables, profile: str, failures: Sequence[Failure] = ()
) -> StudyReport:
    """Judges a study's claims, draws its figures and collects its data.

    Args:
        study: the study.
        tables: the tables of its trials.
        profile: the profile of the study whose trials they are.
        failures: the study's failures.

    Returns:
        The content of the study's page.
    """
    grids = study.grids.get(profile, ())
    whole = finished(tables, grids)
    along = judge_along_epochs(study, whole)
    verdicts = judge(study, whole, along)
    at_rates = judge_at_common_rates(study, whole, grids)
    trials = tables.trials
    claims = read_claims(study, verdicts, contrary(verdicts, at_rates), trials)
    datasets = _datasets(trials)
    backends = trials[["keras_version", "backend"]].drop_duplicates()
    rates = read_rates(whole, grids)
    rate_figures = [
        *(rates.figures if rates else ()),
        *_at_common_rates(study, verdicts, at_rates),
    ]
    return StudyReport(
        study=study,
        verdicts=verdicts,
        claims=claims,
        limits=limits(study, trials, datasets) | _end_of_training(study, whole),
        shown_tables=[(table, table.rows(whole)) for table in study.tables],
        drawings=[draw(figure, whole) for figure in study.figures],
        along_epochs=_along_epochs(claims, along, whole),
        without_curve=[
            claim
            for claim in study.claims
            if claim.outcomes and not claim.is_judged_along_epochs
        ],
        rates=rates,
        rate_drawings=[draw(figure, whole) for figure in rate_figures],
        data=_data(study, tables, verdicts, at_rates, rates)
        | ({"along_epochs": along} if len(along) else {}),
        counts={kind: count_claims(claims, kind) for kind in Kind},
        fates=_fates(study.planned(profile) if profile in study.trials else (), tables),
        epochs=sorted(map(int, trials.loc[trials["epochs"] > 0, "epochs"].unique())),
        num_seeds=int(trials["seed"].nunique()),
        datasets=datasets,
        trained_with=sorted(
            f"Keras {version} on {backend}"
            for version, backend in backends.itertuples(index=False)
        ),
        timed_on=_timed_on(tables.timings),
        command=shlex.join(
            [
                *("python", "-m", "studies", "run", study.name),
                *("--profile", profile, "--dataset", study.dataset, *study.options),
            ]
        ),
        failures=failures,
    )


def _end_of_training(study: Study, tables: Tables) -> dict[str, str]:
    if not any(claim.outcomes for claim in study.claims):
        return {}
    falls = falls_at_the_end(tables)
    return {"End of training": end_of_training(falls)} if len(falls) else {}


def _along_epochs(
    claims: Sequence[JudgedClaim], along: pd.DataFrame, tables: Tables
) -> list[Drawing]:
    """A figure for each claim that was judged along the epochs."""
    drawings = []
    for judged in claims:
        claim, rows = judged.claim, along[along["claim"] == judged.claim.id]
        if rows.empty:
            continue
        figure = figures.StudyFigure(
            name=f"along-epochs-{claim.id}",
            title=claim.statement,
            caption=f"Effect: {claim.quantity}.",
            draw=lambda _, claim=claim, rows=rows, judged=judged: (
                figures.effects_along_epochs(
                    rows,
                    pd.DataFrame(judged.cases),
                    bounds=claim.rule.bounds,
                    ylabel=claim.unit or "effect",
                )
            ),
        )
        drawings.append(draw(figure, tables))
    return drawings


def _timed_on(timings: pd.DataFrame) -> list[str]:
    how = timings[["backend", "keras_version", "num_cores", "load"]].drop_duplicates()
    return [
        f"Keras {version} on {backend}, {cores} processors, of whose time other "
        f"programs took {load:.0%}"
        for backend, version, cores, load in how.itertuples(index=False)
    ]


def _datasets(trials: pd.DataFrame) -> list[str]:
    sets = ["dataset", "train_size"]
    # The most frequent one comes first.
    found = (
        trials.groupby(sets).size().sort_values(ascending=False, kind="stable").index
    )
    return [
        f"{Path(name).name}, a subset of {size:,} training examples"
        if size
        else Path(name).name
        for name, size in found
    ]


def _fates(planned: Sequence[Trial], tables: Tables) -> pd.DataFrame:
    trials, rows = tables.trials, tables.measurements
    is_trained = trials["epochs"] > 0
    last = after_training(rows)
    dead = last[(last["measure"] == "dead_units") & (last["value"] == 1)]
    marked = pd.DataFrame(
        {
            "activation": trials["activation"],
            "num_trained": is_trained,
            "num_measured": ~is_trained,
            "num_diverged": trials["diverged"].astype(bool),
            "num_dead": is_trained & trials["key"].isin(dead["key"]),
        }
    )
    names = [f.name for f in fields(Trial)]
    there = set(trials[names].itertuples(index=False, name=None))
    missing = collections.Counter(
        t.activation for t in set(planned) if tuple(t.settings().values()) not in there
    )
    counts = marked.groupby("activation").sum().astype(int)
    order = [name for name in CATALOGUE if name in counts.index or name in missing]
    counts = counts.reindex(pd.Index(order, name="activation"), fill_value=0)
    return counts.assign(num_missing=[missing[name] for name in order]).reset_index()


def _at_common_rates(
    study: Study, verdicts: pd.DataFrame, at_rates: pd.DataFrame
) -> list[StudyFigure]:
    """A figure for each claim that was judged at common rates; opposite ones have one."""
    names = {claim.id for claim in study.claims}
    return [
        _figure(claim, verdicts, at_rates[at_rates["claim"] == claim.id])
        for claim in study.claims
        if claim.id in set(at_rates["claim"]) and claim.opposite_of not in names
    ]


def _figure(claim: Claim, verdicts: pd.DataFrame, rows: pd.DataFrame) -> StudyFigure:
    own = verdicts[verdicts["claim"] == claim.id]
    unit = f", {claim.unit}" if claim.unit else ""
    return StudyFigure(
        name=f"common-rates-{claim.id}",
        title=f"“{claim.statement}” at common learning rates",
        caption=f"The {claim.quantity}, if all nets and seeds have the same learning "
        "rate: estimates over seeds and their intervals. The horizontal line and the "
        "band are the estimate and the interval at the best rates, by which the claim "
        "is judged. If effects at common rates are much larger, the scale is "
        "logarithmic for these. At a hollow dot the nets are not comparable: only for "
        "half of the seeds or fewer is it true that "
        f"{claim.comparable_if.text if claim.comparable_if else ''}.",
        draw=lambda _: figures.effects_at_common_rates(
            rows, own, ylabel=f"effect{unit}"
        ),
    )


def _data(
    study: Study,
    tables: Tables,
    verdicts: pd.DataFrame,
    at_rates: pd.DataFrame,
    rates: RateReport | None,
) -> dict[str, pd.DataFrame]:
    claims = {claim.id: claim for claim in study.claims}
    names = ["claim", "case"]
    depends = pd.MultiIndex.from_frame(contrary(verdicts, at_rates)[names])
    effects = verdicts.assign(
        quantity=verdicts["claim"].map(lambda name: claims[name].quantity),
        unit=verdicts["claim"].map(lambda name: claims[name].unit),
        kind=verdicts["claim"].map(lambda name: str(claims[name].kind)),
        criterion=verdicts["claim"].map(lambda name: claims[name].criterion),
        depends_on_rate=pd.MultiIndex.from_frame(verdicts[names]).isin(depends),
    )
    rows = tables.measurements
    of_layers = rows["layer"].notna()
    found = {
        "effects": effects,
        "trials": _with_decay(tables),
        "layers": _measures_as_columns(rows[of_layers], ["key", "epoch", "layer"]),
        "epochs": _measures_as_columns(rows[~of_layers], ["key", "epoch"]),
    }
    if len(tables.timings):
        found["timings"] = tables.timings
    if rates:
        is_best = found["trials"]["key"].map(rates.is_best)
        found["trials"]["is_at_best_rate"] = is_best
        found |= {"learning_rates": rates.curves, "common_rates": at_rates}
    return found


def _with_decay(tables: Tables) -> pd.DataFrame:
    """The trials with their gradient decay before and, if trained, after training."""
    trials = tables.trials.sort_values("key", kind="stable")
    decays = decay(tables)
    for suffix, chosen in (
        ("before", decays[decays["epoch"] == 0]),
        ("after", after_training(decays)),
    ):
        columns = {
            name: f"{name}_{suffix}"
            for name in ("gradient_decay", "num_layers_left_out")
        }
        chosen = chosen[["key", *columns]].rename(columns=columns)
        trials = trials.merge(chosen, on="key", how="left", validate="one_to_one")
        count = f"num_layers_left_out_{suffix}"
        trials[count] = trials[count].astype("Int64")
    return trials


def _measures_as_columns(rows: pd.DataFrame, index: list[str]) -> pd.DataFrame:
    wide = rows.pivot(index=index, columns="measure", values="value")
    return wide.sort_index().sort_index(axis=1).reset_index()
