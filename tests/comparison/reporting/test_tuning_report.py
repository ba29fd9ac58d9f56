"""The learning rates on a study's page, and how they were chosen."""

import dataclasses

import pandas as pd

from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.reporting.study_report import read_study
from tests.comparison.reporting.made_up_reports import DATE, VERSIONS, tuned_study
from tests.comparison.reporting.strict_pages import Page


def test_the_page_shows_the_chosen_rates_beside_the_common_one(tmp_path):
    study, tables = tuned_study()
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "tuned" / "index.html").words()
    assert (
        "relu 0.01 100% of resamples 0.900 0.900 to 0.900 0 of 8 lost "
        "0.800 0.800 to 0.800 0 of 8 lost "
        # A diverged net may have had any accuracy.
        "sigmoid 0.1† 100% of resamples 0.900 0.000 to 1.000 1 of 8 lost "
        "0.800 0.000 to 1.000 1 of 8 lost"
    ) in words
    assert "is still at its edge: MLP of 3 layers: sigmoid." in words
    assert "Sensitivity to the learning rate" in words
    curves = pd.read_csv(tmp_path / "tuned" / "learning_rates.csv")
    assert len(curves) == 6
    assert curves.loc[curves["is_chosen"], "learning_rate"].tolist() == [0.01, 0.1]


def test_the_caption_of_the_rates_tells_how_many_seeds_chose():
    study, tables = tuned_study()
    (tuning,) = study.tunings["quick"]
    other = dataclasses.replace(tuning, title="more", num_tuning_seeds=7, num_rounds=1)
    both = dataclasses.replace(study, tunings={"quick": [other, tuning]})
    (drawing,) = read_study(both, tables, "quick").sensitivity
    assert "from 3 or 7 separate tuning seeds" in drawing.caption
    assert "up to 1 time." in drawing.caption


def test_a_search_that_is_not_finished_is_no_table_but_is_said(tmp_path):
    study, tables = tuned_study()
    is_there = tables.trials["key"] != tables.trials["key"].iloc[0]
    part = dataclasses.replace(tables, trials=tables.trials[is_there])
    write([(study, part)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "tuned" / "index.html").words()
    assert "1 of the 50 trials of this profile is missing" in words
    assert "at its best rate" not in words
