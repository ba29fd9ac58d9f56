"""Splits of a data set in which each class keeps its share."""

from typing import NamedTuple

import numpy as np

# Of the splits that are the same for everyone; fixed for good.
SEED = 0

SPLITS = ("train", "validation", "test")


class Split(NamedTuple):
    """The indices of the examples of each part, in random order."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def train_and_validation(
    labels: np.ndarray, seed: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Splits training examples; a tenth of them, rounded up, is for validation.

    Args:
        labels: int `(examples,)`.
        seed: the seed of the split. Default: the split that is the same for everyone.

    Returns:
        The indices of the training and the validation split.
    """
    rng = np.random.default_rng(SEED if seed is None else [SEED, seed])
    validation, train = stratified(labels, -(-len(labels) // 10), rng)
    return train, validation


def digits_train_and_validation(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits scikit-learn's digits; an eighth of them is for validation."""
    from sklearn.model_selection import train_test_split

    train, validation = train_test_split(
        np.arange(len(labels)), test_size=0.125, stratify=labels, random_state=SEED
    )
    return train, validation


def digits(labels: np.ndarray, seed: int) -> Split:
    """Splits all of scikit-learn's digits by a seed, into parts of the usual sizes.

    Args:
        labels: int `(1797,)`.
        seed: the seed of the split.
    """
    rng = np.random.default_rng([SEED, seed])
    test, others = stratified(labels, 360, rng)
    validation, train = stratified(labels[others], 180, rng)
    return Split(others[train], others[validation], test)


def subset(labels: np.ndarray, split: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Draws examples of a split so that each class keeps its share.

    Args:
        labels: int `(examples,)`, the labels of all examples.
        split: the indices of the split.
        size: the number to draw; a split that is not larger is not changed.
        seed: the seed of the draw.

    Returns:
        The indices drawn.
    """
    if len(split) <= size:
        return split
    drawn, _ = stratified(labels[split], size, np.random.default_rng(seed))
    return split[drawn]


def stratified(
    labels: np.ndarray, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws examples so that each class keeps its share, to within one example.

    Args:
        labels: int `(examples,)`.
        size: the number to draw.
        rng: the source of the randomness.

    Returns:
        The indices drawn and the remaining ones, each in random order.
    """
    counts = np.bincount(labels)
    shares = counts * (size / len(labels))
    quotas = np.floor(shares).astype(int)
    # What rounding down left goes to the largest remainders.
    order = np.argsort(-(shares - quotas), kind="stable")
    quotas[order[: size - quotas.sum()]] += 1
    shuffled = rng.permutation(len(labels))
    drawn = np.zeros(len(labels), bool)
    for label, quota in enumerate(quotas):
        drawn[shuffled[labels[shuffled] == label][:quota]] = True
    return shuffled[drawn[shuffled]], shuffled[~drawn[shuffled]]
