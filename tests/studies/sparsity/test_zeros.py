"""Shares of zeros of nets: of every activation, and of no net that lost a layer."""

import numpy as np
import pandas as pd
import pytest

from studies.sparsity.zeros import exact_zeros, labelled, mean_of_nets, of_all
from tests.studies.made_up_studies import below, made_up_tables
from tests.studies.sparsity.made_up_zeros import SHARES, STUDY, zeros


@pytest.mark.parametrize("figure", ["exact-zeros", "training"])
def test_no_figure_shows_the_sparsity_of_a_net_that_is_lost_in_a_layer(figure):

    def measures(trial, epoch, layer):
        values = zeros(SHARES)(trial, epoch, layer)
        lost = trial.activation == "relu" and trial.seed == 1 and layer == 0
        return dict.fromkeys(values, np.nan) if lost else values

    tables = made_up_tables(STUDY, measures)
    assert " 9 of 10" in below(STUDY, figure, tables)


def test_zeros_of_every_activation_are_averaged_over_the_layers_of_each_net():
    def measures(trial, epoch, layer):
        if trial.activation == "relu":
            return {"sparsity": 0.1 * (epoch + 1) if layer else 0.4, "other": 9.0}
        return {"exact_zeros_by_underflow": 0.2 if layer or trial.seed else np.nan}

    tables = made_up_tables(STUDY, measures, num_seeds=2)
    rows = mean_of_nets(exact_zeros(tables))
    assert not rows.duplicated(["key", "epoch"]).any() and "layer" not in rows
    assert set(rows["key"]) == set(tables.trials["key"])
    starts = rows[(rows["epoch"] == 0) & (rows["depth"] == 10)]
    relu = starts[starts["activation"] == "relu"]["value"]
    assert relu.to_list() == pytest.approx([(0.4 + 9 * 0.1) / 10] * 2)
    tanh = starts[starts["activation"] == "tanh"].sort_values("seed")["value"]
    assert tanh.to_list() == pytest.approx([np.nan, 0.2], nan_ok=True)


def test_nets_have_their_names_for_the_titles_of_panels():
    nets = pd.DataFrame({"architecture": ["mlp", "cnn"], "depth": [10, 8]})
    assert labelled(nets)["net"].to_list() == ["MLP, 10 layers", "CNN, 8 layers"]
    assert labelled(nets.iloc[:0])["net"].to_list() == []


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "none"), (0.0004, "0.0%"), (0.5, "50.0%"), (1.0, "100.0%")],
)
def test_no_zeros_at_all_are_told_from_few(share, text):
    assert of_all(share) == f"{text} of the activations are exactly 0"
