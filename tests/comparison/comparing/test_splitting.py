"""The splits of a seed."""

import numpy as np

from keras_rectifiers.comparison.comparing.examples import read_examples
from keras_rectifiers.comparison.comparing.splitting import split_for


def data(num, classes=2):
    return np.arange(num, dtype="float32")[:, np.newaxis], np.arange(num) % classes


def test_each_seed_draws_parts_that_together_are_all_examples():
    examples = read_examples(data(100))
    split = split_for(examples, 3)
    assert [len(part) for part in split] == [60, 20, 20]
    assert sorted(np.concatenate(split)) == list(range(100))
    again = split_for(examples, 3)
    assert all(np.array_equal(a, b) for a, b in zip(split, again, strict=True))
    other = split_for(examples, 4)
    assert set(other.test) != set(split.test)
    assert set(other.validation) != set(split.validation)


def test_classes_keep_their_shares():
    x, _ = data(100)
    y = (np.arange(100) < 20).astype(int)
    examples = read_examples((x, y))
    for seed in range(5):
        split = split_for(examples, seed)
        assert [int(y[part].sum()) for part in split] == [12, 4, 4]


def test_numbers_are_split_at_random():
    x, _ = data(100)
    examples = read_examples((x, x[:, 0] / 7))
    split = split_for(examples, 0)
    assert [len(part) for part in split] == [60, 20, 20]
    assert not np.array_equal(split.train, np.sort(split.train))


def test_given_parts_are_not_drawn():
    examples = read_examples((data(30), data(10), data(6)))
    for seed in (0, 1):
        split = split_for(examples, seed)
        assert split.train.tolist() == list(range(30))
        assert split.validation.tolist() == list(range(30, 40))
        assert split.test.tolist() == list(range(40, 46))


def test_of_a_training_and_a_test_part_validation_is_drawn_from_the_first():
    examples = read_examples((data(30), data(10)))
    first, second = split_for(examples, 0), split_for(examples, 1)
    for split in (first, second):
        assert split.test.tolist() == list(range(30, 40))
        assert sorted([*split.train, *split.validation]) == list(range(30))
        assert len(split.validation) == 6
    assert set(first.validation) != set(second.validation)
