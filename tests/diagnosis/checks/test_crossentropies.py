"""What crossentropies expect: logits or probabilities, and labels that have a unit."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.crossentropies import (
    check_binary,
    check_distributions,
    check_labels,
)
from tests.diagnosis.made_up_outputs import (
    BCE,
    BINARY,
    CCE,
    LABELS,
    ONE_HOT,
    SPARSE,
    N,
    output,
)


def found(*given, **settings):
    seen = output(*given, **settings)
    checks = (check_binary, check_distributions, check_labels)
    return [finding for check in checks if (finding := check(seen)) is not None]


@pytest.mark.parametrize("activation", ["linear", ""])
@pytest.mark.parametrize(
    ("units", "loss", "targets"),
    [(1, BCE, BINARY), (3, CCE, ONE_HOT), (3, SPARSE, LABELS)],
)
def test_logits_fit_a_loss_that_expects_them(activation, units, loss, targets):
    assert found(activation, units, loss, targets, from_logits=True) == []


@pytest.mark.parametrize(
    ("activation", "units", "loss", "targets", "seen"),
    [
        ("softmax", 3, CCE, ONE_HOT, "applies another one"),
        ("sigmoid", 1, BCE, BINARY, "applies another one"),
        ("relu", 3, SPARSE, LABELS, "cuts the logits"),
    ],
)
def test_probabilities_are_no_logits(activation, units, loss, targets, seen):
    (finding,) = found(activation, units, loss, targets, from_logits=True)
    assert seen in finding.observation


def test_a_class_that_the_loss_ignores_needs_no_unit():
    labels = np.where(LABELS == 2, 255, LABELS)
    assert len(found("softmax", 2, SPARSE, labels)) == 1
    assert found("softmax", 2, SPARSE, labels, ignored=255) == []


def test_probabilities_sum_to_1_over_the_classes(rng):
    steps = rng.uniform(size=(N, 5, 3))
    labels = np.arange(5 * N).reshape(N, 5) % 3
    over_steps = steps / steps.sum(1, keepdims=True)
    over_classes = steps / steps.sum(2, keepdims=True)
    finding = check_labels(output("", 3, SPARSE, labels, prediction=over_steps))
    assert (finding.kind, finding.certainty) == ("output", "certain")
    assert "sum to 1 along axis 1, not over the 3 classes" in finding.observation
    assert check_labels(output("", 3, SPARSE, labels, prediction=over_classes)) is None


@pytest.mark.parametrize(
    ("activation", "units", "loss", "targets"),
    [
        ("sigmoid", 1, BCE, BINARY / 255),
        ("linear", 1, BCE, BINARY / 255),
        ("softmax", 3, CCE, ONE_HOT / 255),
    ],
)
def test_labels_that_were_divided_like_the_inputs_are_told(
    activation, units, loss, targets
):
    (finding,) = found(activation, units, loss, targets)
    assert finding.kind == "targets"
    assert finding.observation.startswith("the targets are 0 and 0.0039, but")
    assert "y / 0.003922" in finding.advice


def test_equally_likely_classes_are_not_divided_labels():
    targets = np.array([[1, 1, 1, 0], [0, 1, 1, 1]])[np.arange(N) % 2] / 3
    assert found("softmax", 4, CCE, targets) == []


def test_smoothed_labels_are_not_divided_ones():
    assert found("sigmoid", 1, BCE, 0.1 + 0.8 * BINARY) == []
    assert found("sigmoid", 1, BCE, 0.6 * BINARY) == []
