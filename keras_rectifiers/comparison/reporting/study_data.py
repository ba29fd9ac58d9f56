"""The data of a study's page: the frames that are written as files beside it."""

import pandas as pd

from keras_rectifiers.comparison.reporting.rate_report import RateReport
from keras_rectifiers.comparison.statistics import after_training, decay
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.common_rates import contrary

# What grows with the number of trials; the others are small.
LARGE = ("trials", "layers", "epochs")


def study_data(
    study: Study,
    tables: Tables,
    verdicts: pd.DataFrame,
    along: pd.DataFrame,
    at_rates: pd.DataFrame,
    rates: RateReport | None,
) -> dict[str, pd.DataFrame]:
    """The frames of a study: name of the file -> frame.

    Args:
        study: the study.
        tables: the tables of its trials.
        verdicts: as `judge` returns them.
        along: as `judge_along_epochs` returns them.
        at_rates: as `judge_at_common_rates` returns them.
        rates: its nets that are compared at their best learning rates, if it has any.
    """
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
    if len(along):
        found["along_epochs"] = along
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
