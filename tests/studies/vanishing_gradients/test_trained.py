"""Claims on what deep nets learn, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies.vanishing_gradients import STUDY, trained
from tests.studies.made_up_studies import made_up_tables, only, verdicts

# The deep nets that are trained, with the convolutions that quick leaves out.
DEEP = dataclasses.replace(
    STUDY,
    grids={"quick": trained.grids(seeds=range(20), epochs=6)},
)


@pytest.mark.parametrize(
    ("behind", "verdict"),
    [(0.3, "supported"), (0.05, "contradicted"), (-0.3, "contradicted")],
)
def test_deep_nets_are_stuck_where_relu_is_ahead(behind, verdict):
    def accuracy(trial):
        noise = 0.001 * (trial.seed % 7)
        if trial.activation == "relu":
            return 0.6 + noise
        # What was not chosen, or belongs to another net, must not matter.
        is_judged = (trial.depth, trial.width) in ((20, 32), (8, 4)) and trial.seed < 20
        return 0.6 - behind + 2 * noise if is_judged else 0.99

    tables = made_up_tables(DEEP, accuracy=accuracy)
    found = verdicts(DEEP, tables, "deep-sigmoid-stuck", "deep-tanh-stuck")
    for activation in ("sigmoid", "tanh"):
        assert found[f"deep-{activation}-stuck"] == {
            f"relu ahead of {activation}, MLP, Adam": verdict,
            f"relu ahead of {activation}, MLP, SGD": verdict,
            f"relu ahead of {activation}, CNN, Adam": verdict,
        }


def test_deep_nets_that_learn_something_are_not_at_chance():
    tables = made_up_tables(
        DEEP,
        # By SGD even ReLU learns nothing.
        accuracy=lambda t: (
            0.20 if t.optimizer == "sgd" or t.activation == "sigmoid" else 0.21
        ),
    )
    assert verdicts(DEEP, tables, "deep-at-chance")["deep-at-chance"] == {
        "relu learns, MLP, Adam": "supported",
        "sigmoid does not learn, MLP, Adam": "supported",
        "tanh does not learn, MLP, Adam": "contradicted",
        "relu learns, MLP, SGD": "contradicted",
        "sigmoid does not learn, MLP, SGD": "supported",
        "tanh does not learn, MLP, SGD": "supported",
        "relu learns, CNN, Adam": "supported",
        "sigmoid does not learn, CNN, Adam": "supported",
        "tanh does not learn, CNN, Adam": "contradicted",
    }


def test_diverged_nets_stay_in_what_is_judged():
    tables = made_up_tables(
        DEEP,
        accuracy=lambda trial: 0.9 if trial.activation == "relu" else 0.1,
    )
    is_lost = (tables.trials["activation"] == "relu") & (tables.trials["seed"] < 2)
    tables = dataclasses.replace(tables, trials=tables.trials.assign(diverged=is_lost))
    frame = judge(only(DEEP, "deep-sigmoid-stuck", "deep-at-chance"), tables)
    judged = frame[frame["claim"] == "deep-sigmoid-stuck"]
    assert judged["num_excluded"].tolist() == [2, 2, 2]
    # With 10 seeds, two that may have been anything leave it open.
    assert set(judged["verdict"]) == {"inconclusive"}
    shares = frame[frame["claim"] == "deep-at-chance"]
    is_relu = shares["case"].str.startswith("relu")
    assert shares["num_excluded"].tolist() == [2 * relu for relu in is_relu]
