"""What do He's initialisation, wrongly worded bounds and small biases do to ReLU nets?"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.claims import Claim
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.rules import AtLeast, Difference, Within
from keras_rectifiers.comparison.statistics import (
    decay,
    measured,
    paired_outcomes,
    where,
    with_trials,
)
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study, Trial
from keras_rectifiers.comparison.tuning import Tuning, at_best_rate, validation_loss

# 30 layers, as in He 2015.
DEEP = {"architecture": "mlp", "depth": 30, "width": 32, "optimizer": "sgd"}
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 0.1)
COMMON_RATE = 1e-2

# Nets that are measured before training; they share a graph with those of the study of
# vanishing gradients.
MEASURED = {
    "architecture": "mlp",
    "depth": 30,
    "width": 128,
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "probe_size": 64,
    "epochs": 0,
}
# Bounds of a uniform start, in 1 / sqrt(n), as a tutorial words them.
BOUNDS = {"Xavier's, ±1/√n": 1.0, "He's, ±2/√n": 2.0}

# Nets of the study of dying ReLU, at Adam's default rate, with other biases.
BIASED = {
    "architecture": "mlp",
    "depth": 6,
    "width": 32,
    "initializer": "gain",
    "optimizer": "adam",
    "batch_size": 32,
    "learning_rate": 1e-3,
}
BIASES = (0.0, 0.1, 0.5, 1.0)
SMALL = 0.1

# A tenth of what a guess costs, in nats.
CHEAPER = float(np.log(10) / 10)
KEPT = (-0.02, 0.02)
NEARLY_ALL = 0.90
MATTERS = 0.005


# The trials ---------------------------------------------------------------------------


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        Trial(**MEASURED, initializer="uniform", weight_scale=scale, seed=seed)
        for scale in BOUNDS.values()
        for seed in seeds
    ] + [
        Trial(**BIASED, bias=bias, epochs=epochs, seed=seed)
        for bias in BIASES
        for seed in seeds
    ]


TRIALS = {
    "quick": partial(_trials, seeds=range(30), epochs=8),
    "standard": partial(_trials, seeds=range(50), epochs=30),
    "full": partial(_trials, seeds=range(50), epochs=100),
}


def _tunings(*, seeds: range, epochs: int) -> list[Tuning]:
    return [
        Tuning(
            title="ReLU MLP of 30 layers, SGD",
            nets=[
                Trial(**DEEP, initializer=start, epochs=epochs, probe_size=64)
                for start in ("he", "glorot")
            ],
            rates=RATES,
            common_rate=COMMON_RATE,
            seeds=seeds,
            num_rounds=1,
            # It is the loss that is judged.
            score=validation_loss,
            score_name="validation loss",
        )
    ]


# The claims ---------------------------------------------------------------------------


def _he_ahead(tables: Tables) -> dict[str, pd.Series]:
    trials = where(at_best_rate(tables, validation_loss), **DEEP)
    return {
        "MLP, SGD": paired_outcomes(
            trials, "train_loss", "glorot", "he", by="initializer"
        )
    }


def _decay_of_bounds(tables: Tables) -> dict[str, pd.Series]:
    rows = where(with_trials(decay(tables), tables), **MEASURED, initializer="uniform")
    is_whole = rows["num_layers_left_out"] == 0
    rows = rows.assign(value=rows["gradient_decay"].where(is_whole))
    return {
        label: where(rows, weight_scale=scale).set_index("seed")["value"].sort_index()
        for label, scale in BOUNDS.items()
    }


def _active(tables: Tables) -> pd.DataFrame:
    """The share of active units before training, over all layers and examples."""
    rows = where(measured(tables, "sparsity"), **BIASED, epoch=0)
    means = 1 - rows.groupby(["bias", "seed"])["value"].mean(skipna=False)
    return means.reset_index()


def _nearly_all_active(tables: Tables) -> dict[str, pd.Series]:
    rows = where(_active(tables), bias=SMALL)
    return {f"bias {SMALL:g}": rows.set_index("seed")["value"].sort_index()}


def _better_by_bias(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **BIASED)
    return {
        f"bias {bias:g} against 0": paired_outcomes(
            trials, "test_accuracy", bias, 0.0, by="bias"
        )
        for bias in BIASES[1:]
    }


CLAIMS = (
    Claim(
        id="he-init",
        statement="He's initialisation lets ReLU nets of 30 layers train where Xavier's "
        "stalls.",
        source="the gentle introduction, He 2015",
        criterion="MLPs of 30 layers of 32 units, SGD, equally many epochs, each start "
        "at its own best learning rate (by validation loss): the training loss from "
        "Xavier's (Glorot's) "
        f"start above that from He's by {CHEAPER:.2f} nats at least, a tenth of what a "
        "guess costs. Paired by seed.",
        rule=Difference(smallest_effect=CHEAPER),
        effects=_he_ahead,
        quantity="training loss from Glorot's start less that from He's",
        unit="nats",
        digits=2,
        published="He 2015, a convolutional net of 30 layers on ImageNet: with He's "
        "start it trains, with Xavier's it stalls altogether.",
    ),
    Claim(
        id="text-bounds",
        statement="Weights drawn within the bounds that a tutorial gives for Xavier's "
        "and He's start keep the gradient.",
        source="the gentle introduction, whose bounds are not those of the papers",
        criterion="ReLU MLP of 30 layers of 128 units before training, weights uniform "
        "within ±1/√n and ±2/√n: the whole interval of gradient_decay within ±0.02 "
        "decades per layer.",
        rule=Within(lower=KEPT[0], upper=KEPT[1]),
        effects=_decay_of_bounds,
        quantity="gradient decay",
        unit="decades per layer",
        published="By mean-field theory ½ log10(1/6) = −0.389 and ½ log10(4/6) = −0.088.",
    ),
    Claim(
        id="small-bias",
        statement="A small positive bias, such as 0.1, keeps nearly all ReLU units "
        "active at first.",
        source="the gentle introduction",
        criterion="MLPs of 6 layers of 32 units before training: the whole interval of "
        f"the share of active units, over layers and examples, at or above {NEARLY_ALL}.",
        rule=AtLeast(threshold=NEARLY_ALL),
        effects=_nearly_all_active,
        quantity="share of active units",
        in_words=lambda share: f"{share:.0%} of the units are active",
    ),
    Claim(
        id="positive-bias-helps",
        statement="A positive initial bias helps a ReLU net to learn.",
        source="the gentle introduction, by implication",
        criterion="The same nets after training by Adam at its default rate: test "
        f"accuracy above that with a bias of 0 by {MATTERS:g} at least. Paired by seed.",
        rule=Difference(smallest_effect=MATTERS),
        effects=_better_by_bias,
        quantity="difference in test accuracy",
        digits=4,
        in_words=lambda d: (
            f"{abs(d) * 100:.1f} points "
            f"{'more' if d >= 0 else 'less'} than with a bias of 0"
        ),
    ),
)


# The figures --------------------------------------------------------------------------


def _loss_over_time(tables: Tables):
    best = at_best_rate(tables, validation_loss)
    best = where(best, **DEEP)
    rows = where(measured(tables, "train_loss"), key=list(best["key"]))
    starts = {"he": "He's start", "glorot": "Glorot's start"}
    return figures.lines_against(
        rows.assign(start=rows["initializer"].map(starts)),
        "epoch",
        xlabel="epoch",
        ylabel="training loss, nats",
        column="start",
    )


def _gradient_by_layer(tables: Tables):
    rows = where(measured(tables, "signal_gradient"), **MEASURED, initializer="uniform")
    rows = rows.sort_values("weight_scale", kind="stable")
    labels = {scale: label for label, scale in BOUNDS.items()}
    return figures.lines_by_layer(
        rows.assign(bound=rows["weight_scale"].map(labels)),
        ylabel="signal_gradient",
        column="bound",
        log=True,
        panel_height=2.8,
    )


def _active_by_bias(tables: Tables):
    rows = where(measured(tables, "sparsity"), **BIASED, epoch=0)
    rows = where(rows, bias=list(BIASES)).sort_values("bias", kind="stable")
    return figures.points_by_layer(
        rows.assign(
            value=1 - rows["value"], panel=rows["bias"].map("bias {:g}".format)
        ),
        ylabel="share of active units",
        column="panel",
        band=(NEARLY_ALL, 1.0),
        ylim=(0.0, 1.02),
    )


FIGURES = (
    StudyFigure(
        name="loss",
        title="Training loss of 30 layers from He's and from Glorot's start",
        caption="Each start at its own best learning rate. Dots are estimates over "
        "seeds, vertical strokes their 95% intervals.",
        draw=_loss_over_time,
    ),
    StudyFigure(
        name="bounds",
        title="The gradient along 30 layers within the tutorial's bounds",
        caption="Read it from right to left, as the gradient travels. A level line "
        "keeps its gradient. Lines are medians over seeds, bands their middle 80%; the "
        "scale is logarithmic.",
        draw=_gradient_by_layer,
    ),
    StudyFigure(
        name="bias",
        title="Active units along the layers at four initial biases",
        caption="Each point is a layer of one net before training. The band is what the "
        "claim asks for.",
        draw=_active_by_bias,
    ),
)


TUNINGS: Mapping = {
    "quick": _tunings(seeds=range(30), epochs=8),
    "standard": _tunings(seeds=range(50), epochs=30),
    "full": _tunings(seeds=range(50), epochs=100),
}

STUDY = Study(
    name="initialization",
    title="Initialisation",
    question="What do He's initialisation, the bounds that a tutorial gives, and small "
    "biases do to ReLU nets?",
    method="ReLU nets of 30 layers are trained on digits by SGD from He's and from "
    "Glorot's (Xavier's) start, each at its own best learning rate. Nets of 30 layers "
    "whose weights are drawn within a tutorial's bounds are measured before training. "
    "Nets of 6 layers are started from biases of 0 to 1.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
    tunings=TUNINGS,
)
