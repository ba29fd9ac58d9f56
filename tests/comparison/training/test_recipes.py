"""Nets that follow a recipe, against a plain loop written from the chapter's words."""

import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import recipes
from keras_rectifiers.comparison.trials.recipes import RECIPES
from keras_rectifiers.comparison.trials.trial import Trial

STEPS = {"inputs": "raw", "depth": 1, "optimizer": "sgd", "batch_size": 1}
CURVE = {"dataset": "curve", "recipe": "curve", "width": 30, **STEPS}
CIRCLE = {"dataset": "circle", "recipe": "leaky_first", "width": 20, **STEPS}
# Float32 against float64, after thousands of steps.
GROWN = 1e-4


def in_the_order_of_the_data(data) -> tuple[np.ndarray, np.ndarray]:
    """The training points of the curve along x."""
    order = np.argsort(data.x_train[:, 0])
    return data.x_train[order], data.y_train[order]


def plainly_trained(trial: Trial, x, y, draws, num_rounds: int, factor: float):
    """Weights after gradient descent on the squared error, one example a step.

    Args:
        trial: gives the initial weights, the rate and the activation.
        x, y: the points, in the order of the data set.
        draws: the random rounds, each with the indices that it takes.
        num_rounds: all rounds.
        factor: of the rate, after each round in order.
    """
    model = architectures.build(trial, datasets.describe(trial))
    w, b, v, c = (
        ops.convert_to_numpy(value).astype(np.float64) for value in model.weights
    )
    rate = trial.learning_rate
    for number in range(num_rounds):
        slope = 0.1 if trial.recipe == "leaky_first" and number < 300 else 0.0
        is_random = number < len(draws)
        for i in draws[number] if is_random else range(len(x)):
            z = x[i] @ w + b
            h = np.where(z > 0, z, slope * z)
            error = 2 * (h @ v[:, 0] + c[0] - y[i])
            back = error * v[:, 0] * np.where(z > 0, 1.0, slope)
            v[:, 0] -= rate * error * h
            c -= rate * error
            w -= rate * np.outer(x[i], back)
            b -= rate * back
        if not is_random:
            rate *= factor
    return w, b, v, c


def stored(tables, trial: Trial) -> list[np.ndarray]:
    """The weights that the tables have of a seed, as `plainly_trained` has them."""
    key = tables.trials.set_index("seed")["key"][trial.seed]
    rows = tables.outputs[tables.outputs["key"] == key].sort_values("index")
    found = rows.groupby(["layer", "name"])["value"].apply(np.array)
    return [
        found[0, "kernel"].reshape(-1, trial.width),
        found[0, "bias"],
        found[1, "kernel"].reshape(-1, 1),
        found[1, "bias"],
    ]


@pytest.mark.parametrize(
    ("epochs", "train_size"), [(2, 20), pytest.param(4, 0, marks=pytest.mark.slow)]
)
def test_the_net_of_the_curve_is_that_of_a_plain_loop(epochs, train_size):
    settings = CURVE | {"epochs": epochs, "train_size": train_size, "probe_size": 20}
    trials = [Trial(learning_rate=3e-4, seed=seed, **settings) for seed in (0, 1)]
    tables = training.train(trials, jit_compile=False)
    x, y = in_the_order_of_the_data(datasets.load_for(trials[1]))
    # The draws are of the training split, whose order is random.
    place = np.argsort(np.argsort(datasets.load_for(trials[1]).x_train[:, 0]))
    draws = [place[recipes.random_round(1, len(x), number)] for number in range(30)]
    wanted = plainly_trained(trials[1], x, y[:, 0], draws, 30 * epochs, 0.995)
    for found, value in zip(stored(tables, trials[1]), wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=GROWN, atol=GROWN)
    assert tables.measurements["epoch"].max() == epochs
    assert not tables.trials["diverged"].any()


@pytest.mark.slow
def test_the_net_of_the_circle_is_that_of_a_plain_loop_with_leaky_relu_first():
    """It has 350 rounds, because the first 300 are with leaky ReLU."""
    settings = CIRCLE | {"epochs": 7, "train_size": 40, "probe_size": 40}
    trials = [Trial(learning_rate=0.01, seed=seed, **settings) for seed in (0, 1)]
    tables = training.train(trials, jit_compile=False)
    pool = datasets.pool(trials)
    train = np.sort(pool.splits[1].train)
    wanted = plainly_trained(trials[1], pool.x[train], pool.y[train], [], 350, 0.9999)
    for found, value in zip(stored(tables, trials[1]), wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=GROWN, atol=GROWN)
    rows = tables.measurements[tables.measurements["measure"] == "train_loss"]
    own = rows[rows["key"] == tables.trials["key"][1]]
    assert sorted(own["epoch"]) == [1, 2, 3, 4, 5, 6, 7]
    # An accuracy by hand: the output of a net that says 1 is above one half.
    w, b, v, c = wanted
    x, y = (array[pool.splits[1].test] for array in (pool.x, pool.y))
    says = (np.maximum(x @ w + b, 0) @ v + c)[:, 0] > 0.5
    row = tables.trials.set_index("seed").loc[1]
    assert row["test_accuracy"] == pytest.approx(np.mean(says == y), abs=2e-3)


def test_the_rate_falls_after_each_round_that_is_not_constant():
    rate = recipes.RateByRound(0.5, 0.9, steps=4, begin=1, constant=2)
    found = [float(rate(ops.convert_to_tensor(step))) for step in range(16)]
    # The first round is over, the second is constant still.
    wanted = np.repeat([0.5, 0.5, 0.45, 0.405], 4)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_random_rounds_draw_with_replacement_and_by_the_seed():
    drawn = [recipes.random_round(seed, 50, n) for seed, n in ((0, 0), (0, 1), (1, 0))]
    assert all(len(set(one)) < 50 and set(one) <= set(range(50)) for one in drawn)
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_an_epoch_has_all_its_rounds_in_the_order_of_the_data():
    train = np.array([7, 3, 9])
    order = recipes.order(RECIPES["shape"], {4: train})(4, 3, 2)
    assert order.shape == (150, 1)
    assert train[order[:6, 0]].tolist() == [3, 7, 9, 3, 7, 9]


def test_initial_weights_lie_within_the_range_of_the_recipe_biases_too():
    trial = Trial(**CURVE, probe_size=90, seed=3)
    model = architectures.build(trial, datasets.describe(trial))
    w, b, v, c = map(ops.convert_to_numpy, model.weights)
    for values in (w, b, v):
        assert 2.0 < np.abs(values).max() <= 2.5 and abs(values.mean()) < 1.3
    assert 0 < abs(c.item()) <= 2.5
