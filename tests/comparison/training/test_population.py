"""Populations that train: their parts, and what a member feels of the others."""

import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.training import part_sizes
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import assert_equal_tables

SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


def test_members_do_not_feel_each_other_even_when_one_is_lost():
    wild = Trial(
        activation="relu", seed=0, **SMALL | {"optimizer": "sgd"}, learning_rate=1e30
    )
    tame = Trial(
        activation="relu", seed=1, **SMALL | {"optimizer": "sgd"}, learning_rate=0.1
    )
    together = training.train([wild, tame])
    lost, kept = together.trials.itertuples()
    if lost.seed:
        lost, kept = kept, lost
    assert lost.diverged and not kept.diverged
    alone = training.train([tame])
    assert kept.test_loss == pytest.approx(alone.trials.test_loss[0], rel=1e-6)
    # What is lost stays in the tables.
    assert (together.measurements.key == lost.key).sum() == (
        together.measurements.key == kept.key
    ).sum()


@pytest.mark.parametrize("jit_compile", [False, True])
def test_what_fills_up_the_last_part_is_in_no_table(monkeypatch, jit_compile):
    monkeypatch.setattr(part_sizes, "part_size", lambda *_, **__: 3)
    trials = [
        Trial(activation="prelu", seed=seed, **SMALL | {"patience": 1}, learning_rate=r)
        for seed, r in enumerate((1e-3, 1e-2, 0.5, 1.0))
    ]
    in_parts = training.train(trials, jit_compile=jit_compile)
    monkeypatch.setattr(part_sizes, "part_size", lambda *_, **__: 4)
    at_once = training.train(trials, jit_compile=jit_compile)
    assert list(in_parts.trials["key"]) == list(at_once.trials["key"])
    assert_equal_tables(in_parts, at_once, GROWN)
    assert len(in_parts.outputs) == len(at_once.outputs)
