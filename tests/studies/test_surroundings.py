"""The claims of the study of what surrounds an activation, on made-up tables."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from studies import surroundings
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = surroundings.STUDY


def noise(trial) -> float:
    return 1e-4 * ((7 * trial.seed + len(trial.activation)) % 11)


@pytest.mark.parametrize(
    ("behind", "verdict"),
    [(0.3, "supported"), (0.1, "contradicted"), (-0.3, "contradicted")],
)
def test_a_net_without_activation_is_limited_where_relu_is_far_ahead(behind, verdict):
    def accuracy(trial):
        # What is learned of other data must not matter.
        if trial.dataset not in ("ring", "checkerboard"):
            return 0.7 + noise(trial)
        return 0.7 - behind * (trial.activation == "linear") + noise(trial)

    found = verdicts(STUDY, made_up_tables(STUDY, accuracy=accuracy))
    assert found["linear-limited"] == {
        "ring": verdict,
        "spiral": "contradicted",
        "checkerboard": verdict,
    }


# Activation -> how far the accuracy of a net without batch normalisation lies off.
OFF = {"relu": -0.02, "prelu": 0.0, "rrelu": 0.01, "elu": 0.0}


def normalised_tables(shrinks_to: float):
    def accuracy(trial):
        # What is not at the chosen rate, or another net, must not matter.
        net = "MLP" if trial.architecture == "mlp" else "CNN"
        is_judged = trial.learning_rate == min(surroundings.RATES[net])
        scale = shrinks_to if trial.batch_normalization else 1.0
        off = OFF.get(trial.activation, 0.3) if is_judged else 0.3 * (trial.seed % 2)
        return 0.6 + scale * off + 0.001 * (trial.seed % 7)

    return made_up_tables(STUDY, accuracy=accuracy)


@pytest.mark.parametrize(
    ("shrinks_to", "verdict"),
    [(0.5, "supported"), (0.95, "contradicted"), (2.0, "contradicted")],
)
def test_batch_normalisation_closes_the_gap_where_the_spread_shrinks(
    shrinks_to, verdict
):
    found = verdicts(STUDY, normalised_tables(shrinks_to))
    assert found["batch-norm-closes"] == {"MLP": verdict, "CNN": verdict}


def test_the_spread_is_of_all_four_rectifiers_of_a_seed():
    tables = normalised_tables(0.5)
    trials = tables.trials
    is_lost = (
        (trials["activation"] == "elu")
        & (trials["architecture"] == "mlp")
        & trials["batch_normalization"]
        & (trials["seed"] == 3)
    )
    part = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    (claim,) = (c for c in STUDY.claims if c.id == "batch-norm-closes")
    effects = claim.effects(part)
    # 0.01 + 0.02, less half of it.
    expected = np.full(10, 0.015)
    np.testing.assert_allclose(effects["CNN"], expected)
    expected[3] = np.nan
    np.testing.assert_allclose(effects["MLP"], expected)


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
        is_judged = trial.learning_rate == min(surroundings.RATES["CNN"])
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
        is_judged = trial.learning_rate == min(surroundings.RATES["MLP"])
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
