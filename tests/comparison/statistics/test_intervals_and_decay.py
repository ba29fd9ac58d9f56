import dataclasses
import itertools
import re

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from keras_rectifiers.comparison.statistics import (
    after_training,
    by_seed,
    decay,
    hodges_lehmann,
    measured,
    nested_intervals,
    paired_differences,
    where,
    wilson,
    with_trials,
)
from keras_rectifiers.comparison.trials.store import Tables

# float64 throughout.
EXACT = 1e-12


def test_a_published_example_is_reproduced():
    # Hollander, Wolfe, Chicken 2014, examples 3.1, 3.3 and 3.4: depression scores.
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    interval = hodges_lehmann(np.subtract(after, before))
    assert interval.estimate == pytest.approx(-0.46, abs=EXACT)
    assert (interval.low, interval.high) == pytest.approx((-0.786, -0.010), abs=EXACT)
    assert interval.attained == pytest.approx(0.961, abs=5e-4)


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_null_distribution_is_that_of_all_signs(n):
    ranks = np.arange(1, n + 1)
    sums = [int(ranks @ signs) for signs in itertools.product([0, 1], repeat=n)]
    expected = np.bincount(sums, minlength=n * (n + 1) // 2 + 1) / 2**n
    tails, _, _ = nested_intervals(ranks, ranks)
    both_sides = np.minimum(2 * np.cumsum(expected), 1)
    np.testing.assert_allclose(tails, both_sides[: len(tails)], atol=EXACT)


@pytest.mark.parametrize("n", [6, 13, 20])
def test_the_interval_holds_just_what_the_exact_test_does_not_reject(n, rng):
    values = rng.normal(0.3, 1.0, n)
    interval = hodges_lehmann(values)

    def p(centre):
        return scipy.stats.wilcoxon(values - centre, method="exact").pvalue

    step = 1e-9
    assert p(interval.low + step) > 0.05 >= p(interval.low - step)
    assert p(interval.high - step) > 0.05 >= p(interval.high + step)


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.integers(-1000, 1000)
)
def test_the_interval_moves_with_the_values(values, shift):
    interval, moved = hodges_lehmann(values), hodges_lehmann(np.add(values, shift))
    assert moved.estimate == interval.estimate + shift
    assert (moved.low, moved.high) == (interval.low + shift, interval.high + shift)


def test_the_interval_covers_the_centre_as_often_as_it_says(rng):
    samples = rng.normal(size=(2000, 8))
    intervals = [hodges_lehmann(sample) for sample in samples]
    covered = np.mean([i.low <= 0 <= i.high for i in intervals])
    # Three standard errors of a share of 2000.
    assert covered == pytest.approx(intervals[0].attained, abs=0.015)
    assert intervals[0].attained >= 0.95


@pytest.mark.parametrize(
    ("n", "attained"), [(1, 0.0), (2, 0.5), (5, 0.9375), (6, 0.96875)]
)
def test_too_few_values_give_the_widest_interval_and_say_so(n, attained):
    values = np.arange(n, dtype=float)
    interval = hodges_lehmann(values)
    assert (interval.low, interval.high) == (0, n - 1)
    assert interval.attained == pytest.approx(attained, abs=EXACT)
    assert interval.is_attained == (n >= 6)


def test_what_five_values_can_attain_is_attained():
    assert hodges_lehmann(range(5), confidence=0.9375).is_attained


def test_a_confidence_that_can_be_attained_exactly_is():
    # Of 6 values the second interval has 1 - 2 * 2 / 64.
    interval = hodges_lehmann(range(6), confidence=0.9375)
    assert (interval.attained, interval.low, interval.high) == (0.9375, 0.5, 4.5)


