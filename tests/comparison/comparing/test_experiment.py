"""What is trained, in which parts, and under which keys it is kept."""

import dataclasses

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.experiment import Part
from keras_rectifiers.comparison.comparing.splitting import split_for
from keras_rectifiers.comparison.training.by_fit import train
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.training.task import Member, Task
from tests.comparison.comparing.made_up_work import (
    build_model,
    compiled,
    data,
    experiment,
)


def test_parts_finish_seeds_in_their_order_for_all_activations():
    made = experiment(seeds=[5, 6, 7])
    assert made.parts(at_once=2) == [
        Part(activation="relu", seeds=(5, 6)),
        Part(activation="tanh", seeds=(5, 6)),
        Part(activation="relu", seeds=(7,)),
        Part(activation="tanh", seeds=(7,)),
    ]
    assert [part.seeds for part in made.parts()] == [(5, 6, 7)] * 2
    assert str(made.parts()[0]) == "relu, seeds 5 to 7"


def test_what_is_done_is_not_trained_again_but_seeds_are_trained_whole():
    made = experiment(seeds=[5, 6])
    done = {made.key("relu", 5, rate) for rate in made.rates}
    done |= {made.key("tanh", 6, 0.01)}
    assert made.parts(done) == [
        Part(activation="relu", seeds=(6,)),
        Part(activation="tanh", seeds=(5, 6)),
    ]
    assert made.parts(made.keys()) == []
    assert len(made.keys()) == 8


def test_keys_change_with_all_that_changes_the_tables():
    made = experiment()
    x, y = data()
    others = [
        experiment(compiled()),
        experiment(compiled(optimizer="adam")),
        experiment(given=(x + 1, y)),
        experiment(given=((x, y), (x, y), (x, y))),
        *(
            dataclasses.replace(made, **{name: value})
            for name, value in {
                "epochs": 2,
                "batch_size": 5,
                "patience": 1,
                "measures": {"relu": True, "tanh": True},
                "version": "2",
            }.items()
        ),
    ]
    keys = {other.key("relu", 0, 0.1) for other in [made, *others]}
    assert len(keys) == 1 + len(others)
    own = {
        made.key(*of_one)
        for of_one in (
            ("relu", 0, 0.1),
            ("tanh", 0, 0.1),
            ("relu", 1, 0.1),
            ("relu", 0, 0.2),
        )
    }
    assert len(own) == 4
    assert made.keys() == experiment().keys()


def test_a_change_of_code_that_no_config_shows_changes_the_key():
    def builder(factor):
        def build(activation):
            def scaled(x):
                return factor * x

            return keras.Sequential(
                [
                    keras.Input((4,)),
                    keras.layers.Dense(4),
                    activation(),
                    keras.layers.Activation(scaled),
                    keras.layers.Dense(3),
                ]
            )

        return build

    one, same, other = (experiment(builder(f)) for f in (1.0, 1.0, 2.0))
    assert one.keys() == same.keys()
    assert one.keys().isdisjoint(other.keys())


def test_a_change_of_an_activation_of_ones_own_changes_its_key_alone():
    def given(factor):
        def scaled(x):
            return factor * x

        class Scaled(keras.layers.Layer):
            def call(self, inputs):
                return factor * inputs

        return scaled, Scaled, Scaled(name="mine")

    for one, other in zip(given(1.0), given(2.0), strict=True):
        before, same, after = (
            experiment(build_model, "tanh", activation)
            for activation in (one, one, other)
        )
        name = list(before.builders)[-1]
        assert before.key(name, 0, 0.1) == same.key(name, 0, 0.1)
        assert before.key(name, 0, 0.1) != after.key(name, 0, 0.1)
        assert before.key("tanh", 0, 0.1) == after.key("tanh", 0, 0.1)


def test_with_one_more_activation_what_is_finished_of_the_others_stays():
    few, more = experiment(), experiment(build_model, "tanh", "elu")
    assert few.keys() < more.keys()


def test_the_tables_hold_each_training_under_its_key():
    made = experiment(seeds=[3, 4], measures={"relu": True, "tanh": True})
    told = []
    tables = made.train(made.parts()[1], progress=told.append)
    trials = tables.trials
    assert set(trials["key"]) == {
        made.key("tanh", seed, rate) for seed in (3, 4) for rate in made.rates
    }
    for row in trials.itertuples():
        assert row.key == made.key(row.activation, row.seed, row.learning_rate)
    assert set(tables.measurements["key"]) == set(trials["key"])
    assert {"test_accuracy", "validation_loss", "mode", "diverged"} <= set(trials)
    assert told and told[-1] == 1


def test_the_rate_of_the_optimizer_stands_in_the_table():
    made = experiment(rates=[None])
    tables = made.train(made.parts()[0])
    assert tables.trials["learning_rate"].tolist() == [0.001, 0.001]


def test_members_equal_the_same_seed_trained_alone_by_fit(tolerance):
    made = experiment(epochs=2)
    tables = made.train(made.parts()[0])
    task = Task(
        build=made.builders["relu"],
        data=made.examples.data,
        batch_size=12,
        epochs=2,
        measures=False,
    )
    members = [
        Member(seed=seed, split=split_for(made.examples, seed), learning_rate=rate)
        for seed in (0, 1)
        for rate in (0.01, 0.1)
    ]
    alone = train(task, members, reason="")
    for name in ("train_loss", "validation_loss", "test_accuracy"):
        np.testing.assert_allclose(
            tables.trials[name], alone.outcomes[name], rtol=100 * tolerance
        )


@pytest.mark.parametrize("name", ["gelu", "prelu", "rrelu"])
def test_the_kernels_of_a_seed_do_not_depend_on_the_activation(name):
    made = experiment(build_model, name)
    x = made.examples.data.x[:2]
    drawn = {}
    for activation, builder in made.builders.items():
        recorded = RecordedModel(builder, x)
        values = recorded.values(7)
        drawn[activation] = [
            value
            for variable, value in zip(recorded.model.variables, values, strict=True)
            if variable.name in ("kernel", "bias")
        ]
    for one, other in zip(drawn["relu"], drawn[name], strict=True):
        np.testing.assert_array_equal(one, other)
