"""The claims of the study of accuracy, on made-up tables with known answers."""

from studies.accuracy import STUDY
from studies.accuracy.nets import NETS
from tests.studies.accuracy.made_up_accuracies import tables
from tests.studies.made_up_studies import verdicts

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
        f"relu and {other}, {net}" for other in ("sigmoid", "tanh") for net in NETS
    }


def test_where_the_textbooks_are_wrong_the_study_says_so():
    wrong = {name: 1.8 - level for name, level in RIGHT.items()}
    train = {"prelu": 0.94, "rrelu": 0.99}
    train |= dict.fromkeys(("relu", "leaky_relu", "very_leaky_relu"), 0.95)
    found = verdicts(STUDY, tables(wrong, train))
    assert set(found["leaky-better"].values()) == {"supported", "contradicted"}
    for claim in set(found) - {"leaky-better", "leaky-negligible"}:
        assert set(found[claim].values()) == {"contradicted"}, claim
