"""Which activations are better, on made-up scores of seeds."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import detectable
from keras_rectifiers.comparison.verdicts.contest import Metric, judge
from tests.comparison.verdicts.made_up_scores import ACCURACY, contest_of, scores_of


def verdicts(contest):
    return dict(zip(contest.table["activation"], contest.table["verdict"], strict=True))


def test_differences_are_told_as_better_worse_none_that_matters_and_open():
    found = contest_of({"relu": 0, "gelu": 0.03, "elu": 0, "tanh": -0.1, "silu": 0.012})
    assert verdicts(found) == {
        "relu": "reference",
        "gelu": "better",
        "elu": "no difference that matters",
        "tanh": "worse",
        "silu": "better",
    }
    assert found.best == ("gelu",)


def test_a_difference_smaller_than_what_matters_is_never_better():
    found = contest_of({"relu": 0, "gelu": 0.008}, spread=0.001)
    assert verdicts(found)["gelu"] == "no difference that matters"
    assert found.best == ("relu", "gelu")
    # The interval reaches over what matters.
    found = contest_of({"relu": 0, "gelu": 0.006}, spread=0.004)
    assert found.table["p"][1] < 0.05
    assert verdicts(found)["gelu"] == "open"


def test_of_a_loss_less_is_better():
    loss = Metric(name="loss", higher_is_better=False, smallest_effect=0.01)
    found = contest_of({"relu": 0, "gelu": 0.03, "tanh": -0.03}, metric=loss)
    assert verdicts(found) == {"relu": "reference", "gelu": "worse", "tanh": "better"}
    assert found.table["improvement"][2] == pytest.approx(0.03, abs=0.005)
    assert found.table["improvement_low"][2] > 0
    assert found.best == ("tanh",)


def test_seeds_pair_the_activations_whatever_the_order_of_the_rows():
    scores = scores_of({"relu": 0, "gelu": 0.03}, between_seeds=0.2)
    shuffled = scores.sample(frac=1, random_state=0)
    kwargs = {"activations": ["relu", "gelu"], "reference": "relu", "metric": ACCURACY}
    found = judge(shuffled, **kwargs).table
    pd.testing.assert_frame_equal(found, judge(scores, **kwargs).table)
    # Unpaired, the spread between seeds would hide it.
    assert found["verdict"][1] == "better"


def test_p_is_corrected_for_the_number_of_comparisons():
    alone = contest_of({"relu": 0, "gelu": 0.03}, num_seeds=7)
    assert verdicts(alone)["gelu"] == "better"
    others = {f"other_{i}": 0 for i in range(3)}
    among = contest_of({"relu": 0, "gelu": 0.03, **others}, num_seeds=7)
    assert among.table["p"][1] == pytest.approx(4 * alone.table["p"][1])
    assert verdicts(among)["gelu"] == "open"
    assert among.resolution == np.inf


def test_too_few_seeds_decide_nothing_not_even_that_there_is_no_difference():
    found = contest_of({"relu": 0, "gelu": 0.3, "elu": 0}, num_seeds=3, spread=1e-5)
    assert verdicts(found) == {"relu": "reference", "gelu": "open", "elu": "open"}
    assert found.best == ("relu", "gelu", "elu")


def test_what_diverged_with_every_seed_is_not_the_best_even_if_seeds_are_few():
    scores = scores_of({"relu": 0, "gelu": 0, "elu": 0}, num_seeds=2)
    scores.loc[scores["activation"] == "gelu", "value"] = np.nan
    kwargs = {"activations": ["relu", "gelu", "elu"], "metric": ACCURACY}
    for reference in ("relu", "gelu"):
        found = judge(scores, reference=reference, **kwargs)
        assert found.best == ("relu", "elu")
    scores["value"] = np.nan
    assert judge(scores, reference="relu", **kwargs).best == ()


def test_of_a_lost_seed_the_worst_is_assumed():
    scores = scores_of({"relu": 0, "gelu": 0.03}, num_seeds=7)
    kwargs = {"activations": ["relu", "gelu"], "reference": "relu", "metric": ACCURACY}
    assert verdicts(judge(scores, **kwargs))["gelu"] == "better"
    scores.loc[(scores["activation"] == "gelu") & (scores["seed"] == 3), "value"] = (
        np.nan
    )
    found = judge(scores, **kwargs)
    assert verdicts(found)["gelu"] == "open"
    assert found.table["num_lost"].tolist() == [0, 1]
    assert found.table["improvement_low"][1] == -np.inf


def test_seeds_that_one_activation_has_not_finished_do_not_count_in_its_comparison():
    scores = scores_of({"relu": 0, "gelu": 0.03, "elu": 0})
    is_unfinished = (scores["activation"] == "gelu") & (scores["seed"] >= 8)
    scores = scores[~is_unfinished & (scores["activation"] != "elu")]
    found = judge(
        scores,
        activations=["relu", "gelu", "elu"],
        reference="relu",
        metric=ACCURACY,
    )
    assert found.table["num_seeds"].tolist() == [10, 8, 0]
    assert verdicts(found) == {
        "relu": "reference",
        "gelu": "better",
        "elu": "not measured",
    }
    assert found.best == ("gelu",)


def test_an_activation_that_another_than_the_reference_beats_is_not_among_the_best():
    found = contest_of({"relu": 0, "gelu": 0.03, "elu": 0.015}, spread=0.002)
    assert verdicts(found)["elu"] == "better"
    assert found.best == ("gelu",)


def test_what_is_worse_than_the_reference_is_not_among_the_best():
    for reference in ("relu", "gelu"):
        found = contest_of({"relu": 0, "gelu": 0.03}, reference=reference)
        assert found.best == ("gelu",)


def test_the_resolution_is_what_the_measured_spread_lets_the_seeds_find():
    found = contest_of({"relu": 0, "gelu": 0}, spread=0.05)
    scores = scores_of({"relu": 0, "gelu": 0}, spread=0.05)
    wide = scores.pivot(index="seed", columns="activation", values="value")
    spread = (wide["gelu"] - wide["relu"]).std()
    assert found.spread == pytest.approx(spread)
    assert found.resolution == pytest.approx(detectable(10, 1) * spread)
    others = {f"other_{i}": 0 for i in range(3)}
    among = contest_of({"relu": 0, "gelu": 0, **others}, spread=0.05)
    assert among.resolution == pytest.approx(detectable(10, 4) * among.spread)
    # An estimate under what matters is never better, however small the spread.
    narrow = contest_of({"relu": 0, "gelu": 0}, spread=1e-6)
    assert narrow.resolution == pytest.approx(ACCURACY.smallest_effect, rel=1e-3)


@pytest.mark.parametrize("is_diverged", [True, False])
def test_without_a_score_of_the_reference_the_others_are_compared_with_each_other(
    is_diverged,
):
    scores = scores_of({"tanh": 0, "relu": 0, "elu": 0, "gelu": 0.03})
    is_reference = scores["activation"] == "tanh"
    scores.loc[is_reference, "value"] = np.nan
    if not is_diverged:  # its training raised an error
        scores = scores[~is_reference]
    found = judge(
        scores,
        activations=["tanh", "relu", "elu", "gelu"],
        reference="tanh",
        metric=ACCURACY,
    )
    assert (found.reference, found.lost_reference) == ("relu", "tanh")
    assert verdicts(found) == {
        "tanh": "diverged" if is_diverged else "not measured",
        "relu": "reference",
        "elu": "no difference that matters",
        "gelu": "better",
    }
    assert found.best == ("gelu",)
    assert np.isnan(found.table["improvement"][0])
    assert np.isfinite(found.resolution)


def test_a_reference_that_is_not_there_and_a_seed_twice_are_refused():
    scores = scores_of({"relu": 0, "gelu": 0.03})
    message = (
        "^Expected the reference to be one of the activations, relu, gelu. Received: "
        "'elu'.$"
    )
    kwargs = {"activations": ["relu", "gelu"], "metric": ACCURACY}
    with pytest.raises(ValueError, match=message):
        judge(scores, reference="elu", **kwargs)
    with pytest.raises(ValueError, match="Received: 'relu' with a seed more than once"):
        judge(pd.concat([scores, scores]), reference="relu", **kwargs)
