"""The seeds, the learning rates and the batch size that a user gives."""

import numbers
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from keras_rectifiers.arguments import check_integer, shown
from keras_rectifiers.comparison.running.dask_workers import ADDRESS, MOST_WORKERS

# From the optimizer's own rate, in half decades. More of them are above it: few epochs
# need high rates.
_STEPS = (-2, -1, 0, 1, 2, 3)
_BATCH_SIZE = 32
_LARGEST_SEED = 2**31 - 1


def read_seeds(seeds: Any) -> list[int]:
    """Reads a number of seeds, or the seeds.

    Raises:
        TypeError, ValueError: if it is neither, a seed is given twice, or there is only
            one.
    """
    if isinstance(seeds, numbers.Integral) and not isinstance(seeds, bool):
        found = list(range(max(0, int(seeds))))
    elif isinstance(seeds, Iterable) and not isinstance(seeds, str):
        found = [
            check_integer("seeds", s, layer="compare", least=0, largest=_LARGEST_SEED)
            for s in seeds
        ]
    else:
        raise TypeError(
            "Expected `seeds` to be a number of seeds or a list of them. Received: "
            f"{shown(seeds)}"
        )
    if len(set(found)) < len(found):
        raise ValueError(
            f"Expected different seeds. Received: a seed twice in {shown(seeds)}"
        )
    if len(found) < 2:
        raise ValueError(
            "Expected at least 2 seeds, because one cannot tell a difference from "
            f"chance; 10 are a start. Received: seeds={shown(seeds)}"
        )
    return found


def read_rates(given: Any, own: float | None) -> Sequence[float | None]:
    """Reads the learning rates.

    Args:
        given: `"auto"`, a list of rates, or None.
        own: the rate of the optimizer; None if it has a schedule.

    Returns:
        The rates, ascending; None stands for that of the optimizer.

    Raises:
        TypeError, ValueError: if they are no rates above 0, or given for an optimizer
            with a schedule.
    """
    if given is None:
        return [None]
    if isinstance(given, str):
        if given != "auto":
            raise ValueError(
                "Expected `learning_rates` to be 'auto', a list of rates or None. "
                f"Received: {shown(given)}"
            )
        if own is None:
            return [None]
        return [float(f"{own * 10 ** (step / 2):.6g}") for step in _STEPS]
    if isinstance(given, numbers.Real) and not isinstance(given, bool):
        given = [given]
    if not isinstance(given, Iterable):
        raise TypeError(
            "Expected `learning_rates` to be 'auto', a list of rates or None. Received: "
            f"{shown(given)}"
        )
    rates = list(given)
    wrong = [
        r
        for r in rates
        if isinstance(r, bool)
        or not isinstance(r, numbers.Real)
        or not 0 < float(r) < np.inf
    ]
    if wrong or not rates or len(set(rates)) < len(rates):
        raise ValueError(
            "Expected different learning rates above 0. Received: "
            f"learning_rates={shown(rates)}"
        )
    if own is None:
        raise ValueError(
            "The optimizer has a schedule for its learning rate, which other rates "
            "would replace. Use learning_rates=None, or an optimizer with a number for "
            f"its rate. Received: learning_rates={shown(rates)}"
        )
    return sorted(float(rate) for rate in rates)


def check_batch_size(batch_size: int | None, num_train: int) -> int:
    """Returns the batch size, by default 32 or all examples if they are fewer.

    Raises:
        TypeError, ValueError: if it is no integer from 1 to the number of examples.
    """
    if batch_size is None:
        return min(_BATCH_SIZE, num_train)
    batch_size = check_integer("batch_size", batch_size, layer="compare", least=1)
    if batch_size > num_train:
        raise ValueError(
            "Expected `batch_size` to be at most the number of training examples, "
            f"{num_train}. Received: batch_size={batch_size}."
        )
    return batch_size


def check_workers(workers: Any, *, has_budget: bool) -> int | str:
    """Checks a number of workers, or the address of a Dask scheduler.

    Args:
        workers: what the user gives.
        has_budget: whether a budget is given too.

    Raises:
        TypeError, ValueError: if it is neither, or an address with a budget.
    """
    if not isinstance(workers, str):
        return check_integer(
            "workers", workers, layer="compare", least=1, largest=MOST_WORKERS
        )
    if not ADDRESS.fullmatch(workers):
        raise ValueError(
            "Expected `workers` to be a number of processes, or the address of a Dask "
            f"scheduler, such as 'tcp://10.0.0.7:8786'. Received: {shown(workers)}"
        )
    if has_budget:
        raise ValueError(
            "A `budget` is measured on this machine, so it cannot be planned for the "
            "workers of a scheduler. Leave it out, and choose `seeds` and "
            f"`learning_rates`. Received: a budget, and workers={shown(workers)}"
        )
    return workers
