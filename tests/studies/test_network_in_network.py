"""The claims of the study of networks in networks, on made-up tables, and its data."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.reporting.study_report import read_study
from studies import network_in_network, profiles
from tests.studies.made_up_studies import made_up_tables, plausible_tables, verdicts

STUDY = network_in_network.STUDY
# Twice the smallest difference that matters.
STEP = 0.01
LEVELS = {
    "relu": 0.5,
    "leaky_relu": 0.5 + STEP,
    "very_leaky_relu": 0.5 + 2 * STEP,
    "prelu": 0.5,
    "rrelu": 0.5 + 3 * STEP,
}
TRAIN = dict.fromkeys(LEVELS, 0.7) | {"prelu": 0.8, "rrelu": 0.65}


def tables(test=LEVELS, train=TRAIN, slopes=(0.5, 0.1)):
    """Accuracies of each activation, a little else for each seed and activation."""

    def noisy(levels):
        def value(trial):
            noise = 1e-4 * ((7 * trial.seed + len(trial.activation)) % 11)
            # What is not at the chosen rate must not matter.
            is_best = trial.learning_rate == network_in_network.RATES["standard"][0]
            return levels[trial.activation] + noise if is_best else 0.3

        return value

    def outputs(trial):
        if trial.activation == "prelu":
            is_best = trial.learning_rate == network_in_network.RATES["standard"][0]
            for layer in range(trial.depth):
                slope = slopes[min(layer, 1)] + 1e-3 * (trial.seed % 7)
                yield layer, "negative_slope", 0, slope if is_best else 9.0 * layer

    return made_up_tables(
        STUDY,
        accuracy=noisy(test),
        train_accuracy=noisy(train),
        outputs=outputs,
        num_seeds=20,
    )


def test_where_the_paper_is_right_the_study_says_so():
    found = verdicts(STUDY, tables())
    assert set(found) == {claim.id for claim in STUDY.claims}
    assert {verdict for cases in found.values() for verdict in cases.values()} == {
        "supported"
    }
    assert list(found["rrelu-best"]) == [
        f"rrelu and {other}"
        for other in ("relu", "leaky_relu", "very_leaky_relu", "prelu")
    ]


def test_where_the_paper_is_wrong_the_study_says_so():
    wrong = {name: 1.03 - level for name, level in LEVELS.items()}
    train = {name: 1.4 - level for name, level in TRAIN.items()}
    found = verdicts(STUDY, tables(wrong, train, slopes=(0.1, 0.5)))
    assert {verdict for cases in found.values() for verdict in cases.values()} == {
        "contradicted"
    }


@pytest.mark.parametrize(
    ("dataset", "published"),
    [
        ("cifar10", ["0.1245", "0.1266", "0.1120", "0.1179", "0.1119"]),
        ("cifar100", ["0.4290", "0.4205", "0.4042", "0.4163", "0.4025"]),
        ("mnist", ["–"] * 5),
    ],
)
def test_the_table_has_the_errors_beside_those_of_the_paper_on_these_data(
    dataset, published
):
    made_up = tables()
    trials = made_up.trials.assign(dataset=dataset)
    ((_, rows),) = rows_of(dataclasses.replace(made_up, trials=trials))
    assert [row[3] for row in rows] == published
    assert rows[0][0] == "ReLU" and rows[4][0] == "RReLU"
    # 1 - 0.65 and 1 - 0.53, less half of what the seeds add.
    assert rows[4][1].startswith("0.349 (0.349 to 0.35")
    assert rows[4][2].startswith("0.469 (0.469 to 0.47")


def test_a_lost_net_may_have_had_any_error():
    made_up = tables()
    trials = made_up.trials
    is_lost = (trials["activation"] == "relu") & (trials["seed"] < 10)
    lost = trials.assign(
        diverged=is_lost,
        test_accuracy=trials["test_accuracy"].mask(is_lost),
        validation_loss=trials["validation_loss"].mask(is_lost),
    )
    ((_, rows),) = rows_of(dataclasses.replace(made_up, trials=lost))
    low, high = rows[0][2].split("(")[1].rstrip(")").split(" to ")
    assert float(low) < 0.3 and float(high) > 0.7


def rows_of(tables):
    return [(table, table.rows(tables)) for table in STUDY.tables]


def test_the_page_shows_the_table():
    report = read_study(STUDY, plausible_tables(STUDY), "standard")
    ((table, rows),) = report.shown_tables
    assert len(rows) == 5 and all(len(row) == len(table.headings) for row in rows)


def test_the_standard_profile_takes_5000_images_of_cifar10():
    data = profiles.data_of(STUDY, "standard")
    assert (data.datasets, data.train_size) == (("cifar10",), 5000)
    assert profiles.data_of(STUDY, "full") == profiles.PROFILES["full"]
    assert STUDY.planned("quick") == []


@pytest.mark.parametrize("profile", ["standard", "full"])
def test_all_five_activations_differ_in_nothing_else(profile):
    (grid,) = STUDY.grids[profile]
    assert [net.activation for net in grid.nets] == list(network_in_network.NAMES)
    assert len({dataclasses.replace(n, activation="relu") for n in grid.nets}) == 1
    assert len(grid.rates) == 3 and np.all(np.diff(grid.rates) > 0)
    needs = profiles.needs_gpu(STUDY, profile)
    assert needs == (profile == "full")