@pytest.mark.parametrize(
    ("values", "estimate"),
    # Of 6 and 10 Walsh averages the two in the middle count; of 3 and 15 the one.
    [
        ([0, 8], 4),
        ([0, 1, 5], 1.75),
        ([0, 1, 1], 0.75),
        ([0, 0, 1, 5], 0.75),
        ([0, 1, 2, 4, 32], 2.5),
        ([1.7e308, 1.7e308, 1.7e308], 1.7e308),
        ([np.inf, np.inf, np.inf], np.inf),
    ],
)
def test_the_estimate_is_the_median_of_the_walsh_averages(values, estimate):
    assert hodges_lehmann(values).estimate == estimate


def test_no_level_exceeds_1_by_rounding():
    # The probabilities of 58 values are no longer exact.
    tails, _, _ = nested_intervals(range(58), range(58))
    assert tails[-1] == 1


def test_what_is_kept_for_the_next_call_cannot_be_changed():
    tails, _, _ = nested_intervals(range(6), range(6))
    with pytest.raises(ValueError, match="read-only"):
        tails[0] = 1


def test_equal_values_have_an_interval_without_width():
    interval = hodges_lehmann([0.25] * 20)
    assert (interval.estimate, interval.low, interval.high) == (0.25, 0.25, 0.25)


def test_infinite_values_are_ordered_as_the_most_extreme():
    interval = hodges_lehmann([1, 2, 3, 4, 5, 6, 7, -np.inf])
    assert interval.low == -np.inf
    assert np.isfinite(interval.high)
    assert hodges_lehmann([np.inf] * 8).estimate == np.inf


@given(
    st.lists(
        st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 3)),
        min_size=1,
        max_size=12,
    )
)
def test_the_interval_holds_the_estimate_and_turns_with_the_sign(values):
    interval, mirrored = hodges_lehmann(values), hodges_lehmann(np.negative(values))
    assert interval.low <= interval.estimate <= interval.high
    assert (mirrored.low, mirrored.high) == (-interval.high, -interval.low)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "Expected a list of at least one value. Received: the shape (0,)."),
        ([[1.0]], "Expected a list of at least one value. Received: the shape (1, 1)."),
        (
            [1.0, np.nan],
            "Expected no NaN. Leave the missing values out and report their number, "
            "or replace a value by infinity if it is known to be extreme. Received: 1 "
            "NaN among 2 values.",
        ),
        (
            [1.0, None],
            "Expected no NaN. Leave the missing values out and report their number, "
            "or replace a value by infinity if it is known to be extreme. Received: 1 "
            "NaN among 2 values.",
        ),
        (
            [np.inf, -np.inf],
            "Expected infinite values of one sign only. Received: infinite values of "
            "both signs.",
        ),
    ],
)
def test_values_without_order_are_refused(values, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        hodges_lehmann(values)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_an_impossible_confidence_is_refused(confidence):
    message = f"confidence must be between 0 and 1. Received: {confidence!r}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        hodges_lehmann([1.0, 2.0], confidence)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (925, 1000)])
def test_wilson_agrees_with_scipy(k, n):
    interval = wilson(k, n)
    expected = scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
    assert interval.estimate == k / n
    assert (interval.low, interval.high) == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_wilson_refuses_what_is_no_share(k, n):
    message = f"Expected 0 <= k <= n and n >= 1. Received: k={k}, n={n}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        wilson(k, n)


def paired_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "activation": ["relu"] * 3 + ["elu"] * 3,
            "seed": [0, 1, 2, 0, 1, 2],
            "loss": [1.0, 2.0, 4.0, 10.0, 20.0, 40.0],
        }
    )


def test_pairs_are_joined_by_name_whatever_the_order_of_the_rows():
    shuffled = paired_frame().iloc[[5, 0, 4, 2, 1, 3]]
    differences = paired_differences(shuffled, "loss", "activation", "elu", "relu")
    assert differences.to_dict() == {0: 9.0, 1: 18.0, 2: 36.0}
    assert differences.index.name == "seed"


def test_a_value_that_is_missing_gives_a_difference_that_is_missing():
    frame = paired_frame()
    frame.loc[0, "loss"] = np.nan
    differences = paired_differences(frame, "loss", "activation", "elu", "relu")
    assert differences.isna().to_dict() == {0: True, 1: False, 2: False}


