"""Claims of the study of vanishing gradients, on made-up tables with known answers."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import judge
from studies import vanishing_gradients
from studies.vanishing_gradients import at_random, optimising, theory, trained
from tests.studies.made_up_studies import (
    Measures,
    below,
    made_up_tables,
    only,
    verdicts,
)

STUDY = vanishing_gradients.STUDY
MORE = dataclasses.replace(
    STUDY,
    trials={"quick": lambda: optimising.trials(seeds=range(10), epochs=2)},
    tunings={"quick": optimising.tunings(seeds=range(10), epochs=20)},
)
WIDE = {"width": 1000, "probe_size": 64, "epochs": 0}
THEORY = dataclasses.replace(STUDY, trials={"quick": theory.trials}, tunings={})


# What is judged of nets before training.
AT_RANDOM = tuple(claim.id for claim in at_random.CLAIMS)

# The deep nets that are trained, with the convolutions that quick leaves out.
DEEP = dataclasses.replace(
    STUDY,
    tunings={"quick": trained.tunings(seeds=range(20), epochs=6)},
)


def gradients(slopes: Mapping[str, float], default: float = 0.0) -> Measures:
    """Gradients that decay by the activation's slope, a little else for each seed."""

    def measures(trial, epoch, layer):
        slope = slopes.get(trial.activation, default) + 1e-4 * (trial.seed % 10 - 4)
        values = {"signal_gradient": 10 ** (slope * (trial.depth - 1 - layer))}
        if CATALOGUE[trial.activation].bounded:
            values["saturation"] = 0.1
        return values

    return measures


def test_where_the_textbooks_are_right_the_study_says_so():
    tables = made_up_tables(STUDY, gradients({"sigmoid": -0.5, "tanh": -0.2}))
    found = verdicts(STUDY, tables, *AT_RANDOM)
    assert found["sigmoid-vanishes"] == {
        "sigmoid, He initialisation": "supported",
        "sigmoid, Glorot initialisation": "supported",
    }
    assert set(found["tanh-vanishes"].values()) == {"supported"}
    assert set(found["rectifier-flows"].values()) == {"supported"}
    assert len(found["rectifier-flows"]) == 2 * len(at_random.RECTIFIERS)


def test_where_the_textbooks_are_wrong_the_study_says_so():
    tables = made_up_tables(
        STUDY,
        gradients({"sigmoid": 0.0, "tanh": 0.02, "relu": -0.15, "gelu": 0.05}),
    )
    found = verdicts(STUDY, tables, *AT_RANDOM)
    assert set(found["sigmoid-vanishes"].values()) == {"contradicted"}
    assert set(found["tanh-vanishes"].values()) == {"contradicted"}
    flows = found["rectifier-flows"]
    assert flows["relu, MLP"] == flows["relu, CNN"] == "contradicted"
    assert flows["gelu, MLP"] == "contradicted"
    assert flows["elu, MLP"] == "supported"


def test_a_gradient_at_the_edge_is_left_open():
    tables = made_up_tables(STUDY, gradients({"sigmoid": -0.1}, default=0.02))
    found = verdicts(STUDY, tables, *AT_RANDOM)
    assert set(found["sigmoid-vanishes"].values()) == {"inconclusive"}
    assert set(found["rectifier-flows"].values()) == {"inconclusive"}


def test_only_the_untrained_net_of_the_stated_depth_and_start_is_judged():
    def measures(trial, epoch, layer):
        judged = (
            epoch == 0
            and trial.initializer == "gain"
            and (trial.architecture == "cnn" or trial.depth == 30)
        )
        slope = 0.0 if judged else -1.0
        return {"signal_gradient": 10 ** (slope * (trial.depth - 1 - layer))}

    tables = made_up_tables(STUDY, measures)
    found = verdicts(STUDY, tables, "rectifier-flows")
    assert set(found["rectifier-flows"].values()) == {"supported"}


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


def test_gradients_that_are_lost_are_counted_and_leave_the_claim_open():
    def measures(trial, epoch, layer):
        lost = trial.activation == "relu" and trial.seed < 3
        return {"signal_gradient": 0.0 if lost else 1.0}

    tables = made_up_tables(STUDY, measures)
    frame = judge(only(STUDY, "rectifier-flows"), tables)
    frame = frame.set_index("case")
    assert frame.loc["relu, MLP", "verdict"] == "inconclusive"
    assert frame.loc["relu, MLP", "num_excluded"] == 3
    assert frame.loc["elu, MLP", "num_excluded"] == 0


@pytest.mark.parametrize("figure", ["decay", "depth", "training", "cnn-decay"])
def test_no_figure_shows_the_decay_of_a_net_with_a_layer_without_gradient(figure):
    def measures(trial, epoch, layer):
        lost = trial.activation == "relu" and trial.seed == 1 and layer == 0
        return {"signal_gradient": 0.0 if lost else 1.0}

    tables = made_up_tables(STUDY, measures)
    said = below(STUDY, figure, tables)
    assert "relu 9 of 10" in said
    assert "tanh" not in said


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.2, "supported"), (0.05, "contradicted")]
)
def test_saturation_is_averaged_over_the_layers_of_the_trained_deep_nets(
    share, verdict
):
    def measures(trial, epoch, layer):
        if trial.activation not in ("sigmoid", "tanh"):
            return {}
        # What is not trained, or not the first or last epoch, must not matter.
        is_judged = trial.depth == 20 and trial.epochs and epoch in (0, trial.epochs)
        offset = 0.02 * (layer - (trial.depth - 1) / 2) / trial.depth
        level = share + offset if is_judged else 0.1
        return {"saturation": level + 1e-4 * (trial.seed % 10)}

    tables = made_up_tables(STUDY, measures)
    assert verdicts(STUDY, tables, "saturates")["saturates"] == {
        f"{activation}, {when}": verdict
        for activation in ("sigmoid", "tanh")
        for when in (
            "before training",
            "after training by Adam",
            "after training by SGD",
        )
    }


