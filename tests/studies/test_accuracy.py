"""The claims of the study of accuracy, on made-up tables with known answers."""

import dataclasses

import numpy as np
import pytest

from studies import accuracy
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = accuracy.STUDY


def tables(test, train=None, num_seeds=20):
    """Accuracies of each activation, a little else for each seed and activation."""

    def noisy(levels):
        def value(trial):
            noise = 1e-4 * ((7 * trial.seed + len(trial.activation)) % 11)
            # What is not at the chosen rate must not matter.
            best = min(accuracy.RATES["MLP" if trial.architecture == "mlp" else "CNN"])
            is_best = trial.learning_rate == best
            return levels.get(trial.activation, 0.9) + noise if is_best else 0.5

        return value

    return made_up_tables(
        STUDY,
        accuracy=noisy(test),
        train_accuracy=noisy(train or {}),
        num_seeds=num_seeds,
    )


# Twice the smallest difference that matters.
STEP = 0.01
RIGHT = {
    "sigmoid": 0.9 - 2 * STEP,
    "tanh": 0.9 - STEP,
    "leaky_relu": 0.9 - STEP,
    "leaky_relu_0.1": 0.9 - STEP,
    "very_leaky_relu": 0.9,
    "rrelu": 0.9 + 2 * STEP,
    "elu": 0.9 + STEP,
    "prelu": 0.9,
}


def test_where_the_textbooks_are_right_the_study_says_so():
    train = {"prelu": 0.99, "rrelu": 0.91}
    train |= dict.fromkeys(("relu", "leaky_relu", "very_leaky_relu"), 0.95)
    found = verdicts(STUDY, tables(RIGHT, train))
    for claim in (
        "relu-better",
        "tanh-over-sigmoid",
        "elu-better",
        "prelu-train-best",
        "rrelu-least-overfit",
        "rrelu-best",
        "very-leaky-better",
    ):
        assert set(found[claim].values()) == {"supported"}, claim
    assert found["leaky-worse"] == {
        "relu and leaky_relu, MLP": "supported",
        "relu and leaky_relu_0.1, MLP": "supported",
        "relu and very_leaky_relu, MLP": "contradicted",
    }
    assert set(found["leaky-better"].values()) == {"contradicted"}
    assert set(found["relu-better"]) == {
        f"relu and {other}, {net}"
        for other in ("sigmoid", "tanh")
        for net in accuracy.NETS
    }


def test_where_the_textbooks_are_wrong_the_study_says_so():
    wrong = {name: 1.8 - level for name, level in RIGHT.items()}
    train = {"prelu": 0.94, "rrelu": 0.99}
    train |= dict.fromkeys(("relu", "leaky_relu", "very_leaky_relu"), 0.95)
    found = verdicts(STUDY, tables(wrong, train))
    assert set(found["leaky-better"].values()) == {"supported", "contradicted"}
    for claim in set(found) - {"leaky-better", "leaky-negligible"}:
        assert set(found[claim].values()) == {"contradicted"}, claim


@pytest.mark.parametrize(
    ("lead", "verdict"),
    [(0.0, "supported"), (0.02, "contradicted"), (-0.02, "contradicted")],
)
def test_a_tenth_of_relus_error_is_negligible(lead, verdict):
    # ReLU errs in a tenth, so that 0.01 is a tenth of its error.
    found = verdicts(STUDY, tables({"leaky_relu": 0.9 + lead, "sigmoid": 0.8}))
    assert found["leaky-negligible"] == {"relu and leaky_relu, MLP": verdict}


@pytest.mark.parametrize("lead", [0.0, 0.02, -0.02])
def test_nets_that_do_not_tell_a_sigmoid_from_relu_do_not_judge_a_leaky_one(lead):
    found = verdicts(STUDY, tables({"leaky_relu": 0.9 + lead, "sigmoid": 0.895}))
    assert set(found["leaky-negligible"].values()) == {"not testable here"}


def test_the_error_that_the_margin_is_a_share_of_is_that_of_nets_that_live():
    made_up = tables({"leaky_relu": 0.885, "sigmoid": 0.5})
    trials = made_up.trials
    is_relu = (trials["activation"] == "relu") & (trials["architecture"] == "mlp")
    is_lost = is_relu & trials["seed"].isin([0, 11])
    part = dataclasses.replace(
        made_up,
        trials=trials.assign(
            diverged=is_lost, test_accuracy=trials["test_accuracy"].mask(is_lost, 0.1)
        ),
    )
    effects = STUDY.claims[2].effects(part)["relu and leaky_relu, MLP"]
    noise = [[(7 * seed + n) % 11 for seed in range(20)] for n in (4, 10)]
    relu, leaky = 1e-4 * np.array(noise) + [[0.9], [0.885]]
    lives = ~np.isin(np.arange(20), [0, 11])
    expected = ((relu - leaky) / (1 - np.median(relu[lives])))[lives]
    assert effects.index[effects.isna()].tolist() == [0, 11]
    np.testing.assert_allclose(effects.dropna(), expected)
