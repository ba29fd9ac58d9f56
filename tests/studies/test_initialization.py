"""The studies of initialisation and of exploding gradients, on made-up tables."""

import dataclasses

import pytest

from keras_rectifiers.comparison.statistics import wilson
from keras_rectifiers.comparison.verdicts.claims import judge
from studies import exploding_gradients, initialization
from tests.studies.made_up_studies import made_up_tables, verdicts


def starts(
    decay, active, glorot_loss, biased_accuracy, raw_accuracy=0.1, activation=8.0
):
    """Penalised nets have activations up to 4, others to `activation`."""

    def measures(trial, epoch, layer):
        noise = 1e-4 * (trial.seed % 10)
        if trial.depth == 3:
            is_penalised = trial.weight_l1 or trial.weight_l2
            largest = 4.0 if is_penalised else activation
            # The last layer has it; the others are alike in all nets.
            return {"largest_activation": largest + noise if layer == 2 else 1.0}
        if trial.depth == 6:
            share = active if trial.bias == 0.1 and epoch == 0 else 0.5
            return {"sparsity": 1 - share + noise}
        return {"signal_gradient": 10 ** ((decay + noise) * (trial.depth - 1 - layer))}

    def accuracy(trial):
        changed = trial.bias or trial.weight_l1 or trial.weight_l2
        level = biased_accuracy if changed else 0.9
        level = raw_accuracy if trial.inputs == "raw" else level
        return level + 1e-4 * (trial.seed % 7)

    return made_up_tables(
        initialization.STUDY,
        measures,
        accuracy=accuracy,
        train_loss=lambda t: (
            (glorot_loss if t.initializer == "glorot" else 1.0)
            + 1e-3 * (t.seed % 7) * len(t.initializer)
        ),
    )


def test_where_the_textbooks_are_right_initialisation_says_so():
    tables = starts(decay=0.0, active=0.95, glorot_loss=2.3, biased_accuracy=0.95)
    found = verdicts(initialization.STUDY, tables)
    assert {v for cases in found.values() for v in cases.values()} == {"supported"}
    assert list(found) == [
        "he-init",
        "text-bounds",
        "small-bias",
        "positive-bias-helps",
        "scaled-inputs",
        "scaled-inputs-accuracy",
        "weight-penalty",
        "weight-penalty-accuracy",
    ]
    assert list(found["scaled-inputs"]) == [
        "raw against 0 to 1, rate 0.01",
        "raw against standardised, rate 0.01",
        "raw against 0 to 1, rate 0.1",
        "raw against standardised, rate 0.1",
    ]


def test_where_the_textbooks_are_wrong_initialisation_says_so():
    tables = starts(
        decay=-0.1,
        active=0.6,
        glorot_loss=1.1,
        biased_accuracy=0.9,
        raw_accuracy=0.9,
        activation=4.5,
    )
    found = verdicts(initialization.STUDY, tables)
    assert {v for cases in found.values() for v in cases.values()} == {"contradicted"}


def test_nets_that_diverge_with_raw_inputs_alone_are_counted_as_failed():
    tables = starts(0.0, 0.95, 2.3, 0.95, raw_accuracy=0.9)
    trials = tables.trials
    is_lost = (trials["inputs"] == "raw") & (trials["learning_rate"] == 0.1)
    tables = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    found = verdicts(initialization.STUDY, tables)
    assert found["scaled-inputs"] == {
        "raw against 0 to 1, rate 0.01": "contradicted",
        "raw against standardised, rate 0.01": "contradicted",
        "raw against 0 to 1, rate 0.1": "supported",
        "raw against standardised, rate 0.1": "supported",
    }
    # Their accuracy says nothing.
    accuracy = found["scaled-inputs-accuracy"]
    assert accuracy["standardised against raw, rate 0.1"] == "inconclusive"


def test_the_largest_activation_is_that_of_all_layers_and_compared_by_ratio():
    tables = starts(0.0, 0.95, 2.3, 0.95, activation=8.0)
    frame = judge(initialization.STUDY, tables).set_index("claim")
    rows = frame.loc["weight-penalty"]
    assert list(rows["case"]) == ["L1 penalty of 0.001", "L2 penalty of 0.001"]
    assert rows["estimate"].to_list() == pytest.approx([1.0, 1.0], abs=1e-3)


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


RIGHT = {"relu": 3.0, "leaky_relu": 3.0, "elu": 2.0, "gelu": 3.0, "tanh": 1.0}


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
        assert set(frame.loc[[claim], "verdict"]) == {"contradicted"}
