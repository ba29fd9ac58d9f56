"""Splits in which each class keeps its share, and no example is lost."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_rectifiers.comparison.data import datasets, splits
from tests.comparison.data.made_up_files import saved


def test_digits_are_split_once_and_for_all():
    digits = datasets.load("digits")
    sizes = [len(digits.y_train), len(digits.y_validation), len(digits.y_test)]
    assert sizes == [1257, 180, 360]
    assert digits.x_train.shape == (1257, 8, 8, 1)
    assert digits.num_classes == 10


def test_the_splits_are_stratified_and_hold_every_image_once():
    digits = datasets.load("digits")
    for labels in (digits.y_train, digits.y_validation, digits.y_test):
        shares = np.bincount(labels, minlength=10) / len(labels)
        assert np.abs(shares - 0.1).max() < 0.02
    labels = np.concatenate([digits.y_train, digits.y_validation, digits.y_test])
    assert np.array_equal(np.bincount(labels), np.bincount(load_digits().target))
    images = np.concatenate([digits.x_train, digits.x_validation, digits.x_test])
    distinct = len(np.unique(load_digits().images.reshape(1797, -1), axis=0))
    assert len(np.unique(images.reshape(1797, -1), axis=0)) == distinct


def test_a_seed_draws_all_splits_of_the_digits_anew():
    drawn = [datasets.load("digits", split_seed=seed) for seed in (0, 1, 1)]
    for digits in drawn:
        sizes = [len(digits.y_train), len(digits.y_validation), len(digits.y_test)]
        assert sizes == [1257, 180, 360]
        labels = np.concatenate([digits.y_train, digits.y_validation, digits.y_test])
        assert np.array_equal(np.bincount(labels), np.bincount(load_digits().target))
        for part in (digits.y_train, digits.y_validation, digits.y_test):
            assert np.abs(np.bincount(part) / len(part) - 0.1).max() < 0.02
        # The scale is that of its own training split.
        x = digits.x_train.astype(np.float64)
        np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-6)
        assert np.isclose(x.std(axis=0), 1).sum() == (x.std(axis=0) > 0).sum()
    one, other, same = drawn
    assert np.array_equal(other.x_test, same.x_test)
    assert len({one.checksum, other.checksum, datasets.load("digits").checksum}) == 3
    # Of 360 test images about a fifth would be shared by chance.
    images = load_digits().images
    tested = [set(splits.digits(load_digits().target, seed).test) for seed in (0, 1)]
    assert 40 < len(tested[0] & tested[1]) < 110 and len(images) == 1797


def test_a_seed_draws_the_training_examples_anew_where_the_test_split_is_published(
    folders,
):
    path = saved(folders)
    fixed = datasets.load(path, train_size=20, inputs="raw")
    drawn = [
        datasets.load(path, train_size=20, inputs="raw", split_seed=seed)
        for seed in (0, 1)
    ]
    for one in drawn:
        assert np.array_equal(one.x_test, fixed.x_test)
        assert abs(np.bincount(one.y_train) - [5, 5, 10]).max() <= 1
        assert abs(np.bincount(one.y_validation) - [1.5, 1.5, 3]).max() <= 0.5
    assert not np.array_equal(*(one.x_train for one in drawn))
    # One scale for all of them, so that they share one test split.
    scaled = [datasets.load(path, train_size=20, split_seed=seed) for seed in (0, 1)]
    assert np.array_equal(*(one.x_test for one in scaled))


def test_a_subset_is_stratified_and_leaves_the_test_split_alone(folders):
    path = saved(folders)
    whole = datasets.load(path)
    some = datasets.load(path, train_size=20)
    assert abs(np.bincount(some.y_train) - [5, 5, 10]).max() <= 1
    assert len(some.y_train) == 20
    assert np.array_equal(some.y_validation, whole.y_validation)
    assert np.array_equal(some.y_test, whole.y_test)
    np.testing.assert_allclose(some.x_train.std(dtype=float), 1, atol=1e-6)
    # Its own scale; and its own order, or the first examples would be probed only.
    others = [datasets.load(path, train_size=20, subset_seed=seed) for seed in (0, 1)]
    assert np.array_equal(others[0].x_train, some.x_train)
    assert not np.array_equal(others[1].x_train, some.x_train)
    assert len({whole.checksum, some.checksum, others[1].checksum}) == 3


def test_all_of_the_training_split_is_no_choice(folders):
    path = saved(folders)
    every = datasets.load(path, train_size=54)
    np.testing.assert_allclose(
        np.sort(every.x_train.ravel()), np.sort(datasets.load(path).x_train.ravel())
    )


@pytest.mark.parametrize(
    ("counts", "size", "expected"),
    [
        ((5, 3, 2), 4, [2, 1, 1]),  # shares of 2, 1.2 and 0.8
        ((5, 5, 5), 7, [3, 2, 2]),  # 2.33 each: rounded alone they would be 6
        ((7, 2, 1), 5, [4, 1, 0]),  # 3.5, 1 and 0.5: of equals the first class
        ((4, 0, 4), 8, [4, 0, 4]),
        ((4, 0, 4), 0, [0, 0, 0]),
    ],
)
def test_what_rounding_leaves_over_goes_to_the_largest_remainders(
    rng, counts, size, expected
):
    labels = np.repeat([0, 1, 2], counts)
    drawn, rest = splits.stratified(labels, size, rng)
    assert np.bincount(labels[drawn], minlength=3).tolist() == expected
    assert sorted([*drawn, *rest]) == list(range(sum(counts)))


def test_examples_are_drawn_at_random_and_stand_in_random_order(rng):
    labels = np.repeat([0, 1], 50)
    pairs = [splits.stratified(labels, 40, rng) for _ in range(200)]
    times = np.bincount(np.concatenate([drawn for drawn, _ in pairs]), minlength=100)
    # 80 of 200 times each, give or take 4.5 standard deviations.
    assert np.abs(times - 80).max() < 4.5 * np.sqrt(200 * 0.4 * 0.6)
    for part in range(2):
        first = labels[[pair[part][0] for pair in pairs]]
        assert first.mean() == pytest.approx(0.5, abs=0.15)  # classes are mixed
        assert not any((np.diff(pair[part]) > 0).all() for pair in pairs)


@pytest.mark.parametrize(("number", "for_validation"), [(20, 2), (21, 3), (30, 3)])
def test_a_tenth_rounded_up_is_for_validation_and_the_same_each_time(
    number, for_validation
):
    labels = np.arange(number) % 2
    train, validation = splits.train_and_validation(labels)
    assert len(validation) == for_validation
    assert sorted([*train, *validation]) == list(range(number))
    for one, other in zip(
        splits.train_and_validation(labels), (train, validation), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_a_subset_takes_indices_of_its_split_and_all_if_it_is_no_larger():
    labels = np.arange(40) % 2
    split = np.arange(39, 9, -1)
    drawn = splits.subset(labels, split, 10, seed=3)
    assert len(set(drawn)) == 10 and set(drawn) <= set(split)
    assert np.bincount(labels[drawn]).tolist() == [5, 5]
    np.testing.assert_array_equal(drawn, splits.subset(labels, split, 10, seed=3))
    assert not np.array_equal(drawn, splits.subset(labels, split, 10, seed=4))
    for size in (30, 31):
        np.testing.assert_array_equal(splits.subset(labels, split, size, 3), split)
