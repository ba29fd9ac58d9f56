"""The claim on rectification among the factors, on made-up tables."""

import numpy as np
import pytest

from studies.accuracy.nets import RATES
from studies.surroundings import STUDY
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.surroundings.made_up_noise import noise


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        ((0.08, 0.04, 0.02), ["supported", "supported"]),
        ((0.04, 0.08, 0.02), ["contradicted", "supported"]),
        ((0.02, -0.04, 0.08), ["supported", "contradicted"]),
        ((0.04, 0.038, 0.043), ["contradicted", "contradicted"]),
    ],
)
def test_rectification_matters_more_where_it_gains_more_than_each_other_factor(
    gains, expected
):
    def accuracy(trial):
        is_judged = trial.learning_rate == min(RATES["CNN"])
        has = np.array(
            [
                trial.activation == "relu",
                trial.architecture == "cnn_pooled",
                trial.batch_normalization,
            ]
        )
        # The factors help each other, which is in all three main effects alike.
        level = 0.5 + gains @ has + 0.02 * (has.sum() >= 2) + noise(trial)
        return level if is_judged else 1 - level

    found = verdicts(STUDY, made_up_tables(STUDY, accuracy=accuracy))
    assert found["rectify-cnn"] == dict(
        zip(
            (
                "ReLU over tanh against max pooling",
                "ReLU over tanh against batch normalisation",
            ),
            expected,
            strict=True,
        )
    )