def test_a_seed_without_its_pair_is_named():
    message = (
        "Expected activation 'elu' and 'relu' to have the same pairs. Train the "
        "missing trials or leave the pairs out. Received: no row of activation 'relu' "
        "for seed 1."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        paired_differences(
            paired_frame().drop(index=1), "loss", "activation", "elu", "relu"
        )


def test_a_seed_that_stands_twice_is_named():
    frame = pd.concat([paired_frame(), paired_frame().iloc[[4]]])
    message = (
        "Expected one row of activation 'elu' for each seed. Select by the other "
        "settings first. Received: more than one for seed 1."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        paired_differences(frame, "loss", "activation", "elu", "relu")


def test_a_column_that_is_missing_is_named():
    with pytest.raises(KeyError, match="The frame has no column 'accuracy'"):
        paired_differences(paired_frame(), "accuracy", "activation", "elu", "relu")


def tables(gradients: dict[tuple[str, int], list[float]]) -> Tables:
    rows = [
        (key, epoch, layer, "signal_gradient", value)
        for (key, epoch), values in gradients.items()
        for layer, value in enumerate(values)
    ]
    measurements = pd.DataFrame(
        rows, columns=["key", "epoch", "layer", "measure", "value"]
    ).astype({"layer": "Int16"})
    keys = sorted({key for key, _ in gradients})
    trials = pd.DataFrame({"key": keys, "activation": ["relu"] * len(keys)})
    return Tables(trials=trials, measurements=measurements, outputs=pd.DataFrame())


def test_decay_is_the_slope_of_each_trial_and_epoch():
    frame = decay(
        tables(
            {
                ("b", 0): [1e-3, 1e-2, 1e-1, 1.0],
                ("a", 0): [1.0, 1.0],
                ("a", 1): [100.0, 1.0],
            }
        )
    )
    assert frame["key"].tolist() == ["a", "a", "b"]
    assert frame["epoch"].tolist() == [0, 1, 0]
    np.testing.assert_allclose(frame["gradient_decay"], [0, 2, -1], atol=EXACT)
    assert frame["num_layers_left_out"].tolist() == [0, 0, 0]


def test_decay_takes_each_trial_and_epoch_by_itself():
    # Of other numbers of layers, so that no row of a neighbour goes unnoticed.
    frame = decay(
        tables(
            {
                ("a", 0): [1.0, 10.0, 100.0],
                ("a", 1): [1.0],
                ("b", 0): [1e4, 1e2, 1.0, 1e-2],
                ("c", 3): [0.1, 1e-2],
            }
        )
    )
    np.testing.assert_allclose(frame["gradient_decay"], [-1, np.nan, 2, 1], atol=EXACT)


def test_decay_leaves_out_layers_without_gradient_and_counts_them():
    frame = decay(tables({("a", 0): [0.0, np.nan, 0.1, 1.0], ("b", 0): [0.0, 1.0]}))
    assert frame["gradient_decay"][0] == pytest.approx(-1, abs=EXACT)
    assert np.isnan(frame["gradient_decay"][1])
    assert frame["num_layers_left_out"].tolist() == [2, 1]


def test_decay_of_no_trial_is_an_empty_frame_of_the_same_columns():
    frame = decay(tables({}))
    assert list(frame) == ["key", "epoch", "gradient_decay", "num_layers_left_out"]
    assert len(frame) == 0
    assert frame["num_layers_left_out"].dtype == int


@pytest.mark.parametrize(
    ("layers", "named"), [([0, 1, 3], "3"), ([0, 1, 1], "1"), ([0, 1, pd.NA], "<NA>")]
)
def test_decay_names_the_layer_that_is_out_of_order(layers, named):
    made = tables({("a", 0): [1.0, 1.0, 1.0]})
    rows = made.measurements.assign(layer=pd.array(layers, dtype="Int16"))
    broken = Tables(trials=made.trials, measurements=rows, outputs=made.outputs)
    with pytest.raises(ValueError) as error:
        decay(broken)
    assert f"layer {named} " in str(error.value)


@pytest.mark.parametrize("change", ["lacking", "repeated"])
def test_decay_refuses_layers_that_are_not_each_there_once(change):
    made = tables({("a", 0): [1.0, 1.0, 1.0]})
    rows = made.measurements
    rows = rows.drop(index=1) if change == "lacking" else pd.concat([rows, rows])
    broken = Tables(trials=made.trials, measurements=rows, outputs=made.outputs)
    with pytest.raises(
        ValueError, match="Trial 'a', epoch 0: expected one signal_gradient for each"
    ):
        decay(broken)


def test_after_training_is_the_last_epoch_of_what_was_trained():
    rows = pd.DataFrame(
        {
            "key": ["a", "a", "b", "c", "c", "c", "a"],
            "epoch": [0, 1, 0, 5, 5, 3, 1],
            "value": range(7),
        }
    )
    assert after_training(rows)["value"].tolist() == [1, 3, 4, 6]


def test_measured_joins_the_settings_of_the_trials():
    rows = measured(tables({("a", 0): [1.0, 2.0]}), "signal_gradient")
    assert rows[["activation", "layer", "value"]].to_numpy().tolist() == [
        ["relu", 0, 1.0],
        ["relu", 1, 2.0],
    ]


def test_a_measured_trial_that_is_not_listed_is_named():
    message = (
        "Expected every measured trial in the table of trials. Received: 1 that are "
        "not in it, such as 'z'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        with_trials(pd.DataFrame({"key": ["a", "z"]}), tables({("a", 0): [1.0]}))


def test_a_trial_that_is_listed_twice_is_refused():
    made = tables({("a", 0): [1.0]})
    twice = dataclasses.replace(made, trials=pd.concat([made.trials, made.trials]))
    with pytest.raises(pd.errors.MergeError, match="not a many-to-one merge"):
        with_trials(pd.DataFrame({"key": ["a"]}), twice)


def test_values_stand_by_seed_whatever_the_order():
    rows = pd.DataFrame({"seed": [2, 0, 1], "value": [0.2, 0.0, 0.1], "depth": 3})
    expected = pd.Series([0.0, 0.1, 0.2], index=pd.Index([0, 1, 2], name="seed"))
    pd.testing.assert_series_equal(by_seed(rows), expected, check_names=False)


def test_where_selects_by_value_and_by_any_of_several():
    frame = paired_frame()
    chosen = where(frame, activation="relu", seed=[0, 2])
    assert chosen["loss"].tolist() == [1.0, 4.0]
    assert len(where(frame)) == len(frame)


@pytest.mark.parametrize("n", [1, 4, 9])
def test_nested_intervals_are_those_of_scipys_exact_test(n, rng):
    values = rng.normal(1, 1, n)
    tails, lows, highs = nested_intervals(values, values)
    gap = 1e-9
    for tail, low, high in zip(tails, lows, highs, strict=True):
        for just_outside in (low - gap, high + gap):
            test = scipy.stats.wilcoxon(values - just_outside, method="exact")
            # Each interval leaves out what is rejected at its level and no more.
            assert min(1, test.pvalue) == pytest.approx(tail, abs=EXACT)
    assert (np.diff(lows) >= 0).all() and (np.diff(highs) <= 0).all()
    assert lows[-1] <= highs[-1]


def test_decay_is_the_slope_of_scipys_regression(rng):
    gradients = 10 ** rng.normal(-3, 1, 12)
    rows = pd.DataFrame(
        {
            "key": "a",
            "epoch": 0,
            "layer": range(12),
            "measure": "signal_gradient",
            "value": gradients,
        }
    )
    tables = Tables(trials=pd.DataFrame(), measurements=rows, outputs=pd.DataFrame())
    distance = np.arange(12)[::-1]
    expected = scipy.stats.linregress(distance, np.log10(gradients)).slope
    assert decay(tables)["gradient_decay"].item() == pytest.approx(expected, abs=EXACT)
