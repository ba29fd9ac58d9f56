"""The content of a study's page: its verdicts, its figures and its data."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from keras_rectifiers.comparison.reporting.claim_report import (
    JudgedClaim,
    count_claims,
    read_claims,
)
from keras_rectifiers.comparison.reporting.drawings import Drawing, draw
from keras_rectifiers.comparison.reporting.fates import fates
from keras_rectifiers.comparison.reporting.limits import end_of_training, limits
from keras_rectifiers.comparison.reporting.rate_report import RateReport, read_rates
from keras_rectifiers.comparison.reporting.sensitivity_figures import (
    along_epochs_figures,
    common_rate_figures,
)
from keras_rectifiers.comparison.reporting.study_data import study_data
from keras_rectifiers.comparison.reporting.study_table import StudyTable
from keras_rectifiers.comparison.reporting.wording import BACKENDS, dataset_in_words
from keras_rectifiers.comparison.statistics import falls_at_the_end
from keras_rectifiers.comparison.trials.failures import Failure
from keras_rectifiers.comparison.trials.rate_grid import finished
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.along_epochs import judge_along_epochs
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.common_rates import (
    contrary,
    judge_at_common_rates,
)
from keras_rectifiers.comparison.verdicts.judging import judge
from keras_rectifiers.comparison.verdicts.properties import Property, judge_property


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
        properties: what it adds to the table of all activations: each property, and
            what `judge_property` returns.
        data: name of a file -> frame.
        counts: kind of claim -> verdict -> number of claims.
        fates: how the trainings of its nets ended, see `fates`.
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
    properties: Sequence[tuple[Property, pd.DataFrame]]
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

    @property
    def key_drawing(self) -> Drawing | None:
        """The figure that shows the answer of the study; None if it is empty."""
        drawn = [drawing for drawing in self.drawings if drawing.source]
        keys = [d for d in drawn if d.name == self.study.key_figure]
        return next(iter([*keys, *drawn]), None)

    def num(self, fate: str) -> int:
        """Number of trials with an outcome: `"trained"`, `"missing"` and so on."""
        return int(self.fates[f"num_{fate}"].sum())


def read_study(
    study: Study,
    tables: Tables,
    profile: str,
    failures: Sequence[Failure] = (),
    *,
    images: bool = False,
) -> StudyReport:
    """Judges a study's claims, draws its figures and collects its data.

    Args:
        study: the study.
        tables: the tables of its trials.
        profile: the profile of the study whose trials they are.
        failures: the study's failures.
        images: whether to make images of its own figures too, for documents.

    Returns:
        The content of the study's page.
    """
    grids = study.grids.get(profile, ())
    whole = finished(tables, grids).categorical()
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
        *common_rate_figures(study, verdicts, at_rates),
    ]
    return StudyReport(
        study=study,
        verdicts=verdicts,
        claims=claims,
        limits=limits(study, trials, datasets) | _end_of_training(study, whole),
        shown_tables=[(table, table.rows(whole)) for table in study.tables],
        drawings=[draw(figure, whole, png=images) for figure in study.figures],
        along_epochs=[draw(f, whole) for f in along_epochs_figures(claims, along)],
        without_curve=[
            claim
            for claim in study.claims
            if claim.outcomes and not claim.is_judged_along_epochs
        ],
        rates=rates,
        rate_drawings=[draw(figure, whole) for figure in rate_figures],
        properties=[
            (judged, judge_property(judged, whole)) for judged in study.properties
        ],
        data=study_data(study, tables, verdicts, along, at_rates, rates),
        counts={kind: count_claims(claims, kind) for kind in Kind},
        fates=fates(study.planned(profile) if profile in study.trials else (), tables),
        epochs=sorted(map(int, trials.loc[trials["epochs"] > 0, "epochs"].unique())),
        num_seeds=int(trials["seed"].nunique()),
        datasets=datasets,
        trained_with=sorted(
            f"Keras {version} on {BACKENDS.get(backend, backend)}"
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


def _timed_on(timings: pd.DataFrame) -> list[str]:
    how = timings[["backend", "keras_version", "num_cores", "load"]].drop_duplicates()
    return [
        f"Keras {version} on {BACKENDS.get(backend, backend)}, {cores} processors, of "
        f"whose time other programs took {load:.0%}"
        for backend, version, cores, load in how.itertuples(index=False)
    ]


def _datasets(trials: pd.DataFrame) -> list[str]:
    sets = ["dataset", "train_size"]
    # The most frequent one comes first.
    found = (
        trials.groupby(sets).size().sort_values(ascending=False, kind="stable").index
    )
    return [
        dataset_in_words(Path(name).name)
        + (f", a subset of {size:,} training examples" if size else "")
        for name, size in found
    ]
