"""How good RReLU's random numbers are: uniformity and correlations at 10^8 draws.

Every statistic is shown in standard deviations of what independent uniform draws would
give. The exit status is 1 if one lies beyond 4.5 of them.
"""

import argparse
import math
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from keras_rectifiers import functions

LIMIT = 4.5
SHAPE = (1000, 1000)
BINS = 2**16


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calls", type=int, default=100, help="of 10^6 draws each; default: 100"
    )
    calls = parser.parse_args().calls
    scores = {**across_calls(calls), **across_seeds(calls), **across_channels(calls)}
    print(f"{calls * math.prod(SHAPE):,} draws for each statistic\n")
    for name, score in scores.items():
        print(f"{name:58}{score:8.2f}")
    worst = max(map(abs, scores.values()))
    print(f"\n{len(scores)} statistics, the largest {worst:.2f} standard deviations")
    sys.exit(worst > LIMIT)


def across_calls(calls):
    """Uniformity, and the correlations within a call and with the next one."""
    counts, sums, before = np.zeros(BINS), {}, None
    row_sums, column_sums = [], []

    def add(name, product):
        total, number = sums.get(name, (0.0, 0))
        sums[name] = (total + product.sum(), number + product.size)

    for call in range(calls):
        uniform = draw(SHAPE, (2024, call))
        counts += np.bincount((uniform * BINS).astype(int).ravel(), minlength=BINS)
        z = standardised(uniform)
        for lag in (1, 2, 3, 8, 64):
            add(f"neighbours within an example, lag {lag}", z[:, lag:] * z[:, :-lag])
            add(f"neighbouring examples, lag {lag}", z[lag:] * z[:-lag])
        rectangles = z[1:, 1:] * z[:-1, :-1] * z[1:, :-1] * z[:-1, 1:]
        add("four corners of a rectangle", rectangles)
        add("three in a row", z[:, 2:] * z[:, 1:-1] * z[:, :-2])
        add("squares of neighbours", squared(z[:, 1:]) * squared(z[:, :-1]))
        if before is not None:
            add("the same element in the next call", z * before)
            add("the next element in the next call", z[:, 1:] * before[:, :-1])
        row_sums.append(z.sum(axis=1) / math.sqrt(SHAPE[1]))
        column_sums.append(z.sum(axis=0) / math.sqrt(SHAPE[0]))
        before = z
    total = counts.sum()
    chi_square = np.sum((counts - total / BINS) ** 2) / (total / BINS)
    cumulative = np.cumsum(counts) / total - np.arange(1, BINS + 1) / BINS
    # Kolmogorov's distribution has mean 0.8687 and standard deviation 0.2603.
    kolmogorov = np.abs(cumulative).max() * math.sqrt(total)
    scores = {
        f"uniformity, chi square of {BINS:,} bins": (chi_square - BINS + 1)
        / math.sqrt(2 * (BINS - 1)),
        "uniformity, Kolmogorov-Smirnov": (kolmogorov - 0.8687) / 0.2603,
        "variance of the sums over an example": variance_score(row_sums),
        "variance of the sums over a place": variance_score(column_sums),
    }
    return scores | {name: s / math.sqrt(n) for name, (s, n) in sums.items()}


def across_seeds(calls):
    """Correlations between layers whose seeds are neighbours."""
    total = 0.0
    for call in range(calls):
        first, second = (standardised(draw(SHAPE, (seed, call))) for seed in (7, 8))
        total += (first * second).sum()
    score = total / math.sqrt(calls * math.prod(SHAPE))
    return {"the same element of layers with neighbouring seeds": score}


def across_channels(calls):
    """Correlations between channels and examples where noise is per channel."""
    sums = {"neighbouring channels": [], "the same channel of the next example": []}
    for call in range(calls):
        z = standardised(draw((1000, 1, 1000), (99, call), noise="channel")[:, 0])
        sums["neighbouring channels"].append((z[:, 1:] * z[:, :-1]).ravel())
        sums["the same channel of the next example"].append((z[1:] * z[:-1]).ravel())
    return {
        f"channel noise: {name}": sum(part.sum() for part in parts)
        / math.sqrt(sum(part.size for part in parts))
        for name, parts in sums.items()
    }


def draw(shape, seed, **keywords):
    x = -keras.ops.ones(shape, "float32")
    seed = keras.ops.convert_to_tensor(seed, "int32")
    y = functions.rrelu(x, seed=seed, form="slope", lower=0, upper=1, **keywords)
    # float32 may round the largest draws up to 1.
    return np.minimum(-keras.ops.convert_to_numpy(y).astype("float64"), 1 - 2**-25)


def standardised(uniform):
    return (uniform - 0.5) * math.sqrt(12)


def squared(z):
    # The square of a standardised uniform number has mean 1 and variance 4/5.
    return (z**2 - 1) / math.sqrt(0.8)


def variance_score(sums):
    sums = np.concatenate(sums)
    return (sums.var() - 1) / math.sqrt(2 / sums.size)


if __name__ == "__main__":
    main()
