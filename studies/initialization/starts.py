"""Deep ReLU nets with the He and Glorot initialisations and a tutorial's bounds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pandas.core.groupby import SeriesGroupBy

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    decay,
    measured,
    paired_outcomes,
    unless_diverged,
    where,
    with_trials,
)
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import Difference, Within
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.guessing import loss_of_guessing

# 30 layers, as in He 2015.
DEEP = {"architecture": "mlp", "depth": 30, "width": 32}
# SGD is judged, Adam shown beside it.
RATES = {
    "sgd": (1e-3, 3e-3, 1e-2, 3e-2, 0.1),
    "adam": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
}
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam"}

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
BOUNDS = {"Xavier, ±1/√n": 1.0, "He, ±2/√n": 2.0}

# A tenth of what a guess costs, in nats.
CHEAPER = float(np.log(10) / 10)
KEPT = (-0.02, 0.02)


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range) -> list[Trial]:
    return [
        Trial(**MEASURED, initializer="uniform", weight_scale=scale, seed=seed)
        for scale in BOUNDS.values()
        for seed in seeds
    ]


def grids(
    *, seeds: range, epochs: int, optimizers: Sequence[str] = tuple(OPTIMIZERS)
) -> list[RateGrid]:
    return [
        RateGrid(
            title=f"ReLU MLP of 30 layers, {OPTIMIZERS[optimizer]}",
            nets=[
                Trial(
                    **DEEP,
                    optimizer=optimizer,
                    initializer=start,
                    epochs=epochs,
                    probe_size=64,
                )
                for start in ("he", "glorot")
            ],
            rates=RATES[optimizer],
            seeds=seeds,
            # It is the loss that is judged.
            score=validation_loss,
            score_name="validation loss",
        )
        for optimizer in optimizers
    ]


# The claims ---------------------------------------------------------------------------


def _he_ahead(tables: Tables) -> dict[str, pd.Series]:
    trials = where(at_best_rate(tables, validation_loss), **DEEP, optimizer="sgd")
    return {
        "MLP, SGD": paired_outcomes(
            trials, "train_loss", "glorot", "he", by="initializer"
        )
    }


def _have_learned(tables: Tables) -> SeriesGroupBy:
    """Whether each net has learned, by seed. It is the loss that is judged."""
    trials = where(at_best_rate(tables, validation_loss), **DEEP, optimizer="sgd")
    gained = loss_of_guessing(trials) - unless_diverged(trials, "train_loss")
    return (gained >= CHEAPER).groupby(trials["seed"])


def _one_learned(tables: Tables) -> dict[str, pd.Series]:
    return {"MLP, SGD": _have_learned(tables).any()}


def _both_learned(tables: Tables) -> dict[str, pd.Series]:
    return {"MLP, SGD": _have_learned(tables).all()}


def _decay_of_bounds(tables: Tables) -> dict[str, pd.Series]:
    rows = where(with_trials(decay(tables), tables), **MEASURED, initializer="uniform")
    is_whole = rows["num_layers_left_out"] == 0
    rows = rows.assign(value=rows["gradient_decay"].where(is_whole))
    return {
        label: by_seed(where(rows, weight_scale=scale))
        for label, scale in BOUNDS.items()
    }


CLAIMS = (
    Claim(
        id="he-init",
        statement="ReLU nets of 30 layers train with the He initialisation and stall "
        "with the Xavier (Glorot) initialisation.",
        sources=(
            sources.INTRODUCTION.at(sources.TIPS),
            sources.HE.at("section 2.2"),
        ),
        nets="MLPs of 30 layers",
        precondition=Precondition(
            text="one of the two nets has learned: its training loss is below that of "
            f"guessing by at least {CHEAPER:.2f} nats",
            holds=_one_learned,
        ),
        comparable_if=Precondition(text="both nets have learned", holds=_both_learned),
        criterion="MLPs of 30 layers of 32 units, SGD, the same number of epochs, "
        "each initialisation at its own best learning rate (by validation loss): the "
        "training loss with the Xavier (Glorot) initialisation is above that with the "
        f"He initialisation by at least {CHEAPER:.2f} nats, a tenth of the loss of "
        "guessing among ten classes. Paired by seed.",
        rule=Difference(smallest_effect=CHEAPER),
        effects=_he_ahead,
        outcomes=("train_loss",),
        quantity="training loss with the Glorot initialisation minus that with the He "
        "initialisation",
        unit="nats",
        digits=2,
        in_words=lambda d: (
            f"the training loss is {abs(d):.2f} nats {'higher' if d >= 0 else 'lower'} "
            "with the Glorot initialisation"
        ),
        published="He 2015, a convolutional net of 30 layers on ImageNet: it trains "
        "with the He initialisation and stalls completely with the Xavier "
        "initialisation.",
    ),
    Claim(
        id="text-bounds",
        statement="Weights drawn within the bounds that a tutorial gives for the "
        "Xavier and He initialisations preserve the gradient.",
        sources=(sources.INTRODUCTION.at(sources.TIPS),),
        nets="untrained MLPs of 30 layers",
        kind=Kind.IDENTITY,
        kind_reason="Weights uniform within ±c/√n have the variance c²/(3n), a sixth or "
        "two thirds of the 2/n that ReLU needs. These bounds are not those of the "
        "papers.",
        criterion="ReLU MLP of 30 layers of 128 units before training, weights "
        "uniform within ±1/√n and ±2/√n: the whole interval of gradient_decay is "
        "within ±0.02 decades per layer.",
        rule=Within(lower=KEPT[0], upper=KEPT[1]),
        effects=_decay_of_bounds,
        quantity="gradient decay",
        unit="decades per layer",
        published="Mean-field theory predicts ½ log10(1/6) = −0.389 and ½ log10(4/6) "
        "= −0.088.",
    ),
)


# The figures --------------------------------------------------------------------------


def _loss_over_time(tables: Tables):
    best = where(at_best_rate(tables, validation_loss), **DEEP)
    rows = measured(tables, "train_loss", key=list(best["key"]))
    starts = {"he": "He", "glorot": "Glorot"}
    rows = rows.sort_values(["optimizer", "initializer"], ascending=False)
    return figures.lines_against(
        rows.assign(
            start=rows["initializer"].map(starts)
            + "\n"
            + rows["optimizer"].map(OPTIMIZERS)
        ),
        "epoch",
        xlabel="epoch",
        ylabel="training loss, nats",
        column="start",
    )


def _gradient_by_layer(tables: Tables):
    rows = measured(tables, "signal_gradient", **MEASURED, initializer="uniform")
    rows = rows.sort_values("weight_scale", kind="stable")
    labels = {scale: label for label, scale in BOUNDS.items()}
    return figures.lines_by_layer(
        rows.assign(bound=rows["weight_scale"].map(labels)),
        ylabel="signal gradient",
        column="bound",
        log=True,
        panel_height=2.8,
    )


FIGURES = (
    StudyFigure(
        name="loss",
        title="Training loss of nets of 30 layers with the He and Glorot "
        "initialisations",
        caption="Each initialisation at its own best learning rate. The claim is "
        "judged with SGD. Adam is shown for comparison, in the standard and full "
        "profiles only because nets of 30 layers take long to train. The loss shown "
        "is the mean during each epoch; the claim is judged by the loss after the "
        "last epoch. Dots are estimates over seeds, vertical lines their 95% "
        "intervals.",
        claims=("he-init",),
        draw=_loss_over_time,
    ),
    StudyFigure(
        name="bounds",
        title="The gradient by layer in nets of 30 layers with the tutorial's bounds",
        caption="The gradient travels from right to left. A level line means that it "
        "is preserved. Lines are medians over seeds; bands contain the middle 80%. "
        "The scale is logarithmic.",
        claims=("text-bounds",),
        draw=_gradient_by_layer,
    ),
)
