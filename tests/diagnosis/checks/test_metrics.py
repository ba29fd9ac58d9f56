"""Which metrics say nothing of how good a model is."""

import pytest

from keras_rectifiers.diagnosis.checks.metrics import check_metric
from tests.diagnosis.made_up_outputs import (
    BCE,
    BINARY,
    CCE,
    LABELS,
    MSE,
    NUMBERS,
    ONE_HOT,
    SPARSE,
    output,
)


@pytest.mark.parametrize(
    ("of", "metric", "seen"),
    [
        (("linear", 1, MSE, NUMBERS), "accuracy", "of a regression"),
        (("linear", 1, MSE, NUMBERS), "mae", None),
        (("sigmoid", 1, BCE, BINARY), "accuracy", None),
        (("sigmoid", 1, BCE, BINARY), "BinaryAccuracy", None),
        (("sigmoid", 1, BCE, BINARY), "SparseCategoricalAccuracy", "of one unit"),
        (("sigmoid", 1, BCE, BINARY), "categorical_accuracy", "of one unit"),
        (("sigmoid", 1, BCE, BINARY), "Accuracy", "equal the target exactly"),
        (("softmax", 3, SPARSE, LABELS), "Accuracy", "equal the target exactly"),
        (("softmax", 3, CCE, ONE_HOT), "CategoricalAccuracy", None),
        (("softmax", 3, CCE, ONE_HOT), "binary_accuracy", "of 3 classes"),
        (("softmax", 3, SPARSE, LABELS), "sparse_categorical_accuracy", None),
    ],
)
def test_a_metric_counts_what_the_output_means(of, metric, seen):
    finding = check_metric(output(*of, metrics=(metric,)))
    assert (finding is None) == (seen is None)
    assert finding is None or seen in finding.observation
