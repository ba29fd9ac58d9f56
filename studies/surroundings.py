"""How much does an activation matter, and what of that depends on the net around it?"""

from functools import partial

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.claims import Claim
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.rules import Difference
from keras_rectifiers.comparison.statistics import paired_outcomes, where
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study, Trial

COMMON = {"initializer": "gain", "optimizer": "adam", "batch_size": 32}

# Points in the plane whose classes no line can part.
PLANAR = {"architecture": "mlp", "depth": 3, "width": 32, **COMMON}
PLANAR_RATE = 1e-2
PLANAR_SETS = {
    # Each takes two graphs to trace: two of them are what the quick profile has time for.
    "quick": ("ring", "checkerboard"),
    "standard": ("ring", "spiral", "checkerboard"),
    "full": ("ring", "spiral", "checkerboard"),
}
PLANAR_EPOCHS = {"quick": 5, "standard": 30, "full": 100}

# A fifth of all points: half of what is between guessing and knowing, nearly.
BENDS = 0.2


# The trials ---------------------------------------------------------------------------


def _planar(profile: str, *, seeds: range) -> list[Trial]:
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


TRIALS = {
    "quick": partial(_planar, "quick", seeds=range(20)),
    "standard": partial(_planar, "standard", seeds=range(50)),
    "full": partial(_planar, "full", seeds=range(50)),
}


# The claims ---------------------------------------------------------------------------


def _linear_limited(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **PLANAR)
    return {
        dataset: paired_outcomes(
            where(trials, dataset=dataset), "test_accuracy", "relu", "linear"
        )
        for dataset in PLANAR_SETS["full"]
    }


def _points(difference: float) -> str:
    side = "in the direction claimed" if difference >= 0 else "against the claim"
    return f"{abs(difference) * 100:.1f} points of accuracy {side}"


CLAIMS = (
    Claim(
        id="linear-limited",
        statement="A net without non-linearity cannot learn complex mappings.",
        source="the gentle introduction and the ReLU tutorial",
        criterion="MLPs of 3 layers of 32 units on points in the plane, of two classes "
        f"each, Adam at a rate of {PLANAR_RATE:g}: the test accuracy of ReLU above that of "
        f"the net without activation, by {BENDS:g} at least. Paired by seed. One rate is "
        "enough: none lets a linear net bend, and one that suits ReLU less speaks "
        "against the claim. Digits cannot judge it: linear nets do nearly as well there.",
        rule=Difference(smallest_effect=BENDS),
        effects=_linear_limited,
        quantity="difference in test accuracy",
        in_words=_points,
    ),
)


# The figures --------------------------------------------------------------------------


def _planar_accuracy(tables: Tables):
    trials = where(tables.trials, **PLANAR, dataset=list(PLANAR_SETS["full"]))
    value = trials["test_accuracy"].where(~trials["diverged"].astype(bool))
    return figures.dots(
        trials.assign(value=value), xlabel="test accuracy", column="dataset"
    )


FIGURES = (
    StudyFigure(
        name="linear",
        title="With an activation and without one, on points that no line can part",
        caption="Dots are estimates over seeds, strokes their 95% intervals. 0.5 is a "
        "guess.",
        draw=_planar_accuracy,
    ),
)


STUDY = Study(
    name="surroundings",
    title="The activation and what surrounds it",
    question="How much does an activation matter, and what of that depends on the net "
    "around it?",
    method="Fully connected nets of 3 layers of 32 units, with ReLU and with no "
    "activation at all, learn points in the plane (a disc within a ring and a "
    "checkerboard of 4 by 4 squares; two spirals too in the standard and full profiles; "
    "5, 30 and 100 epochs).",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
)
