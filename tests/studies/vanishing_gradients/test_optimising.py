"""Claims on what makes training easy, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import vanishing_gradients
from studies.vanishing_gradients import optimising
from tests.studies.made_up_studies import made_up_tables, only, verdicts

STUDY = vanishing_gradients.STUDY
MORE = dataclasses.replace(
    STUDY,
    trials={"quick": lambda: optimising.trials(seeds=range(10), epochs=2)},
    grids={"quick": optimising.grids(seeds=range(10), epochs=20)},
)


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

    tables = made_up_tables(MORE, zeros(MLP=0.1, CNN=0.1), accuracy=accuracy)
    cases = verdicts(MORE, tables, "derivative-at-zero")["derivative-at-zero"]
    assert cases == {
        f"{net}, derivative {at_zero} against 0": verdict
        for net in ("MLP", "CNN")
        for at_zero in ("0.5", "1")
    }


def zeros(**shares):
    """Pre-activations that are exactly 0, before training alone, in nets of each kind."""

    def measures(trial, epoch, layer):
        share = shares[trial.architecture.upper()] if epoch == layer == 0 else 0.0
        return {"zero_pre_activations": share}

    return measures


def test_a_derivative_that_is_never_used_is_not_tested():
    tables = made_up_tables(MORE, zeros(MLP=0.0, CNN=1e-6))
    frame = judge(only(MORE, "derivative-at-zero"), tables).set_index("case")
    for at_zero in ("0.5", "1"):
        mlp = frame.loc[f"MLP, derivative {at_zero} against 0"]
        assert (mlp["verdict"], mlp["num_unfit"]) == ("not testable here", 10)
        cnn = frame.loc[f"CNN, derivative {at_zero} against 0"]
        assert (cnn["verdict"], cnn["num_unfit"]) == ("supported", 0)


def test_tables_that_do_not_tell_of_zeros_leave_the_derivative_untested():
    tables = made_up_tables(MORE)
    found = verdicts(MORE, tables, "derivative-at-zero")["derivative-at-zero"]
    assert set(found.values()) == {"not testable here"}


def test_a_derivative_that_nets_use_without_learning_is_not_tested():
    tables = made_up_tables(MORE, zeros(MLP=0.1, CNN=0.1), accuracy=0.1)
    found = verdicts(MORE, tables, "derivative-at-zero")["derivative-at-zero"]
    assert set(found.values()) == {"not testable here"}
