"""The weights of auto-encoders, which are kept with their outputs."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.training import kept_weights
from keras_rectifiers.comparison.trials.trial import Trial

TRIAL = Trial(
    dataset="noisy_digits",
    inputs="raw",
    depth=1,
    width=4,
    batch_size=256,
    epochs=2,
    probe_size=8,
)


def test_the_weights_kept_of_a_trained_net_give_its_error():
    seeds = [dataclasses.replace(TRIAL, seed=seed) for seed in (1, 0)]
    tables = training.train(seeds)
    (trial,) = where(tables.trials, seed=0).to_dict("records")
    assert set(tables.outputs["key"]) == {trial["key"]}
    encoder, bias, decoder, offset = (
        where(tables.outputs, layer=layer, name=name)["value"].to_numpy()
        for layer in (0, 1)
        for name in ("kernel", "bias")
    )
    data = datasets.load_for(TRIAL)
    x = data.x_test.reshape(-1, 64)
    code = np.maximum(x @ encoder.reshape(64, 4) + bias, 0)
    error = np.mean((code @ decoder.reshape(4, 64) + offset - data.y_test) ** 2)
    assert trial["test_loss"] == pytest.approx(error, rel=1e-4)


def test_the_weights_are_those_of_seed_0_in_order():
    trials = [dataclasses.replace(TRIAL, seed=seed) for seed in (2, 0)]
    values = {
        "a/kernel": np.arange(12.0).reshape(2, 3, 2),
        "b/kernel": np.arange(4.0).reshape(2, 2, 1),
        "b/seed": np.zeros((2, 2)),
    }
    found = kept_weights.weights(trials, values)
    assert set(found["member"]) == {1} and set(found["epoch"]) == {2}
    assert list(found["value"]) == [6, 7, 8, 9, 10, 11, 2, 3]
    assert list(found["layer"]) == [0] * 6 + [1] * 2
    assert list(found["index"]) == [*range(6), *range(2)]
