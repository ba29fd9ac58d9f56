"""Where each rule on what was measured begins: cases just on either side of it."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.diagnosis.findings import Measured, find
from keras_rectifiers.diagnosis.messages import SENTENCES

JUST_UNDER, JUST_OVER = 1 - 1e-6, 1 + 1e-6
HEALTHY = {"signal_gradient": 1.0, "activation_std": 1.0, "dead_units": 0.0}


def measured(num_layers=3, *, fresh=None, values=None, **changed) -> Measured:
    """Healthy layers a, b, c and so on, but for what is changed."""
    columns = {name: np.full(num_layers, value) for name, value in HEALTHY.items()}
    seen = Measured(
        layers="abcdefghijklmnopqrstuvwxyz"[:num_layers],
        depths=np.arange(num_layers),
        num_units=[64] * num_layers,
        num_examples=100,
        values=columns | {n: np.array(v, float) for n, v in (values or {}).items()},
        fresh=columns | {n: np.array(v, float) for n, v in (fresh or {}).items()},
        kernel_scales=np.ones(num_layers),
        input_scales={"a": 1.0},
        lost=[],
        unseen={},
    )
    return dataclasses.replace(seen, **changed)


def kinds(seen: Measured) -> list[str]:
    return [finding.kind for finding in find(seen)]


@pytest.mark.parametrize(
    ("share", "fresh", "expected"),
    [
        # More than in a fresh copy: by 35 percentage points.
        (0.35 * JUST_UNDER, 0.0, []),
        (0.35, 0.0, ["dead"]),
        (0.55 * JUST_UNDER, 0.2, []),
        (0.55 * JUST_OVER, 0.2, ["dead"]),
        # By itself: 60%.
        (0.6 * JUST_UNDER, 0.5, []),
        (0.6, 0.5, ["dead"]),
    ],
)
def test_units_are_dead_by_their_rise_or_their_share(share, fresh, expected):
    seen = measured(
        values={"dead_units": [0, share, 0]}, fresh={"dead_units": [fresh] * 3}
    )
    assert kinds(seen) == expected


@pytest.mark.parametrize(
    ("fresh", "case"),
    [
        (0.65 * JUST_UNDER, "dead by training"),
        (0.65 * JUST_OVER, "dead from the start"),
    ],
)
def test_dead_units_are_put_down_to_training_from_the_same_rise_on(fresh, case):
    (finding,) = find(
        measured(values={"dead_units": [0, 1, 0]}, fresh={"dead_units": [0, fresh, 0]})
    )
    assert (finding.layer, finding.advice) == ("b", SENTENCES[case].advice)


@pytest.mark.parametrize(
    ("growth", "expected"),
    [(100 * JUST_UNDER, []), (100.0, ["exploding"])],
)
@pytest.mark.parametrize("fresh", [1.0, 0.5])
def test_activations_have_grown_at_100_times_those_of_a_fresh_copy(
    growth, expected, fresh
):
    spread = {"activation_std": [1, growth * fresh, 1]}
    seen = measured(values=spread, fresh={"activation_std": [1, fresh, 1]})
    assert kinds(seen) == expected
    assert [finding.value for finding in find(seen)] == [
        pytest.approx(growth * fresh) for _ in expected
    ]


@pytest.mark.parametrize(
    ("decades", "expected"),
    [
        (3 * JUST_UNDER, []),
        (3 * JUST_OVER, ["exploding"]),
        (-3 * JUST_OVER, []),
    ],
)
@pytest.mark.parametrize("num_layers", [2, 3, 11])
def test_activations_explode_over_three_decades_along_the_depth(
    decades, expected, num_layers
):
    # They begin so, so that they have not grown.
    spread = {"activation_std": np.logspace(0, decades, num_layers)}
    assert kinds(measured(num_layers, values=spread, fresh=spread)) == expected


@pytest.mark.parametrize(
    ("num_layers", "decades"),
    # 2, and a tenth more for each layer after the second.
    [(2, 2.0), (3, 2.1), (12, 3.0), (22, 4.0)],
)
@pytest.mark.parametrize(("sign", "kind"), [(1, "vanishing"), (-1, "exploding")])
def test_gradients_may_change_by_two_decades_and_a_drift(
    num_layers, decades, sign, kind
):
    def gradient(decades):
        # Of 1 at the last layer.
        return {"signal_gradient": np.logspace(-sign * decades, 0, num_layers)}

    assert kinds(measured(num_layers, values=gradient(decades * JUST_UNDER))) == []
    assert kinds(measured(num_layers, values=gradient(decades * JUST_OVER))) == [kind]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5 * JUST_UNDER, []), (0.5, ["saturated"])]
)
def test_a_layer_is_saturated_with_half_of_its_activations(share, expected):
    assert kinds(measured(values={"saturation": [np.nan, share, 0]})) == expected


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (10.0, []),
        (10 * JUST_OVER, ["unscaled inputs"]),
        (0.01, []),
        (0.01 * JUST_UNDER, ["unscaled inputs"]),
        (1e-300, ["unscaled inputs"]),
        (0.0, ["unscaled inputs"]),
    ],
)
def test_inputs_are_unscaled_beyond_10_and_below_a_hundredth(scale, expected):
    found = find(measured(input_scales={"a": scale}))
    assert [finding.kind for finding in found] == expected
    assert [finding.value for finding in found] == [scale] * len(expected)


@pytest.mark.parametrize(
    ("kernel_decades", "case"),
    [
        (1.75 * JUST_OVER, "activations along the depth, large weights"),
        (1.75 * JUST_UNDER, "activations along the depth"),
    ],
)
def test_weights_are_to_blame_for_half_of_the_decades_of_a_growth(kernel_decades, case):
    spread = {"activation_std": np.logspace(0, 3.5, 3)}
    # Two layers after the first, and one that has no kernel.
    scales = np.array([10 ** (kernel_decades / 2), np.nan, 10 ** (kernel_decades / 2)])
    (finding,) = find(measured(values=spread, fresh=spread, kernel_scales=scales))
    assert finding.kind == "exploding"
    assert finding.advice == SENTENCES[case].advice
