"""Seeds, learning rates and batch sizes as users give them."""

import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.settings import (
    check_batch_size,
    check_workers,
    read_rates,
    read_seeds,
)


def test_seeds_are_a_number_or_a_list():
    assert read_seeds(3) == [0, 1, 2]
    assert read_seeds(np.int64(2)) == [0, 1]
    assert read_seeds([7, 3]) == [7, 3]
    assert read_seeds(range(5, 7)) == [5, 6]


@pytest.mark.parametrize(
    ("seeds", "error", "message"),
    [
        (1, ValueError, "at least 2 seeds, because one cannot tell.* seeds=1"),
        ([4], ValueError, "at least 2 seeds"),
        (0, ValueError, "at least 2 seeds"),
        ([1, 1, 2], ValueError, "a seed twice"),
        ([1, -2], ValueError, "`seeds` to be from 0"),
        ([1, 2.5], TypeError, "`seeds` to be an integer"),
        ("ten", TypeError, "number of seeds or a list.* 'ten'"),
        (2.5, TypeError, "number of seeds or a list"),
        (True, TypeError, "number of seeds or a list"),
    ],
)
def test_other_seeds_are_refused(seeds, error, message):
    with pytest.raises(error, match=message):
        read_seeds(seeds)


def test_rates_by_themselves_are_steps_of_half_a_decade_around_that_of_the_optimizer():
    rates = read_rates("auto", 0.001)
    assert 0.001 in rates
    np.testing.assert_allclose(np.diff(np.log10(rates)), 0.5, atol=1e-5)
    assert rates[0] == pytest.approx(1e-4) and rates[-1] == pytest.approx(
        0.0316, rel=0.01
    )


def test_given_rates_are_sorted_and_none_stands_for_that_of_the_optimizer():
    assert read_rates([0.1, 0.01], 0.001) == [0.01, 0.1]
    assert read_rates(0.1, 0.001) == [0.1]
    assert read_rates(None, 0.001) == [None]


def test_a_schedule_is_not_replaced():
    assert read_rates("auto", None) == [None]
    with pytest.raises(ValueError, match=r"has a schedule .* learning_rates=None"):
        read_rates([0.1], None)


@pytest.mark.parametrize(
    ("rates", "error"),
    [
        ("fast", ValueError),
        ([], ValueError),
        ([0.1, 0.1], ValueError),
        ([0.1, 0], ValueError),
        ([0.1, np.inf], ValueError),
        ([0.1, "0.2"], ValueError),
        ([True], ValueError),
        (object(), TypeError),
    ],
)
def test_other_rates_are_refused(rates, error):
    with pytest.raises(error, match="Received: "):
        read_rates(rates, 0.001)


def test_the_batch_size_is_at_most_the_training_examples():
    assert check_batch_size(None, 100) == 32
    assert check_batch_size(None, 12) == 12
    assert check_batch_size(100, 100) == 100
    with pytest.raises(ValueError, match=r"at most .* 99. Received: batch_size=100"):
        check_batch_size(100, 99)
    with pytest.raises(ValueError, match="at least 1"):
        check_batch_size(0, 99)


def test_workers_are_a_number_or_the_address_of_a_scheduler():
    assert check_workers(np.int64(2), has_budget=True) == 2
    address = "tcp://10.0.0.7:8786"
    assert check_workers(address, has_budget=False) == address


@pytest.mark.parametrize(
    ("workers", "has_budget", "error", "message"),
    [
        (0, False, ValueError, "`workers` to be"),
        (2.5, False, TypeError, "`workers` to be an integer"),
        ("2", False, ValueError, "a number of processes, or the address.* '2'"),
        ("10.0.0.7:8786", False, ValueError, "such as 'tcp://10.0.0.7:8786'"),
        ("tcp://10.0.0.7:8786", True, ValueError, "Leave it out.* Received: a budget"),
    ],
)
def test_other_workers_are_refused(workers, has_budget, error, message):
    with pytest.raises(error, match=message):
        check_workers(workers, has_budget=has_budget)
