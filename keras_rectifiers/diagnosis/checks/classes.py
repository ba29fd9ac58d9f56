"""Which classes a trained model predicts too often, or never."""

from collections.abc import Sequence

import numpy as np

from keras_rectifiers.diagnosis.findings import Finding, first_few
from keras_rectifiers.diagnosis.program import BINARY, CATEGORICAL, SPARSE, Output

# Of the mean prediction to the frequency of the classes, as a total variation.
LARGEST_BIAS = 0.25
# Of a class; with fewer all may be missed by chance.
FEWEST_EXAMPLES = 10
# Of the examples of the other classes: the model has learned.
KNOWN = 0.6
# Of the way from chance to a perfect recall.
FAR_ABOVE = 0.3
# Of its frequency; without weights a class is predicted as often as it occurs, and at
# first, when the classes are predicted alike, a rare one more often.
UNDERRATED = 1 / 3
# A share of that of a class when all are equally frequent.
RARE = 0.5


def is_order_of_classes(outputs: Sequence[Output]) -> bool:
    """Whether a class is predicted far too often, but not for every example."""
    return bool(biased(outputs))


def biased(outputs: Sequence[Output]) -> str:
    """Which class is predicted far too often; "" if none is."""
    for output in outputs:
        targets, predicted = output.targets, output.prediction
        if output.from_logits or predicted.ndim != 2:
            continue
        if output.loss in SPARSE and output.are_whole:
            labels = targets.astype(int).ravel()
            truth = np.bincount(labels, minlength=output.units) / len(labels)
        elif output.loss in CATEGORICAL + BINARY and output.width == output.units:
            truth = targets.mean(0).ravel()
        else:
            continue
        mean = predicted.mean(0)
        if len(mean) != len(truth):
            continue
        if len(mean) == 1:  # the probability of class 1
            mean, truth = (np.array([1 - p[0], p[0]]) for p in (mean, truth))
        distance = np.abs(mean - truth).sum() / 2
        worst = int(np.argmax(mean - truth))
        if distance > LARGEST_BIAS and (predicted != predicted[:1]).any():
            return (
                f"class {worst} is predicted with {mean[worst]:.0%}, but has a share of "
                f"{truth[worst]:.0%}"
            )
    return ""


def tells_apart(outputs: Sequence[Output]) -> bool:
    """Whether a model predicts classes far better than by chance, each counted alike.

    One that was trained with weights for the classes does so at a loss that is no better
    than that of a constant.

    Args:
        outputs: the outputs of the model.
    """
    for output in outputs:
        labels, predicted = _as_classes(output)
        if labels is None:
            continue
        counts = np.bincount(labels)
        right = np.bincount(labels[labels == predicted], minlength=len(counts))
        recall = float(np.mean(right[counts > 0] / counts[counts > 0]))
        chance = 1 / np.count_nonzero(counts)
        if recall > chance + FAR_ABOVE * (1 - chance):
            return True
    return False


def check_trained(outputs: Sequence[Output]) -> list[Finding]:
    """Finds classes that a trained model never predicts, though it knows the others.

    Args:
        outputs: the outputs of the trained model.
    """
    found = (_never_predicted(output) or _underrated(output) for output in outputs)
    return [finding for finding in found if finding is not None]


def _never_predicted(output):
    labels, predicted = _as_classes(output)
    if labels is None:
        return None
    counts = np.bincount(labels)
    right = np.bincount(labels[labels == predicted], minlength=len(counts))
    never = np.flatnonzero((counts >= FEWEST_EXAMPLES) & (right == 0))
    others = np.setdiff1d(np.flatnonzero(counts), never)
    if not len(never) or right[others].sum() < KNOWN * counts[others].sum():
        return None
    share = counts[never].sum() / len(labels)
    of_one = counts[never].max() / len(labels)
    listed = first_few(never)
    one = len(never) == 1
    observation = (
        f"{'class' if one else 'classes'} {listed} {'is' if one else 'are'} never "
        f"predicted, but {'has' if one else 'have'} a share of {share:.0%} of the examples"
    )
    if of_one <= RARE / np.count_nonzero(counts):
        return _finding(
            "imbalance",
            "data",
            observation,
            "The classes are imbalanced: the accuracy and the loss of a model that never "
            "predicts a rare class are nearly as good.",
            "Give the rare class a greater weight with class_weight in fit (or look "
            "whether it has a smaller one), repeat its examples, or lower the threshold; "
            "judge by the recall of each class.",
        )
    # It may be that nothing was learned but the more frequent class, or that the model
    # cannot tell more classes apart: then their mean is predicted as often as they occur.
    few = len(others) < 2 or output.from_logits
    if few or output.prediction.mean(0)[never].sum() > UNDERRATED * share:
        return None
    return _finding(
        "order",
        "training",
        observation,
        "It looks as if the training had never seen them: validation_split takes the last "
        "examples, which are those of the last classes if they are sorted.",
        "Shuffle the examples before validation_split, and look at class_weight.",
    )


def _underrated(output):
    """One of two classes that is predicted far less often than it occurs."""
    labels, _ = _as_classes(output)
    if labels is None or output.from_logits or output.units > 2:
        return None
    share = float(labels.mean())
    mean = float(output.prediction[:, -1].mean())
    least = 1 if mean < share else 0
    share, mean = (share, mean) if least else (1 - share, 1 - mean)
    few = share * len(labels) < 2 * FEWEST_EXAMPLES
    # For a rare class weights against the frequent one are meant.
    if few or share > 1 - RARE / 2 or mean > UNDERRATED * share:
        return None
    is_rare = share <= RARE / 2
    # A constant may be all that is left of a net whose units are dead.
    if not is_rare and (output.prediction == output.prediction[:1]).all():
        return None
    return _finding(
        "imbalance" if is_rare else "order",
        "training",
        f"class {least} is predicted with {mean:.1%} on average, but has a share of "
        f"{share:.0%} of the examples",
        "Training on these examples as they are would make the two equal, so they were "
        "weighted, or came in another order.",
        "Look at class_weight and sample_weight in fit: "
        + (
            "the rare class should have the greater weight."
            if is_rare
            else "neither class should have a weight near 0."
        )
        + " Shuffle the examples.",
    )


def _as_classes(output):
    """The classes of the examples, and the predicted ones; None where there are none."""
    predicted = output.prediction
    known = predicted.ndim == 2 and output.loss in BINARY + CATEGORICAL + SPARSE
    known = known and bool(np.isfinite(predicted).all())
    if not known or not output.are_whole or output.targets.min() < 0:
        return None, None
    if output.units == 1 and output.are_binary:
        threshold = 0.0 if output.from_logits else 0.5
        return output.targets.ravel().astype(int), (predicted[:, 0] > threshold) * 1
    if output.are_one_hot and output.width == output.units:
        return output.targets.argmax(-1).ravel(), predicted.argmax(-1)
    if output.loss in SPARSE and output.width == 1 and output.ignored is None:
        return output.targets.ravel().astype(int), predicted.argmax(-1)
    return None, None


def _finding(kind, where, observation, meaning, advice):
    return Finding(
        kind=kind,
        where=where,
        observation=observation,
        meaning=meaning,
        advice=advice,
    )
