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


def test_how_far_nets_spread_is_told_in_decades_of_the_middle_of_them():
    def measures(trial, epoch, layer):
        # One net in ten is a hundred times the others where it varies most.
        spread = {"signal_gradient": 29 - layer, "activation_std": layer}
        return {
            name: 10.0 ** (trial.seed / 9 * most / 29) for name, most in spread.items()
        }

    figure = next(f for f in STUDY.figures if f.name == "spread")
    assert figure.finding is not None
    said = figure.finding(made_up_tables(STUDY, measures))
    assert "varies by 0.80 decades at layer 0 and by 0.00 at layer 29" in said
    assert said.endswith("activations varies by 0.00 and 0.80.")


def test_the_decay_that_changes_most_with_the_depth_is_told():
    def measures(trial, epoch, layer):
        decay = 0.1 if trial.activation == "elu" and trial.depth == 30 else 0.02
        return {"signal_gradient": 10.0 ** (decay * layer)}

    figure = next(f for f in STUDY.figures if f.name == "depth")
    assert figure.finding is not None
    said = figure.finding(made_up_tables(STUDY, measures))
    assert said.startswith(
        "From 10 to 30 layers, the gradient decay changes most for elu"
    )
    assert said.endswith("from −0.020 to −0.100 decades per layer.")
