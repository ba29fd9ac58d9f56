"""Where each rule on what was measured begins: cases just on either side of it."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.layers import Measured, check
from keras_rectifiers.diagnosis.messages import SENTENCES
from keras_rectifiers.diagnosis.reasoning import KINDS
from tests.diagnosis.made_up_measures import measured

JUST_UNDER, JUST_OVER = 1 - 1e-6, 1 + 1e-6


def kinds(seen: Measured) -> list[str]:
    return [finding.kind for finding in check(seen)]


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
    ("num_dead", "num_units", "expected"),
    [
        (5, 8, []),
        (6, 8, ["dead"]),
        (4, 5, []),
        (5, 5, ["dead"]),
        (1, 1, ["dead"]),
        (9, 32, []),
        (12, 32, ["dead"]),
    ],
)
def test_of_few_units_more_have_to_be_dead(num_dead, num_units, expected):
    share = {"dead_units": [0, num_dead / num_units, 0]}
    assert kinds(measured(values=share, num_units=[num_units] * 3)) == expected


@pytest.mark.parametrize(
    ("share", "fresh", "case"),
    [
        (0.35, 0.0, "dead by training"),
        (1.0, 0.65 * JUST_UNDER, "dead by training"),
        (1.0, 0.65 * JUST_OVER, "dead from the start"),
    ],
)
def test_dead_units_are_put_down_to_training_from_the_same_rise_on(share, fresh, case):
    shares, of_fresh = [0, share, 0], [0, fresh, 0]
    (finding,) = check(
        measured(values={"dead_units": shares}, fresh={"dead_units": of_fresh})
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
    assert [finding.value for finding in check(seen)] == [
        pytest.approx(growth * fresh) for _ in expected
    ]


@pytest.mark.parametrize(
    ("spread", "expected"),
    [(0.6, []), (10 * JUST_UNDER, []), (10 * JUST_OVER, ["exploding"])],
)
def test_a_fresh_copy_that_loses_the_signal_is_no_measure_of_growth(spread, expected):
    # VGG16 is initialised with glorot_uniform, and its trained weights are larger.
    seen = measured(
        values={"activation_std": [1, spread, 1]},
        fresh={"activation_std": [1, 1e-3, 1]},
    )
    assert kinds(seen) == expected


def test_the_largest_growth_is_told():
    (finding,) = check(measured(values={"activation_std": [150, 250, 1]}))
    expected = SENTENCES["activations grown"].observation
    assert finding.observation == expected.format(value="250", growth="250")
    assert (finding.layer, finding.others) == ("b", ("a",))


def test_nothing_has_grown_from_a_fresh_copy_without_a_signal():
    assert kinds(measured(fresh={"activation_std": [1, 0, 1]})) == []


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
    found = check(measured(input_scales={"a": scale}))
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
    (finding,) = check(measured(values=spread, fresh=spread, kernel_scales=scales))
    assert finding.kind == "exploding"
    assert finding.advice == SENTENCES[case].advice


@pytest.mark.parametrize(
    ("scales", "value", "layer", "others"),
    [
        ({"a": 20, "b": 1e3}, 1e3, "b", ("a",)),
        ({"a": 20, "b": 1e-4}, 1e-4, "b", ("a",)),
        ({"a": 1e-4, "b": 2e4, "c": 30, "d": 1}, 2e4, "b", ("a", "c")),
        ({"a": 1e-300, "b": 0}, 0, "b", ("a",)),
    ],
)
def test_of_inputs_those_farthest_from_1_come_first(scales, value, layer, others):
    (finding,) = check(measured(input_scales=scales))
    assert (finding.value, finding.layer, finding.others) == (value, layer, others)


@pytest.mark.parametrize(("scale", "size"), [(20, "large"), (1e-3, "small")])
def test_large_inputs_are_told_from_small_ones(scale, size):
    (finding,) = check(measured(input_scales={"a": scale}))
    expected = SENTENCES["unscaled inputs"].meaning.format(size=size)
    assert finding.meaning == expected and size in expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (99.4, "99"),
        (99.6, "1e+02"),
        (100, "100"),
        (12345.6, "12,346"),
        (999_999, "999,999"),
        (1e6, "1e+06"),
        (0.00123, "0.0012"),
    ],
)
def test_numbers_are_shown_with_the_digits_that_matter(value, shown):
    (finding,) = check(measured(input_scales={"a": value}))
    expected = SENTENCES["unscaled inputs"].observation.format(value=shown)
    assert finding.observation == expected and shown in expected


@pytest.mark.parametrize(
    ("measure", "decades", "case", "value"),
    # Of 3 layers the two last: the factor from one to the next is the root.
    [
        ("activation_std", [0, 1.75, 3.5], "activations along the depth", "3,162"),
        ("signal_gradient", [3.5, 1.75, 0], "exploding gradient", "3,162"),
        ("signal_gradient", [-3.5, -1.75, 0], "vanishing gradient", "0.00032"),
    ],
)
def test_the_factor_of_each_layer_is_told(measure, decades, case, value):
    values = {measure: 10 ** np.array(decades)}
    (finding,) = check(measured(values=values, fresh=values))
    said = SENTENCES[case].observation.format(per_layer="56", value=value)
    assert finding.observation == said


@pytest.mark.parametrize(
    ("kernel_decades", "case"),
    [
        # A kernel of zeros says nothing; a small one takes off what a large one adds.
        ([0.9, -np.inf, 0.9], "activations along the depth, large weights"),
        ([2, 0.5, -1], "activations along the depth"),
    ],
)
def test_all_kernels_but_those_of_zeros_make_the_signal_grow(kernel_decades, case):
    spread = {"activation_std": np.logspace(0, 3.5, 3)}
    scales = 10 ** np.array(kernel_decades)
    (finding,) = check(measured(values=spread, fresh=spread, kernel_scales=scales))
    assert finding.advice == SENTENCES[case].advice


@pytest.mark.parametrize(
    ("scale", "case"),
    [(10, "exploding gradient, large weights"), (np.nan, "exploding gradient")],
)
def test_what_is_exactly_at_a_threshold_has_reached_it(scale, case):
    # 2 decades, of which kernels of 10 make up one.
    seen = measured(
        2, values={"signal_gradient": [100, 1]}, kernel_scales=np.full(2, scale)
    )
    (finding,) = check(seen)
    assert (finding.kind, finding.advice) == ("exploding", SENTENCES[case].advice)


def test_a_share_is_told_in_per_cent():
    (finding,) = check(measured(values={"saturation": [0.25, 0.625, 0.1]}))
    assert finding.observation == SENTENCES["saturated"].observation.format(share="62%")


def test_of_layers_that_are_equal_the_first_comes_first():
    (finding,) = check(measured(26, values={"saturation": [0.5, 0.75] * 13}))
    assert "".join((finding.layer, *finding.others)) == ("bdfhjlnprtvxzacegikmoqsuwy")


def test_a_gradient_vanishes_on_its_way_to_the_first_layer_that_it_reaches():
    # Dead units explain that it goes no further.
    values = {"signal_gradient": [0, 1e-4, 1e-2, 1], "dead_units": [0, 1, 0, 0]}
    dead, vanishing = check(measured(4, values=values))
    assert (dead.kind, dead.layer) == ("dead", "b")
    assert (vanishing.kind, vanishing.layer, vanishing.value) == (
        "vanishing",
        "b",
        1e-4,
    )


@pytest.mark.parametrize(
    ("signal", "layer"),
    [([0, 1, 1], "a"), ([0, 0, 0, 1, 1], "c"), ([1, 0, 1, 1], "b")],
)
def test_the_gradient_is_lost_at_the_last_layer_without_one(signal, layer):
    (finding,) = check(measured(len(signal), values={"signal_gradient": signal}))
    assert (finding.kind, finding.layer, finding.value) == ("vanishing", layer, 0)


def test_a_gradient_that_explodes_and_is_lost_is_told_as_both():
    seen = measured(4, values={"signal_gradient": [1e5, 1e3, 0, 1]})
    exploding, lost = check(seen)
    assert (exploding.kind, exploding.layer) == ("exploding", "a")
    assert (lost.kind, lost.layer) == ("vanishing", "c")


def test_causes_stand_before_what_follows_from_them():
    assert {said.kind for said in SENTENCES.values()} <= set(KINDS)
    values = {
        "dead_units": [0, 0.9, 0],
        "activation_std": [1, 30, 1e3],
        "signal_gradient": [1e-5, 1e-2, 1],
        "saturation": [0.9, 0, 0],
    }
    seen = measured(
        values=values,
        fresh={"activation_std": values["activation_std"]},
        input_scales={"a": 255},
        unseen={"b": "a reason"},
    )
    assert kinds(seen) == [
        "unscaled inputs",
        "dead",
        "exploding",
        "vanishing",
        "saturated",
        "unseen",
    ]
    lost = measured(lost=["b"], input_scales={"a": 255})
    assert kinds(lost) == ["not finite"]  # it stands alone


def test_a_gradient_of_exactly_zero_has_vanished_unless_dead_units_explain_it():
    cut = {"signal_gradient": np.array([0, 0, 1.0]), "activation_std": np.ones(3)}
    (finding,) = check(measured(values=cut))
    assert finding.observation == "the gradient has vanished; it is exactly 0"
    assert finding.layer == "b"
    dead = {**cut, "dead_units": np.array([0, 0, 1.0])}
    assert [finding.kind for finding in check(measured(values=dead))] == ["dead"]


def test_a_mild_drift_is_no_finding():
    drift = {
        "signal_gradient": np.array([0.2, 0.5, 1.0]),
        "activation_std": np.array([1.0, 2.0, 4.0]),
        "dead_units": np.array([0.0, 0.1, 0.3]),
    }
    assert check(measured(values=drift)) == []
