"""Residual and batch-normalised nets among the plain ones, made up."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.verdicts.judging import judge
from keras_rectifiers.gradient_decay import gradient_decay
from studies.vanishing_gradients import variants
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.vanishing_gradients.made_up_variants import WHOLE, is_plain


def test_nets_of_other_kinds_are_judged_by_no_claim_on_plain_ones():
    def measures(trial, epoch, layer):
        if trial.batch_normalization and trial.epochs == 12 and epoch < 12:
            return {"signal_gradient": 1.0}
        slope = {"sigmoid": -0.5, "tanh": -0.2}.get(trial.activation, 0.0)
        if trial.architecture == "resmlp" or trial.batch_normalization:
            slope = 0.7 - slope
        slope += 1e-4 * (trial.seed % 10 - 4)
        return {
            "signal_gradient": 10 ** (slope * (trial.depth - 1 - layer)),
            "saturation": 0.5 if trial.pretraining or not is_plain(trial) else 0.05,
        }

    def accuracy(trial):
        if trial.pretraining or trial.architecture == "resmlp":
            return 0.99
        if trial.batch_normalization:
            return 0.1
        return (0.7 if trial.activation == "relu" else 0.1) + 0.001 * (trial.seed % 7)

    tables = made_up_tables(WHOLE, measures, accuracy=accuracy)
    found = verdicts(WHOLE, tables)
    for claim in (
        "sigmoid-vanishes",
        "tanh-vanishes",
        "deep-sigmoid-stuck",
        "deep-tanh-stuck",
    ):
        cases = {case: v for case, v in found[claim].items() if "CNN" not in case}
        assert set(cases.values()) == {"supported"}, claim
    flows = found["rectifier-flows"]
    assert {v for case, v in flows.items() if "MLP" in case} == {"supported"}
    # The nets that are judged by it are the plain ones, which have not learned here.
    assert set(found["saturates"].values()) == {"contradicted", "not testable here"}
    frame = judge(WHOLE, tables)
    assert (frame["n"] <= 10).all()


def test_the_figures_show_each_kind_by_itself():
    def measures(trial, epoch, layer):
        is_settling = trial.learning_rate == variants.SETTLED["learning_rate"]
        if is_settling and epoch < trial.epochs:
            return {"signal_gradient": np.nan}  # not yet what it will be
        slope = -0.3 if is_plain(trial) else 0.1 if trial.batch_normalization else 0.0
        return {"signal_gradient": 10 ** (slope * (trial.depth - 1 - layer))}

    def accuracy(trial):
        if trial.pretraining:
            return 0.95
        return {"plain": 0.2, "residual": 0.8, "batch-normalised": 0.6}[kind_of(trial)]

    tables = made_up_tables(WHOLE, measures, accuracy=accuracy)
    # Of three activations each.
    assert drawn("kinds-decay", tables) == {
        "before training\nplain": pytest.approx([-0.3] * 3),
        "before training\nresidual": pytest.approx([0.0] * 3, abs=1e-9),
        "before training\nbatch-normalised": pytest.approx([0.1] * 3),
    }
    # There is no residual CNN, and no panel of it.
    assert drawn("kinds-accuracy", tables) == {
        f"MLP, {optimizer}\n{kind}": pytest.approx([value] * 3)
        for optimizer in ("Adam", "SGD")
        for kind, value in (
            ("plain", 0.2),
            ("residual", 0.8),
            ("batch-normalised", 0.6),
        )
    } | {"CNN, Adam\nbatch-normalised": pytest.approx([0.6] * 3)}
    assert drawn("pretraining", tables) == {
        f"MLP, {optimizer}": pytest.approx([0.2] * 3 + [0.95] * 3)
        for optimizer in ("Adam", "SGD")
    }


def kind_of(trial):
    if trial.batch_normalization:
        return "batch-normalised"
    return "residual" if trial.architecture == "resmlp" else "plain"


def drawn(name, tables):
    """Panel -> the estimates in it, in the order in which they are drawn."""
    (figure,) = (figure for figure in WHOLE.figures if figure.name == name)
    return {
        axes.get_title("left"): [
            float(line.get_xdata()[0])
            for line in axes.lines
            if line.get_marker() == "o" and len(line.get_xdata()) == 1
        ]
        for axes in figure.draw(tables).axes
        if axes.get_title("left")
    }


def test_the_gradient_of_a_settled_normalised_net_grows_as_theory_says():
    # Of the units' spread over examples a rectifier leaves (1 - 1 / pi) / 2, of the
    # squared gradient it passes on 1 / 2 (Yang 2019): pi / (pi - 1) per layer.
    settings = {"depth": 8, "epochs": 12, "width": 128, "batch_size": 32}
    (net,) = (
        dataclasses.replace(trial, **settings)
        for trial in variants.trials(seeds=range(1))
        if trial.batch_normalization and trial.activation == "relu"
    )
    rows = training.train([net]).measurements
    rows = rows[(rows["measure"] == "signal_gradient") & (rows["epoch"] == 12)]
    found, _ = gradient_decay(rows.sort_values("layer")["value"])
    assert found == pytest.approx(np.log10(np.pi / (np.pi - 1)) / 2, abs=0.015)
