"""The content of a study's page: its verdicts, its figures and its data."""

import collections
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting.claim_report import (
    JudgedClaim,
    count_claims,
    read_claims,
)
from keras_rectifiers.comparison.reporting.drawings import Drawing, draw
from keras_rectifiers.comparison.reporting.limits import end_of_training, limits
from keras_rectifiers.comparison.reporting.tuning_report import TunedStudy, read_tunings
from keras_rectifiers.comparison.statistics import (
    after_training,
    decay,
    falls_at_the_end,
)
from keras_rectifiers.comparison.trials.failures import Failure
from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import at_common_rates
from keras_rectifiers.comparison.verdicts.along_epochs import judge_along_epochs
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
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
        drawings: its figures.
        along_epochs: the figures of the effects along the epochs, for the claims that
            were judged along them.
        without_curve: the claims that were not, because there is no learning curve of
            what they are about.
        tuned: its nets with tuned learning rates, if it has any.
        sensitivity: the figures of the tuned nets.
        at_common_rates: the cases whose verdict would be different if every net used
            the common rate of its group: `claim`, `case`, `verdict` and the other
            verdict, `common`.
        data: name of a file -> frame.
        counts: kind of claim -> verdict -> number of claims.
        fates: one row for each activation, with the columns `activation`,
            `num_trained`, `num_measured` (at initialisation only), `num_diverged`
            (trained nets whose loss became NaN or infinite), `num_dead` (trained nets
            with a hidden layer whose units are all dead at the end) and `num_missing`
            (failed or not run).
        epochs: the numbers of epochs for which nets were trained, each once.
        num_seeds: number of different seeds, without the tuning seeds.
        num_tuning_seeds: number of different seeds used to choose learning rates.
        datasets: the data sets used, in words.
        trained_with: the versions recorded in the tables.
        command: the command that reproduces the tables.
        failures: the trials that failed and were not finished later.
    """

    study: Study
    verdicts: pd.DataFrame
    claims: Sequence[JudgedClaim]
    limits: Mapping[str, str]
    drawings: Sequence[Drawing]
    along_epochs: Sequence[Drawing]
    without_curve: Sequence[Claim]
    tuned: TunedStudy | None
    sensitivity: Sequence[Drawing]
    at_common_rates: Sequence[Mapping[str, Any]]
    data: Mapping[str, pd.DataFrame]
    counts: Mapping[Kind, Mapping[str, int]]
    fates: pd.DataFrame
    epochs: list[int]
    num_seeds: int
    num_tuning_seeds: int
    datasets: Sequence[str]
    trained_with: Sequence[str]
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
    along = judge_along_epochs(study, tables)
    verdicts = judge(study, tables, along)
    claims = read_claims(study, verdicts)
    trials = tables.trials
    datasets = _datasets(trials)
    is_tuning = trials["seed"] >= TUNING_SEEDS
    backends = trials[["keras_version", "backend"]].drop_duplicates()
    tuned = read_tunings(study, tables, profile)
    planned = list(study.trials[profile]()) if profile in study.trials else []
    for tuning in study.tunings.get(profile, ()):
        planned += [*tuning.search(tables), *tuning.reports(tables)]
    return StudyReport(
        study=study,
        verdicts=verdicts,
        claims=claims,
        limits=limits(study, trials, datasets) | _end_of_training(study, tables),
        drawings=[draw(figure, tables) for figure in study.figures],
        along_epochs=_along_epochs(claims, along, tables),
        without_curve=[
            claim
            for claim in study.claims
            if claim.outcomes and not claim.is_judged_along_epochs
        ],
        tuned=tuned,
        sensitivity=[draw(f, tables) for f in tuned.figures] if tuned else [],
        at_common_rates=_at_common_rates(study, tables, profile, verdicts),
        data=_data(study, tables, verdicts)
        | ({"along_epochs": along} if len(along) else {})
        | ({"learning_rates": tuned.curves} if tuned else {}),
        counts={kind: count_claims(claims, kind) for kind in Kind},
        fates=_fates(planned, tables),
        epochs=sorted(map(int, trials.loc[trials["epochs"] > 0, "epochs"].unique())),
        num_seeds=int(trials.loc[~is_tuning, "seed"].nunique()),
        num_tuning_seeds=int(trials.loc[is_tuning, "seed"].nunique()),
        datasets=datasets,
        trained_with=sorted(
            f"Keras {version} on {backend}"
            for version, backend in backends.itertuples(index=False)
        ),
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
    study: Study, tables: Tables, profile: str, verdicts: pd.DataFrame
) -> list[Mapping[str, Any]]:
    tunings = study.tunings.get(profile, ())
    if not tunings or tables.trials.empty:
        return []
    others = judge(study, at_common_rates(tables, tunings))
    names = ["claim", "case"]
    both = verdicts[[*names, "verdict"]].merge(
        others[[*names, "verdict"]].rename(columns={"verdict": "common"}),
        on=names,
        validate="one_to_one",
    )
    return both[both["verdict"] != both["common"]].to_dict("records")


def _data(
    study: Study, tables: Tables, verdicts: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    claims = {claim.id: claim for claim in study.claims}
    effects = verdicts.assign(
        quantity=verdicts["claim"].map(lambda name: claims[name].quantity),
        unit=verdicts["claim"].map(lambda name: claims[name].unit),
        kind=verdicts["claim"].map(lambda name: str(claims[name].kind)),
        criterion=verdicts["claim"].map(lambda name: claims[name].criterion),
    )
    rows = tables.measurements
    of_layers = rows["layer"].notna()
    return {
        "effects": effects,
        "trials": _with_decay(tables).assign(
            is_tuning=lambda trials: trials["seed"] >= TUNING_SEEDS
        ),
        "layers": _measures_as_columns(rows[of_layers], ["key", "epoch", "layer"]),
        "epochs": _measures_as_columns(rows[~of_layers], ["key", "epoch"]),
    }


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
