"""How often `compare` is right, where the truth is known: on simulated seed scores.

    python benchmarks/compare_coverage.py --comparisons 2000

Without any difference, counts the comparisons in which an activation is called better or
worse, and those in which a given activation, a best one like all, is missing among the
best. With one activation that is better by twice the smallest effect of interest,
counts in how many it is found, with the seeds that a budget promises for it. The exit
status is 1 if more than 5% are wrong, or less than 80% are found of normal differences;
of other distributions the latter is only told. Three standard errors of the simulation are
allowed, because there are many cases.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from keras_rectifiers.comparison.statistics import seeds_needed
from keras_rectifiers.comparison.verdicts.contest import (
    BETTER,
    EQUAL,
    WORSE,
    Metric,
    judge,
)

# Of the score of one activation and seed, beside what all activations of a seed share.
NOISE = {
    "normal": lambda rng, size: rng.normal(size=size),
    "heavy tails (t, 3 df)": lambda rng, size: rng.standard_t(3, size) / 3**0.5,
    "skewed (exponential)": lambda rng, size: rng.exponential(size=size) - 1,
    "steps of 1 sd": lambda rng, size: (
        np.rint(rng.normal(size=size)) / (13 / 12) ** 0.5
    ),
}
NUM_ACTIVATIONS = (2, 5, 9)
NUM_SEEDS = (8, 10, 20)
# In standard deviations of the differences between seeds.
DIFFERENCES = (0.8, 1.2, 2.0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--comparisons", type=int, default=1000, metavar="N")
    parser.add_argument(
        "--noise",
        action="append",
        choices=[name.split()[0] for name in NOISE],
        help="only this kind of noise; can be given again",
    )
    chosen = parser.parse_args()
    number = chosen.comparisons
    kinds = [n for n in NOISE if not chosen.noise or n.split()[0] in chosen.noise]
    rng = np.random.default_rng(0)
    allowed = 0.05 + 3 * (0.05 * 0.95 / number) ** 0.5
    required = 0.8 - 3 * (0.8 * 0.2 / number) ** 0.5
    is_wrong = False
    print(f"No difference, {number:,} comparisons; allowed {allowed:.1%}")
    print("noise | activations | seeds | better or worse | a best one is missing")
    for noise in kinds:
        for num_activations in NUM_ACTIVATIONS:
            for num_seeds in NUM_SEEDS:
                told, missing = no_difference(
                    rng, noise, num_activations, num_seeds, number
                )
                is_wrong |= max(told, missing) > allowed
                print(
                    f"{noise} | {num_activations} | {num_seeds} | {told:.1%} | "
                    f"{missing:.1%}",
                    flush=True,
                )
    print(
        f"\nOne better by twice the smallest effect; required {required:.1%} if normal"
    )
    print(
        "noise | activations | difference, sd | seeds | better | no difference | best"
    )
    for noise in kinds:
        for num_activations in NUM_ACTIVATIONS:
            for difference in DIFFERENCES:
                num_seeds = seeds_needed(difference, num_activations - 1)
                found, equal, best = one_better(
                    rng, noise, num_activations, num_seeds, difference, number
                )
                is_wrong |= noise == "normal" and found < required
                is_wrong |= equal > allowed
                print(
                    f"{noise} | {num_activations} | {difference} | {num_seeds} | "
                    f"{found:.1%} | {equal:.1%} | {best:.1%}",
                    flush=True,
                )
    sys.exit(int(is_wrong))


def no_difference(
    rng, noise: str, num_activations: int, num_seeds: int, number: int
) -> tuple[float, float]:
    """The share of comparisons with a false difference, and without one of the best.

    What matters is as good as nothing, so that no difference is too small to be told.
    """
    told = missing = 0
    for _ in range(number):
        contest = drawn(rng, noise, num_activations, num_seeds, 0.0, smallest=1e-9)
        told += contest.table["verdict"].isin([BETTER, WORSE]).any()
        # Any of them would do, and so would the reference.
        missing += contest.table["activation"].iloc[-1] not in contest.best
    return told / number, missing / number


def one_better(
    rng,
    noise: str,
    num_activations: int,
    num_seeds: int,
    difference: float,
    number: int,
) -> tuple[float, float, float]:
    """How often the better one is found, is called equal, and is among the best."""
    found = equal = best = 0
    for _ in range(number):
        contest = drawn(
            rng, noise, num_activations, num_seeds, difference, smallest=difference / 2
        )
        verdict = contest.table["verdict"].iloc[-1]
        found, equal = found + (verdict == BETTER), equal + (verdict == EQUAL)
        best += contest.table["activation"].iloc[-1] in contest.best
    return found / number, equal / number, best / number


def drawn(
    rng,
    noise: str,
    num_activations: int,
    num_seeds: int,
    difference: float,
    *,
    smallest: float,
):
    """A comparison whose last activation is better by a difference.

    The differences between two activations have a standard deviation of 1.
    """
    names = [f"activation {number}" for number in range(num_activations)]
    of_seeds = 3 * rng.normal(size=num_seeds)
    own = NOISE[noise](rng, (num_activations, num_seeds)) / 2**0.5
    own[-1] += difference
    scores = pd.DataFrame(
        {
            "activation": np.repeat(names, num_seeds),
            "seed": np.tile(np.arange(num_seeds), num_activations),
            "value": (own + of_seeds).ravel(),
        }
    )
    metric = Metric(name="score", higher_is_better=True, smallest_effect=smallest)
    return judge(scores, activations=names, reference=names[0], metric=metric)


if __name__ == "__main__":
    main()
