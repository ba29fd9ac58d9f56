"""Claims of the study of vanishing gradients, on made-up tables with known answers."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.claims import judge
from keras_rectifiers.comparison.trial import Trial
from studies import vanishing_gradients
from studies.vanishing_gradients import optimising, theory
from tests.made_up_studies import made_up_tables, verdicts

STUDY = vanishing_gradients.STUDY
MORE = dataclasses.replace(
    STUDY,
    trials={"quick": lambda: optimising.trials(seeds=range(10), epochs=2)},
    tunings={"quick": optimising.tunings(seeds=range(10), epochs=20)},
)
WIDE = {"width": 1000, "probe_size": 64, "epochs": 0}
THEORY = dataclasses.replace(STUDY, trials={"quick": theory.trials}, tunings={})


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
    assert verdicts(STUDY, tables)["saturates"] == {
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

    cases = verdicts(MORE, made_up_tables(MORE, curves=curves))["near-linear-easier"]
    assert cases == dict.fromkeys(
        (
            "leaky_relu_0.1, slope 0.1",
            "very_leaky_relu, slope 0.18",
            "linear, slope 1",
        ),
        verdict,
    )


def test_a_slope_that_a_profile_leaves_out_is_no_training_lost():
    frame = judge(STUDY, made_up_tables(STUDY, curves=lambda *_: {"train_loss": 0.05}))
    row = frame.set_index("case").loc["leaky_relu_0.1, slope 0.1"]
    assert (row["n"], row["num_excluded"], row["verdict"]) == (0, 0, "not measured")
    assert "there is no training" in row["sentence"]


@pytest.mark.parametrize(
    ("difference", "verdict"), [(0.001, "supported"), (-0.02, "contradicted")]
)
def test_the_derivative_at_zero_is_compared_net_by_net(difference, verdict):
    def accuracy(trial):
        changed = difference * (trial.derivative_at_zero > 0)
        return 0.9 + changed + 1e-4 * (trial.seed % 7) * (1 + trial.derivative_at_zero)

    cases = verdicts(MORE, made_up_tables(MORE, accuracy=accuracy))[
        "derivative-at-zero"
    ]
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

    cases = verdicts(THEORY, made_up_tables(THEORY, measures, num_seeds=12))["theory"]
    assert len(cases) == 26
    assert set(cases.values()) == {verdict}


def test_narrow_nets_are_not_judged_by_the_theory():
    def measures(trial, epoch, layer):
        return {"signal_gradient": 1.0}

    frame = judge(STUDY, made_up_tables(STUDY, measures, num_seeds=2))
    rows = frame[frame["claim"] == "theory"]
    assert set(rows["verdict"]) == {"not measured"}
