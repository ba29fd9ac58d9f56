"""The data beside a study's page."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.reporting.study_report import read_study
from tests.comparison.reporting.made_up_reports import NUM_LAYERS, rate_study


def test_trials_tell_whether_they_are_at_the_best_rate_of_their_seed():
    study, tables = rate_study()
    trials = read_study(study, tables, "quick").data["trials"]
    best = trials[trials["is_at_best_rate"]]
    found = best[~best["diverged"]].groupby("activation")["learning_rate"].unique()
    assert {name: list(rates) for name, rates in found.items()} == {
        "relu": [0.01],
        "sigmoid": [0.1],
    }
    assert len(best) == 16


def test_the_data_beside_a_page_are_whole(folder):
    trials = pd.read_csv(folder / "first" / "trials.csv.gz")
    assert len(trials) == trials["key"].nunique() == 16
    sigmoid = trials[trials["activation"] == "sigmoid"]
    np.testing.assert_allclose(sigmoid["gradient_decay_before"], -0.5, atol=1e-5)
    np.testing.assert_allclose(sigmoid["gradient_decay_after"], -0.5, atol=1e-5)
    assert set(trials["num_layers_left_out_before"]) == {0}
    layers = pd.read_parquet(folder / "first" / "layers.parquet")
    assert list(layers) == ["key", "epoch", "layer", "signal_gradient"]
    assert len(layers) == 16 * 2 * NUM_LAYERS
    epochs = pd.read_csv(folder / "first" / "epochs.csv.gz")
    assert list(epochs) == ["key", "epoch", "train_loss"]
    effects = pd.read_csv(folder / "first" / "effects.csv")
    assert {"claim", "case", "estimate", "low", "high", "n", "unit"} <= set(effects)
