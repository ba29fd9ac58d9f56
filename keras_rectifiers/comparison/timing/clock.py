"""Times of steps, taken in turn."""

import random
import time
from collections.abc import Callable, Iterator, Mapping


def timed(
    steps: Mapping[str, Callable[[], object]], *, num_rounds: int
) -> Iterator[tuple[str, int, float]]:
    """Times steps in rounds: what slows the machine down for a while slows down all.

    Args:
        steps: name -> what is timed.
        num_rounds: number of rounds, in each of which every step is taken once, in
            another order.

    Yields:
        The name, the round and the milliseconds of each step.
    """
    for step in steps.values():  # compiles
        step()
    names, rng = list(steps), random.Random(0)
    for number in range(num_rounds):
        rng.shuffle(names)
        for name in names:
            started = time.perf_counter()
            steps[name]()
            yield name, number, 1e3 * (time.perf_counter() - started)
