"""The claims of the study of dying ReLU, on made-up tables with known answers."""

import numpy as np
import pytest

from keras_rectifiers.comparison.statistics import wilson
from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.verdicts.claims import judge
from studies import dying_relu
from studies.dying_relu import born_dead, leaky
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = dying_relu.STUDY


def dead(rise, *, bias_kills=0.5, first=0.5, revived=0.05):
    """Units that die at each rate (`rise`), half of them in the first epoch.

    Of those that are dead before the end a share is `revived`.
    """

    def measures(trial, epoch, layer):
        if trial.width == 2:
            return {}
        share = 0.05 + (bias_kills if trial.bias else 0.0) + 0.001 * (trial.seed % 10)
        if epoch:
            share += rise[trial.learning_rate] * (1 if epoch == trial.epochs else first)
        is_relu = trial.activation == "relu"
        lives = revived * share * (epoch < trial.epochs)
        return {"dead_units": share, "revived_units": lives} if is_relu else {}

    return measures


RIGHT = {1e-3: 0.0, 3e-3: 0.0, 3e-4: 0.0, 1e-2: 0.05, 3e-2: 0.35, 0.1: 0.7, 0.3: 0.9}
WRONG = dict.fromkeys(RIGHT, 0.2)


def curves(relu, leaky):
    def values(trial, epoch):
        needed = {"relu": relu, "leaky_relu": leaky}.get(trial.activation, 1)
        return {"train_loss": 0.05 if epoch >= needed else 1.0}

    return values


def leads(rate, lead):
    """Accuracies of leaky nets that lead at one rate only."""

    def accuracy(trial):
        noise = 0.001 * (trial.seed % 10)
        is_ahead = trial.activation != "relu" and trial.learning_rate == rate
        return 0.5 + lead * is_ahead + noise * (1 + is_ahead)

    return accuracy


def test_where_the_textbooks_are_right_the_study_says_so():
    tables = made_up_tables(
        STUDY,
        dead(RIGHT),
        curves=curves(relu=8, leaky=4),
        accuracy=leads(3e-2, 0.2),
    )
    found = verdicts(STUDY, tables)
    found.pop("born-dead"), found.pop("born-dead-bound")
    assert {claim: set(cases.values()) for claim, cases in found.items()} == {
        "dead-by-rate": {"supported"},
        "small-rate-spares": {"supported"},
        "dead-by-bias": {"supported"},
        "dead-grow": {"supported"},
        "dead-stay-dead": {"supported"},
        "leaky-lives": {"supported"},
        "leaky-faster": {"supported"},
    }
    assert len(found["leaky-lives"]) == 5


def test_where_the_textbooks_are_wrong_the_study_says_so():
    tables = made_up_tables(
        STUDY,
        dead(WRONG, bias_kills=0.0, first=1.0, revived=0.4),
        curves=curves(relu=4, leaky=8),
        accuracy=leads(3e-2, 0.2),
    )
    found = verdicts(STUDY, tables)
    # No rate kills enough for the leaky variants to be judged at.
    assert set(found.pop("leaky-lives").values()) == {"not measured"}
    found.pop("born-dead"), found.pop("born-dead-bound")
    assert {v for cases in found.values() for v in cases.values()} == {"contradicted"}


def test_units_that_come_back_are_counted_among_those_that_were_dead():
    def measures(trial, epoch, layer):
        # A tenth of all units is dead after the first epoch, more in the last layer.
        share = 0.1 + (0.05 if layer == trial.depth - 1 else -0.01)
        # A net without dead units has none that could come back.
        share = 0.0 if trial.seed == 0 else share
        return {"dead_units": share, "revived_units": 0.3 * share * (epoch == 1)}

    frame = judge(STUDY, made_up_tables(STUDY, measures))
    rows = frame[frame["claim"] == "dead-stay-dead"]
    assert list(rows["case"]) == ["Adam, rate 0.03", "Adam, rate 0.1"]
    assert rows["estimate"].to_list() == pytest.approx([0.3, 0.3])
    assert set(rows["num_excluded"]) == {1}


