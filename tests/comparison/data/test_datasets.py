"""Data sets split and scaled, and the trials that they suit."""

import re

import numpy as np
import pytest

from keras_rectifiers.comparison.data import curve, datasets
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.data.made_up_files import made_up, saved

pytestmark = pytest.mark.usefixtures("folders")


def test_the_data_and_their_checksum_cannot_be_changed_unnoticed():
    digits = datasets.load("digits")
    with pytest.raises(ValueError, match="read-only"):
        digits.x_train[0] = 0
    assert digits.checksum.startswith("bdc6a3c8ee8a45c7")


def test_a_file_of_ones_own_is_split_by_class_and_scaled_by_its_training_split(folders):
    arrays = made_up(shape=(4, 4, 3))
    own = datasets.load(saved(folders, **arrays))
    assert own.x_train.shape == (54, 4, 4, 3) and own.x_train.dtype == np.float32
    assert own.x_validation.shape == (6, 4, 4, 3)
    assert own.num_classes == 3
    shares = [np.bincount(y) for y in (own.y_train, own.y_validation)]
    assert abs(shares[1] - [1.5, 1.5, 3]).max() <= 0.5
    assert np.array_equal(sum(shares), np.bincount(arrays["y_train"]))
    # The order of the examples is random, each keeps its label, none is lost.
    x = np.concatenate([own.x_train, own.x_validation])
    y = np.concatenate([own.y_train, own.y_validation])
    train = own.x_train.astype(np.float64)
    np.testing.assert_allclose(train.mean(axis=(0, 1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(train.std(axis=(0, 1, 2)), 1, atol=1e-6)
    first = arrays["x_train"].reshape(60, -1)[:, 0]
    scale = np.polyfit(
        arrays["x_test"][..., 0].ravel(), own.x_test[..., 0].ravel(), deg=1
    )
    back = (x[:, 0, 0, 0] - scale[1]) / scale[0]
    np.testing.assert_allclose(
        sorted(zip(back.round(), y, strict=True)),
        sorted(zip(first, arrays["y_train"], strict=True)),
    )
    assert not np.array_equal(y[:12], np.tile([0, 1, 2, 2], 3))
    assert np.array_equal(own.y_test, arrays["y_test"])


def test_an_unknown_scaling_is_refused():
    message = "inputs must be one of 'standardised', 'unit', 'raw'. Received: 'scaled'."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load("digits", inputs="scaled")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"architecture": "cnn"},
            "Trial's architecture 'cnn' needs images. The data set {path!r} has 5 "
            "features; use 'mlp'.",
        ),
        (
            {"batch_size": 55},
            "Trial's batch_size must be at most the 54 training examples of {path!r}. "
            "Received: 55.",
        ),
        (
            {"train_size": 10},
            "Trial's probe_size must be at most the 10 training examples of {path!r}. "
            "Received: 54.",
        ),
    ],
)
def test_data_that_do_not_suit_a_trial_are_refused(folders, settings, message):
    x = np.random.default_rng(0).normal(size=(60, 5))
    path = saved(folders, x_train=x, x_test=x[:20])
    fitting = {"dataset": path, "batch_size": 10, "probe_size": 54}
    assert datasets.describe(Trial(**fitting)).input_shape == (5,)
    message = re.escape(message.format(path=path))
    for function in (datasets.describe, datasets.load_for):
        with pytest.raises(ValueError, match=f"^{message}$"):
            function(Trial(**fitting | settings))


@pytest.mark.parametrize(("name", "size"), [("digits", 1797 * 2), ("own", 80)])
def test_a_pool_holds_the_examples_of_all_seeds_as_each_has_them(folders, name, size):
    path = name if name == "digits" else saved(folders)
    net = {"dataset": path, "batch_size": 10, "probe_size": 20, "split": "by_seed"}
    trials = [Trial(**net, seed=seed) for seed in (5, 3, 5)]
    pool = datasets.pool(trials)
    # Digits once for each seed, in the scale of its training split.
    assert len(pool.x) == len(pool.y) == size
    for trial, split in zip(trials, pool.splits, strict=True):
        alone = datasets.load_for(trial)
        for part, rows in split._asdict().items():
            np.testing.assert_array_equal(pool.x[rows], getattr(alone, f"x_{part}"))
            np.testing.assert_array_equal(pool.y[rows], getattr(alone, f"y_{part}"))


def test_a_pool_of_fixed_splits_holds_one_copy_in_the_order_of_the_data():
    trials = [Trial(seed=seed) for seed in range(3)]
    pool = datasets.pool(trials)
    digits = datasets.load("digits")
    assert len(pool.x) == 1797
    for split in pool.splits:
        np.testing.assert_array_equal(pool.x[split.train], digits.x_train)
        np.testing.assert_array_equal(pool.y[split.test], digits.y_test)


def test_targets_that_are_numbers_are_split_at_random_and_keep_their_examples():
    drawn = [datasets.load("curve", inputs="raw", split_seed=s) for s in (0, 1)]
    for data in drawn:
        assert (data.num_classes, data.num_outputs) == (0, 1)
        assert data.y_train.shape == (90, 1) and data.y_validation.shape == (10, 1)
        assert data.y_train.dtype == np.float32
        x = np.concatenate([data.x_train, data.x_validation])
        y = np.concatenate([data.y_train, data.y_validation])
        order = np.argsort(x[:, 0])
        np.testing.assert_array_equal(x[order], curve.make()["x_train"])
        np.testing.assert_array_equal(y[order], curve.make()["y_train"])
    assert drawn[0].checksum != drawn[1].checksum
    assert len(datasets.load("curve", train_size=2, inputs="raw").y_train) == 2
    message = (
        r"or from 1 to 90 \(the number of its training examples\)\. Received: 91\."
    )
    with pytest.raises(ValueError, match=message):
        datasets.load("curve", train_size=91)
