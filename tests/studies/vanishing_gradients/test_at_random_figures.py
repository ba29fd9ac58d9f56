"""What figures of the gradient show of nets that have lost it."""

import pytest

from studies.vanishing_gradients import STUDY
from tests.studies.made_up_studies import below, made_up_tables


@pytest.mark.parametrize("figure", ["decay", "depth", "training", "cnn-decay"])
def test_no_figure_shows_the_decay_of_a_net_with_a_layer_without_gradient(figure):
    def measures(trial, epoch, layer):
        lost = trial.activation == "relu" and trial.seed == 1 and layer == 0
        return {"signal_gradient": 0.0 if lost else 1.0}

    tables = made_up_tables(STUDY, measures)
    said = below(STUDY, figure, tables)
    assert "ReLU 9 of 10" in said
    assert "tanh" not in said
