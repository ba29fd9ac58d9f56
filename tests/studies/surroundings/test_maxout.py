"""The claim on maxout and dropout, on made-up tables; and how large the nets are."""

import dataclasses

import pytest

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from studies.accuracy.nets import RATES
from studies.surroundings import STUDY
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.surroundings.made_up_noise import noise


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ({"maxout": 0.03, "relu": 0.01}, "supported"),
        ({"maxout": 0.03, "relu": 0.028}, "contradicted"),
        ({"maxout": -0.01, "relu": 0.01}, "contradicted"),
    ],
)
def test_maxout_goes_well_with_dropout_where_it_gains_more_by_it(gains, verdict):
    def accuracy(trial):
        is_judged = trial.learning_rate == min(RATES["MLP"])
        # Maxout may be better or worse without dropout: that is another claim.
        level = 0.6 + 0.1 * (trial.activation == "maxout")
        gain = gains.get(trial.activation, 0) if trial.dropout else 0
        return level + gain + noise(trial) if is_judged else 1 - level

    found = verdicts(STUDY, made_up_tables(STUDY, accuracy=accuracy))
    assert found["maxout"] == {"maxout and relu, MLP": verdict}


@pytest.mark.parametrize(
    ("profile", "shape", "num_classes"),
    [
        ("standard", (28, 28, 1), 10),
        ("full", (32, 32, 3), 10),
        ("full", (32, 32, 3), 100),
    ],
)
def test_maxout_and_relu_have_about_as_many_weights(profile, shape, num_classes):
    data = dataclasses.replace(
        datasets.load("digits"), input_shape=shape, num_outputs=num_classes
    )
    trials = [t for grid in STUDY.grids[profile] for t in grid.nets]
    nets = [t for t in trials if t.architecture == "mlp" and t.depth == 2]
    sizes = [architectures.build(net, data).count_params() for net in nets]
    assert {net.activation for net in nets} == {"maxout", "relu"}
    assert max(sizes) / min(sizes) < 1.011
