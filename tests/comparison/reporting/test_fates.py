"""What became of the nets of a study."""

import dataclasses

import pandas as pd

from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.trials.store import Tables
from tests.comparison.reporting.made_up_reports import (
    DATE,
    VERSIONS,
    made_up_study,
    made_up_tables,
    planned,
)
from tests.comparison.reporting.strict_pages import Page


def changed(tables: Tables, **columns) -> Tables:
    """The tables with other settings of their trials."""
    return dataclasses.replace(tables, trials=tables.trials.assign(**columns))


def test_what_became_of_the_nets_is_counted_for_each_activation(tmp_path):
    tables = made_up_tables(num_lost=3)
    dead = tables.measurements[
        (tables.measurements["measure"] == "signal_gradient")
        & tables.measurements["key"].isin(["relu-0", "relu-6", "relu-7"])
    ].assign(measure="dead_units", value=1.0)
    # The first one diverged. The last is dead before training only: it lives at the end.
    dead = dead[(dead["key"] != "relu-7") | (dead["epoch"] == 0)]
    tables = dataclasses.replace(
        tables, measurements=pd.concat([tables.measurements, dead])
    )
    read = read_study(made_up_study(), tables, "quick")
    assert read.fates.to_dict("list") == {
        "activation": ["relu", "sigmoid"],
        "num_trained": [8, 8],
        "num_measured": [0, 0],
        "num_diverged": [3, 3],
        "num_dead": [1, 0],
        "num_missing": [2, 2],
    }
    write(
        [(made_up_study(), tables)],
        tmp_path,
        profile="quick",
        date=DATE,
        versions=VERSIONS,
    )
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert "ReLU 8 0 3 1 2 sigmoid 8 0 3 0 2" in words


def test_a_training_that_stopped_early_is_read_where_it_stopped():
    tables = made_up_tables()
    dead = tables.measurements[
        (tables.measurements["measure"] == "signal_gradient")
        & (tables.measurements["key"] == "relu-6")
    ].assign(measure="dead_units", value=1.0)
    stopped = dataclasses.replace(
        tables,
        # Measured after epoch 1, the last, of 5 that its settings allow.
        trials=tables.trials.assign(epochs=5, patience=1),
        measurements=pd.concat([tables.measurements, dead]),
    )
    read = read_study(made_up_study(), stopped, "quick")
    assert read.fates["num_dead"].tolist() == [1, 0]
    expected = read_study(made_up_study(), tables, "quick").data["trials"]
    assert expected["gradient_decay_after"].notna().all()
    pd.testing.assert_series_equal(
        read.data["trials"]["gradient_decay_after"], expected["gradient_decay_after"]
    )


def test_nets_that_are_only_measured_are_neither_trained_nor_dead():
    tables = made_up_tables()
    dead = tables.measurements[
        tables.measurements["measure"] == "signal_gradient"
    ].assign(measure="dead_units", value=1.0)
    tables = dataclasses.replace(
        changed(tables, epochs=[0] * 8 + [3] * 8),
        measurements=pd.concat([tables.measurements, dead]),
    )
    read = read_study(made_up_study(), tables, "quick")
    fates = ("trained", "measured", "diverged", "dead")
    counts = read.fates.set_index("activation")[[f"num_{fate}" for fate in fates]]
    assert counts.loc["relu"].tolist() == [0, 8, 0, 0]
    assert counts.loc["sigmoid"].tolist() == [8, 0, 0, 8]
    assert [read.num(fate) for fate in fates] == [8, 8, 0, 8]
    assert read.epochs == [3]


def test_a_trial_that_is_planned_twice_is_missing_once():
    study = made_up_study(trials={"quick": lambda: [*planned(), *planned()]})
    read = read_study(study, made_up_tables(), "quick")
    assert read.num("missing") == 4