@pytest.mark.parametrize(
    ("relu", "linear", "verdict"), [(8, 4, "supported"), (4, 4, "contradicted")]
)
def test_epochs_of_relu_are_compared_with_those_of_leakier_nets(relu, linear, verdict):
    def curves(trial, epoch):
        needed = {"relu": relu, "leaky_relu": 20}.get(trial.activation, linear)
        return {"train_loss": 0.05 if epoch >= needed else 1.0}

    cases = verdicts(MORE, made_up_tables(MORE, curves=curves), "near-linear-easier")[
        "near-linear-easier"
    ]
    assert cases == dict.fromkeys(
        (
            "leaky_relu_0.1, slope 0.1",
            "very_leaky_relu, slope 0.18",
            "linear, slope 1",
        ),
        verdict,
    )


def test_a_slope_that_a_profile_leaves_out_is_no_training_lost():
    tables = made_up_tables(STUDY, curves=lambda *_: {"train_loss": 0.05})
    frame = judge(only(STUDY, "near-linear-easier"), tables)
    row = frame.set_index("case").loc["leaky_relu_0.1, slope 0.1"]
    assert (row["n"], row["num_excluded"], row["verdict"]) == (0, 0, "not measured")
    assert "there are no trials" in row["sentence"]


@pytest.mark.parametrize(
    ("difference", "verdict"), [(0.001, "supported"), (-0.02, "contradicted")]
)
def test_the_derivative_at_zero_is_compared_net_by_net(difference, verdict):
    def accuracy(trial):
        changed = difference * (trial.derivative_at_zero > 0)
        return 0.9 + changed + 1e-4 * (trial.seed % 7) * (1 + trial.derivative_at_zero)

    cases = verdicts(
        MORE, made_up_tables(MORE, accuracy=accuracy), "derivative-at-zero"
    )["derivative-at-zero"]
    assert cases == {
        f"{net}, derivative {at_zero} against 0": verdict
        for net in ("MLP", "CNN")
        for at_zero in ("0.5", "1")
    }


@pytest.mark.parametrize(
    ("initializer", "activation", "expected"),
    [
        ("gain", "relu", 0.0),
        ("gain", "very_leaky_relu", 0.0),
        # A half of the units passes the gradient on, all of it or a tenth.
        ("glorot", "relu", np.log10(1 / 2) / 2),
        ("glorot", "leaky_relu_0.1", np.log10((1 + 0.1**2) / 2) / 2),
        # At inference the slope is 1/5.5.
        ("glorot", "rrelu", np.log10((1 + 1 / 5.5**2) / 2) / 2),
    ],
)
def test_of_the_leaky_family_the_prediction_is_a_closed_form(
    initializer, activation, expected
):
    found = theory.predicted(
        Trial(**WIDE, activation=activation, initializer=initializer, depth=20)
    )
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_prediction_follows_each_example_from_its_own_inputs():
    # From a first layer of variance q tanh's gradient shrinks with E[f'(x)^2].
    found = theory.predicted(
        Trial(**WIDE, activation="tanh", initializer="glorot", depth=2)
    )
    x = theory.datasets.load("digits").x_train[:64].reshape(64, 64).astype(float)
    q = (2 * 64 / 1064) * np.mean(x**2, axis=1)
    z = np.linspace(-8, 8, 4001)
    weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    q = np.tanh(np.sqrt(q)[:, np.newaxis] * z) ** 2 @ weights
    slopes = 1 - np.tanh(np.sqrt(q)[:, np.newaxis] * z) ** 2
    assert found == pytest.approx(np.log10(np.mean(slopes**2 @ weights)) / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("error", "verdict"), [(0.5, "supported"), (-1.5, "contradicted")]
)
def test_the_theory_may_err_by_5_percent_or_0_005(error, verdict):
    def measures(trial, epoch, layer):
        decay = theory.predicted(dataclasses.replace(trial, seed=0))
        decay += error * max(0.005, 0.05 * abs(decay)) + 1e-6 * trial.seed
        return {"signal_gradient": 10 ** (decay * (trial.depth - 1 - layer))}

    cases = verdicts(THEORY, made_up_tables(THEORY, measures, num_seeds=12), "theory")[
        "theory"
    ]
    assert len(cases) == 26
    assert set(cases.values()) == {verdict}


def test_narrow_nets_are_not_judged_by_the_theory():
    def measures(trial, epoch, layer):
        return {"signal_gradient": 1.0}

    tables = made_up_tables(STUDY, measures, num_seeds=2)
    frame = judge(only(STUDY, "theory"), tables)
    assert set(frame["verdict"]) == {"not measured"}
