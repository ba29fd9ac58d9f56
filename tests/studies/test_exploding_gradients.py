"""The study of exploding gradients, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.statistics import wilson
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import exploding_gradients
from tests.studies.made_up_studies import made_up_tables, verdicts

RIGHT = {"relu": 3.0, "leaky_relu": 3.0, "elu": 2.0, "gelu": 3.0, "tanh": 1.0}


def exploding(decays):
    def measures(trial, epoch, layer):
        decay = decays[trial.activation] if trial.weight_scale == 2.0 else 9.0
        decay += 1e-4 * (trial.seed % 10) * len(trial.activation)
        return {"signal_gradient": 10 ** (decay * (trial.depth - 1 - layer) / 10)}

    return measures


def with_outcomes(tables, diverges, learns):
    trials = tables.trials
    trained = trials["epochs"] > 0
    is_clipped = trials["global_clipnorm"] > 0
    kind = trials["activation"].where(trials["weight_scale"] == 2.0, "smaller scale")
    kind = kind.where(~is_clipped, "clipping")
    return dataclasses.replace(
        tables,
        trials=trials.assign(
            diverged=trained & kind.isin(diverges),
            test_accuracy=kind.isin(learns).where(trained) * 0.8,
        ),
    )


def test_where_the_textbooks_are_right_exploding_gradients_says_so():
    tables = made_up_tables(exploding_gradients.STUDY, exploding(RIGHT))
    tables = with_outcomes(
        tables, diverges=["relu"], learns=["smaller scale", "clipping", "relu"]
    )
    found = verdicts(exploding_gradients.STUDY, tables)
    assert {v for cases in found.values() for v in cases.values()} == {"supported"}
    assert list(found["exploding"]) == ["relu", "leaky_relu", "elu", "gelu"]
    assert list(found["exploding-cures"]) == ["smaller scale", "clipping"]


def test_where_the_textbooks_are_wrong_exploding_gradients_says_so():
    tables = made_up_tables(
        exploding_gradients.STUDY, exploding(dict.fromkeys(RIGHT, 1.0))
    )
    tables = with_outcomes(tables, diverges=["relu", "tanh"], learns=[])
    found = verdicts(exploding_gradients.STUDY, tables)
    assert {v for cases in found.values() for v in cases.values()} == {"contradicted"}


def test_clipping_has_to_let_the_net_learn_not_only_live():
    tables = made_up_tables(exploding_gradients.STUDY, exploding(RIGHT))
    tables = with_outcomes(tables, diverges=["relu"], learns=[])
    frame = judge(exploding_gradients.STUDY, tables)
    cures = frame[frame["claim"] == "exploding-cures"]
    assert set(cures["verdict"]) == {"contradicted"}


@pytest.mark.parametrize(
    ("num_lost", "verdict", "estimate"),
    # A share of 0.35 gives half of the pairs of seeds a lost net.
    [(20, "supported", 1.0), (12, "inconclusive", 0.6), (7, "inconclusive", 0.35),
     (4, "contradicted", 0.2)],
)  # fmt: skip
def test_a_share_is_that_of_the_seeds(num_lost, verdict, estimate):
    study = exploding_gradients.STUDY
    tables = made_up_tables(study, exploding(RIGHT), num_seeds=20)
    tables = with_outcomes(tables, diverges=["relu"], learns=[])
    trials = tables.trials
    is_lost = trials["diverged"] & (trials["seed"] < num_lost)
    some = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    row = judge(study, some).set_index("claim").loc["exploding-diverges"]
    assert (row["verdict"], row["n"]) == (verdict, 20)
    assert row["estimate"] == pytest.approx(estimate)
    interval = wilson(num_lost, 20)
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_a_gradient_that_shrinks_less_than_that_of_tanh_has_not_exploded():
    shrinks = {"relu": -1.0, "leaky_relu": 0.2, "elu": -1.0, "gelu": 2.0, "tanh": -5.0}
    tables = made_up_tables(exploding_gradients.STUDY, exploding(shrinks))
    assert verdicts(exploding_gradients.STUDY, tables)["exploding"] == {
        "relu": "contradicted",
        "leaky_relu": "contradicted",
        "elu": "contradicted",
        "gelu": "supported",
    }


def test_where_tanh_alone_diverges_and_cures_harm_no_seed_counts():
    tables = made_up_tables(exploding_gradients.STUDY, exploding(RIGHT))
    tables = with_outcomes(tables, diverges=["tanh"], learns=["relu"])
    frame = judge(exploding_gradients.STUDY, tables).set_index("claim")
    for claim in ("exploding-diverges", "exploding-cures"):
        assert set(frame.loc[[claim], "estimate"]) == {0.0}
    assert set(frame.loc[["exploding-diverges"], "verdict"]) == {"contradicted"}
    # Where nothing explodes there is nothing to cure.
    assert set(frame.loc[["exploding-cures"], "verdict"]) == {"not testable here"}
