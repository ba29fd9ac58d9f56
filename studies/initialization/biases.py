"""Nets with positive initial biases."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    measured,
    paired_outcomes,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.learning import BETTER_HAS_LEARNED, better_learned
from studies.points import in_points, side

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

NEARLY_ALL = 0.90
SMALLEST_EFFECT = 0.005


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        Trial(**BIASED, bias=bias, epochs=epochs, seed=seed)
        for bias in BIASES
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _active(tables: Tables) -> pd.DataFrame:
    """The share of active units before training, over all layers and examples."""
    rows = measured(tables, "sparsity", **BIASED, epoch=0)
    means = 1 - rows.groupby(["bias", "seed"])["value"].mean(skipna=False)
    return means.reset_index()


def _nearly_all_active(tables: Tables) -> dict[str, pd.Series]:
    rows = where(_active(tables), bias=SMALL)
    return {f"bias {SMALL:g}": by_seed(rows)}


def _better_by_bias(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **BIASED)
    return {
        f"bias {bias:g} against 0": paired_outcomes(
            trials, "test_accuracy", bias, 0.0, by="bias"
        )
        for bias in BIASES[1:]
    }


def _learned(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **BIASED)
    return {
        f"bias {bias:g} against 0": better_learned(trials, bias, 0.0, by="bias")
        for bias in BIASES[1:]
    }


CLAIMS = (
    Claim(
        id="small-bias",
        statement="With a small positive bias, such as 0.1, nearly all ReLU units are "
        "active initially.",
        sources=(sources.INTRODUCTION.at(sources.TIPS),),
        nets="untrained MLPs of 6 layers",
        kind=Kind.THEORY,
        kind_reason="In a wide net at random initialisation the pre-activations are "
        "normal, so their spread and the bias give the share of active units.",
        criterion="MLPs of 6 layers of 32 units before training: the whole interval "
        "of the share of active units, over layers and examples, is at or above "
        f"{NEARLY_ALL}.",
        rule=AtLeast(threshold=NEARLY_ALL),
        effects=_nearly_all_active,
        quantity="share of active units",
        in_words=lambda share: f"{share:.0%} of the units are active",
    ),
    Claim(
        id="positive-bias-helps",
        statement="A positive initial bias helps a ReLU net to learn.",
        sources=(sources.INTRODUCTION.at(f"{sources.TIPS}, by implication"),),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=BETTER_HAS_LEARNED, holds=_learned),
        criterion="The same nets after training by Adam at its default rate: test "
        f"accuracy is above that with a bias of 0 by at least {SMALLEST_EFFECT:g}. Paired by "
        "seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_better_by_bias,
        outcomes=("test_accuracy",),
        quantity="difference in test accuracy",
        digits=4,
        in_words=lambda d: (
            f"the accuracy is {in_points(d)} {side(d, 'higher', 'lower')} than "
            "with a bias of 0"
        ),
    ),
)


# The figures --------------------------------------------------------------------------


def _active_by_bias(tables: Tables):
    rows = measured(tables, "sparsity", **BIASED, epoch=0)
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
        name="bias",
        title="Active units by layer at four initial biases",
        caption="Each point is one layer of one net before training. The band shows "
        "the range that the claim predicts.",
        claims=("small-bias", "positive-bias-helps"),
        draw=_active_by_bias,
    ),
)
