"""Data sets as published, and their splits."""

import re

import numpy as np
import pytest

from keras_rectifiers.comparison.data import source
from tests.comparison.data.made_up_files import saved

pytestmark = pytest.mark.usefixtures("folders")


@pytest.mark.parametrize("seed", [None, 3])
def test_each_example_is_in_one_split_and_examples_are_counted_through(folders, seed):
    read = source.read(saved(folders), 0, 0, seed, "")
    assert sorted(np.concatenate(read.split)) == list(range(80))
    np.testing.assert_array_equal(read.split.test, np.arange(60, 80))
    assert (read.num_classes, read.num_outputs) == (3, 3)
    rows = np.array([79, 0, 60, 59])
    first, second = read.arrays["x_train"], read.arrays["x_test"]
    np.testing.assert_array_equal(
        source.taken(read.arrays, "x", rows),
        [second[19], first[0], second[0], first[59]],
    )


def test_the_checksum_is_that_of_content_and_splits(folders):
    path = saved(folders)
    settings = [(0, 0, None), (0, 0, 0), (0, 0, 1), (9, 0, None), (9, 1, None)]
    sums = {source.read(path, *each, "").checksum for each in settings}
    assert len(sums) == len(settings)
    assert source.read(path, 0, 7, None, "").checksum in sums


@pytest.mark.parametrize("size", [2, 55])
def test_a_subset_that_the_data_do_not_have_is_refused(folders, size):
    path = saved(folders)
    message = (
        "Trial's train_size must be 0, for all examples, or from 3 (the number of "
        f"classes of {path!r}) to 54 (the number of its training examples). Received: "
        f"{size}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        source.read(path, size, 0, None, "")
