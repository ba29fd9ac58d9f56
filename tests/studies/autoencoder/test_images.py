"""Which nets are shown by images, on made-up tables."""

import dataclasses

import pytest

from keras_rectifiers.comparison.figures import NothingToDraw
from studies.autoencoder import STUDY, images
from tests.studies.autoencoder.made_up_codes import tables_of
from tests.studies.made_up_studies import made_up_tables


def weights(trial):
    """Two values of each weight, told apart by the learning rate."""
    if trial.seed == 0:
        for layer in (0, 1):
            for name in ("kernel", "bias"):
                for index in (1, 0):
                    yield layer, name, index, index + trial.learning_rate


def test_one_net_of_each_code_is_shown_and_that_of_relu_with_a_penalty_too():
    tables = made_up_tables(STUDY, outputs=weights)
    shown = list(images._shown(tables))
    titles = [title for title, _, _ in shown]
    assert titles == ["ReLU", "ReLU, L1 0.001", "tanh", "sigmoid"]
    for _, net, arrays in shown:
        rate = net["learning_rate"]
        # In the order of their indices, whatever that of the rows.
        assert [a.tolist() for a in arrays] == [pytest.approx([rate, 1 + rate])] * 4


def test_nets_whose_weights_have_not_been_kept_are_not_shown():
    tables = tables_of(lambda trial: 0.5)
    with pytest.raises(NothingToDraw):
        images._features(tables)
    part = made_up_tables(STUDY, outputs=weights)
    no_bias = part.outputs[part.outputs["name"] != "bias"]
    assert not list(images._shown(dataclasses.replace(part, outputs=no_bias)))
