"""Whether a net without activations is limited, on points that no line can separate."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.accuracy.nets import COMMON, points_as_claimed
from studies.learning import BETTER_HAS_LEARNED, better_learned

# Points in the plane whose classes no line can part.
PLANAR = {"architecture": "mlp", "depth": 3, "width": 32, **COMMON}
PLANAR_RATE = 1e-2
PLANAR_SETS = {
    # Each takes two graphs to trace, for which the quick profile has not the time.
    "quick": ("checkerboard",),
    "standard": ("ring", "spiral", "checkerboard"),
    "full": ("ring", "spiral", "checkerboard"),
}
PLANAR_EPOCHS = {"quick": 5, "standard": 30, "full": 100}

# A fifth of all points, half of which a guess gets right.
BENDS = 0.2


# The trials ---------------------------------------------------------------------------


def planar(profile: str, *, seeds: range) -> list[Trial]:
    return [
        Trial(
            **PLANAR,
            dataset=dataset,
            activation=activation,
            learning_rate=PLANAR_RATE,
            epochs=PLANAR_EPOCHS[profile],
            seed=seed,
        )
        for dataset in PLANAR_SETS[profile]
        for activation in ("relu", "linear")
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _linear_limited(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **PLANAR)
    return {
        dataset: paired_outcomes(
            where(trials, dataset=dataset), "test_accuracy", "relu", "linear"
        )
        for dataset in PLANAR_SETS["full"]
    }


def _one_bends(tables: Tables) -> dict[str, pd.Series]:
    nets = where(tables.trials, **PLANAR)
    return {
        dataset: better_learned(where(nets, dataset=dataset), "relu", "linear")
        for dataset in PLANAR_SETS["full"]
    }


_QUANTITY = "difference in test accuracy"

CLAIMS = (
    Claim(
        id="linear-limited",
        statement="A net without non-linearity cannot learn complex mappings.",
        sources=(
            sources.INTRODUCTION,
            sources.TUTORIAL,
        ),
        nets="MLPs of 3 layers",
        data="points in the plane",
        kind=Kind.THEORY,
        kind_reason="Layers without activations compute one linear function, whose "
        "decision boundary is a straight line; measured is how much ReLU gains.",
        precondition=Precondition(text=BETTER_HAS_LEARNED, holds=_one_bends),
        criterion="MLPs of 3 layers of 32 units on points in the plane in two "
        f"classes, Adam at a rate of {PLANAR_RATE:g}: the test accuracy of ReLU is "
        f"above that of the net without activations by at least {BENDS:g}. Paired by "
        "seed. A single rate is enough: no rate lets a linear net bend its decision "
        "boundary, and a rate that is worse for ReLU can only weaken the claim. "
        "Images of digits cannot test this claim, because linear nets do nearly as "
        "well on them.",
        rule=Difference(smallest_effect=BENDS),
        effects=_linear_limited,
        outcomes=("test_accuracy",),
        quantity=_QUANTITY,
        in_words=points_as_claimed(_QUANTITY),
    ),
)


# The figures --------------------------------------------------------------------------


def _planar_accuracy(tables: Tables):
    trials = where(tables.trials, **PLANAR, dataset=list(PLANAR_SETS["full"]))
    return figures.dots(
        trials.assign(value=unless_diverged(trials, "test_accuracy")),
        xlabel="test accuracy",
        column="dataset",
    )


FIGURES = (
    StudyFigure(
        name="linear",
        title="With and without activations, on points that no line can separate",
        caption="Dots are estimates over seeds, lines their 95% intervals. Guessing "
        "gives 0.5.",
        claims=("linear-limited",),
        draw=_planar_accuracy,
    ),
)
