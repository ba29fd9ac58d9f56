"""Nets that are trained one at a time, by fit."""

import dataclasses

import keras
import pytest
import tensorflow as tf

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import one_by_one
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import (
    assert_equal_tables,
    keep,
    train_alone,
)

DIGITS = datasets.load("digits")
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


def made_up_activation(function):
    return dataclasses.replace(
        CATALOGUE["tanh"],
        settings={"activation": function},
        bounded=False,
    )


def squash(z):
    """z / sqrt(1 + z^2), by an operation for which TensorFlow has no other way."""
    return tf.reshape(tf.nn.lrn(z[:, None, None, :], depth_radius=0), tf.shape(z))


def by_condition(z):
    return tf.cond(tf.reduce_mean(z) > 0, lambda: tf.tanh(z), lambda: z)


@pytest.mark.parametrize("squash", [squash, by_condition])
def test_what_cannot_be_vectorised_is_trained_one_at_a_time(monkeypatch, squash):
    monkeypatch.setitem(CATALOGUE, "squash", made_up_activation(squash))
    settings = SMALL | {"depth": 1, "epochs": 1, "initializer": "he"}
    trials = [Trial(activation="squash", seed=s, **settings) for s in range(2)]
    other = Trial(activation="relu", **settings)
    tables = training.train([trials[0], other, trials[1]])
    modes = tables.trials.groupby("activation")["mode"].apply(list).to_dict()
    assert modes == {"squash": ["fit", "fit"], "relu": ["tensorflow-graph"]}
    alone = train_alone(trials[-1:])
    assert_equal_tables(keep(tables, trials[-1:]), alone, GROWN)


def test_an_error_of_the_net_itself_is_not_taken_for_a_lack_of_vectorisation(
    monkeypatch,
):
    def wrong(z):
        raise ValueError("The net is wrong.")

    built_right = made_up_activation(keras.activations.tanh)
    monkeypatch.setitem(CATALOGUE, "wrong", built_right)
    monkeypatch.setattr(one_by_one, "train", lambda *_, **__: pytest.fail("was hidden"))
    build = architectures.build

    def build_wrong(trial, dataset):
        model = build(trial, dataset)
        model.layers[2].activation = wrong
        return model

    monkeypatch.setattr(architectures, "build", build_wrong)
    trial = Trial(activation="wrong", **SMALL | {"initializer": "he"})
    with pytest.raises(ValueError, match=r"The net is wrong\."):
        training.train([trial])