def test_leaky_nets_are_judged_at_the_least_rate_that_kills_the_pilots_units():
    def measures(trial, epoch, layer):
        # The reporting seeds die at every rate, and choose nothing.
        rise = 0.9 if trial.seed < TUNING_SEEDS else RIGHT[trial.learning_rate]
        return {"dead_units": rise * (epoch > 0)}

    tables = made_up_tables(STUDY, measures, accuracy=leads(3e-2, 0.2))
    found = verdicts(STUDY, tables)["leaky-lives"]
    assert set(found.values()) == {"supported"}
    assert set(found) == {f"{name}, rate 0.03" for name in leaky.LEAKY}
    tables = made_up_tables(STUDY, measures, accuracy=leads(1e-2, 0.2))
    assert set(verdicts(STUDY, tables)["leaky-lives"].values()) == {"contradicted"}


@pytest.mark.parametrize("is_there", [False, True])
def test_no_rate_is_judged_above_one_whose_pilots_are_lost(is_there):
    def measures(trial, epoch, layer):
        is_lost = trial.learning_rate == 1e-2 and trial.seed == TUNING_SEEDS and epoch
        return {"dead_units": np.nan if is_lost else RIGHT[trial.learning_rate]}

    tables = made_up_tables(
        STUDY,
        lambda t, e, layer: {
            name: (value if e else 0.0) for name, value in measures(t, e, layer).items()
        },
        accuracy=leads(3e-2, 0.2),
    )
    if not is_there:
        rows, trials = tables.measurements, tables.trials
        lost = rows.loc[rows["value"].isna(), "key"]
        tables = type(tables)(
            trials=trials[~trials["key"].isin(lost)],
            measurements=rows[~rows["key"].isin(lost)],
            outputs=tables.outputs,
        )
    assert set(verdicts(STUDY, tables)["leaky-lives"].values()) == {"not measured"}


@pytest.mark.parametrize(
    ("share", "verdict", "bound"),
    [
        (born_dead.BORN_DEAD, "supported", "inconclusive"),
        (0.85, "contradicted", "supported"),
        (0.98, "contradicted", "contradicted"),
    ],
)
def test_nets_born_dead_are_counted(share, verdict, bound):
    drawn = np.random.default_rng(0).random(1000) < share

    def measures(trial, epoch, layer):
        # One silent layer is enough.
        is_silent = trial.width == 2 and layer == 3 and drawn[trial.seed]
        return {"silent_units": 1.0 if is_silent else 0.5}

    tables = made_up_tables(STUDY, measures, num_seeds=1000)
    found = verdicts(STUDY, tables)
    assert found["born-dead"] == {"one example": verdict}
    assert found["born-dead-bound"] == {"256 examples": bound}
    row = judge(STUDY, tables).set_index("claim").loc["born-dead"]
    interval = wilson(int(drawn.sum()), 1000)
    assert (row["n"], row["estimate"]) == (1000, pytest.approx(drawn.mean()))
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_the_formula_of_lu_is_that_of_10_layers_of_2_units():
    assert pytest.approx(0.925, abs=5e-4) == born_dead.BORN_DEAD


def test_a_net_that_never_gets_to_the_threshold_is_censored():
    tables = made_up_tables(STUDY, dead(RIGHT), curves=curves(relu=99, leaky=4))
    frame = judge(STUDY, tables).set_index("claim")
    assert frame.loc["leaky-faster", "num_censored"] == 10
    assert frame.loc["leaky-faster", "verdict"] == "supported"


def test_a_difference_of_shares_is_not_called_a_share():
    tables = made_up_tables(STUDY, dead(RIGHT))
    frame = judge(STUDY, tables).set_index(["claim", "case"])["sentence"]
    found = {
        claim: frame[claim].iloc[-1].split(". The ")[1]
        for claim in ("dead-by-rate", "small-rate-spares", "dead-by-bias", "dead-grow")
    }
    assert found == {
        "dead-by-rate": "rise of the share of dead units minus that at the default rate is "
        "0.700 over 10 seeds; that is, 70.0 percentage points more units are dead than "
        "after training at the default rate, relative to initialisation",
        "small-rate-spares": "rise of the share of dead units is 0.000 over 10 seeds; that "
        "is, 0.0 percentage points more units are dead than at initialisation",
        "dead-by-bias": "share of dead units minus that with a bias of 0 is 0.500 over 10 "
        "seeds; that is, 50.0 percentage points more units are dead than in nets with an "
        "initial bias of 0",
        "dead-grow": "share of dead units after the last epoch minus that after the first is "
        "0.350 over 10 seeds; that is, 35.0 percentage points more units are dead than "
        "after the first epoch",
    }
