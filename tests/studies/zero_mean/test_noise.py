"""The noise that an activation passes on, against integrals."""

import numpy as np
import pytest
from scipy import integrate, stats

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import zero_mean
from studies.zero_mean import noise
from tests.studies.made_up_studies import made_up_tables, verdicts


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("elu", lambda x: x if x > 0 else np.expm1(x)),
        ("very_leaky_relu", lambda x: x if x > 0 else x / 5.5),
        ("relu", lambda x: max(x, 0.0)),
    ],
)
def test_the_noise_that_is_passed_on_is_the_variance_of_the_response(name, function):
    for z in (-5.0, -3.0, 0.0, 2.0):
        moments = [
            integrate.quad(
                lambda e, z=z, power=power: (
                    function(z + noise.NOISE * e) ** power * stats.norm.pdf(e)
                ),
                -12,
                12,
                points=[-z / noise.NOISE, 0],
                epsabs=1e-15,
                limit=200,
            )[0]
            for power in (1, 2)
        ]
        expected = (moments[1] - moments[0] ** 2) / noise.NOISE**2
        (found,) = noise.passed_on(name, [z])
        # The trapezium rule meets the kink between two points.
        assert found == pytest.approx(expected, rel=1e-3, abs=1e-10)


def test_leaky_functions_are_less_robust_than_elu_by_their_slope():
    tables = made_up_tables(zero_mean.STUDY, num_seeds=10)
    assert verdicts(zero_mean.STUDY, tables)["elu-noise"] == {
        "leaky_relu, slope 0.01": "contradicted",
        "leaky_relu_0.1, slope 0.1": "supported",
        "very_leaky_relu, slope 1/5.5": "supported",
    }
    frame = judge(zero_mean.STUDY, tables)
    frame = frame[frame["claim"] == "elu-noise"]
    # In the tail below -3, E[exp(2 z)] = exp(2) P(Z < -5) / P(Z < -3); and the variance
    # of exp(e) is exp(s^2) (exp(s^2) - 1).
    square = noise.NOISE**2
    elu = np.exp(2 + square) * np.expm1(square) / square
    elu *= stats.norm.cdf(-5) / stats.norm.cdf(-3)
    slopes = np.array([0.01, 0.1, 1 / 5.5])
    assert frame["estimate"].to_numpy() == pytest.approx(
        np.log2(slopes**2 / elu), abs=0.02
    )
