"""Whether rectification matters more in a CNN than pooling and normalisation."""

from itertools import product

import pandas as pd

from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import unless_diverged, where
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.accuracy.nets import EPOCHS, NETS, SMALLEST_EFFECT, points_as_claimed
from studies.learning import EACH_HAS_LEARNED, ONE_HAS_LEARNED, all_learned, any_learned
from studies.surroundings.normalisation import with_and_without

# A CNN with each of three factors and without it: rectification, pooling, normalisation.
FACTORS = {
    "activation": ("relu", "tanh"),
    "architecture": ("cnn_pooled", "cnn"),
    "batch_normalization": (True, False),
}
LEVELS = [
    dict(zip(FACTORS, levels, strict=True)) for levels in product(*FACTORS.values())
]
FACTORIAL = {n: v for n, v in NETS["CNN"].items() if n not in FACTORS}


# The trials ---------------------------------------------------------------------------


def all_eight(profile: str) -> list[Trial]:
    epochs = EPOCHS[profile]["CNN"]
    return [Trial(**FACTORIAL, **levels, epochs=epochs) for levels in LEVELS]


# The claims ---------------------------------------------------------------------------


def _factorial(tables: Tables) -> pd.DataFrame:
    """The trials of the nets with and without each factor, at their best rates."""
    levels = {name: list(both) for name, both in FACTORS.items()}
    return where(at_best_rate(tables), **FACTORIAL, **levels)


def _main_effects(tables: Tables) -> dict[str, pd.Series]:
    """Factor -> its gain, averaged over all levels of the others, for each seed.

    Empty if one of the eight nets was trained with no seed.
    """
    trials = _factorial(tables)
    if len(trials[list(FACTORS)].drop_duplicates()) < len(LEVELS):
        trials = trials.iloc[:0]
    table = trials.assign(value=unless_diverged(trials, "test_accuracy")).pivot(
        index="seed", columns=list(FACTORS), values="value"
    )
    nets = pd.MultiIndex.from_product(FACTORS.values(), names=list(FACTORS))
    table = table.reindex(columns=nets).astype(float)
    effects = {}
    for name, (level, other) in FACTORS.items():
        at, without = (
            table.xs(one, axis=1, level=name).mean(axis=1, skipna=False)
            for one in (level, other)
        )
        effects[name] = at - without
    return effects


def _rectify_cnn(tables: Tables) -> dict[str, pd.Series]:
    effects = _main_effects(tables)
    return {
        f"ReLU over tanh against {what}": effects["activation"] - effects[name]
        for name, what in (
            ("architecture", "max pooling"),
            ("batch_normalization", "batch normalisation"),
        )
    }


def _some_of_all_learned(tables: Tables) -> dict[str, pd.Series]:
    learned = any_learned(_factorial(tables))
    return dict.fromkeys(_rectify_cnn(tables), learned)


def _all_eight_learned(tables: Tables) -> dict[str, pd.Series]:
    return dict.fromkeys(_rectify_cnn(tables), all_learned(_factorial(tables)))


_QUANTITY = "gain of ReLU minus that of the other factor"

CLAIMS = (
    Claim(
        id="rectify-cnn",
        statement="The rectifying non-linearity matters more in a CNN than pooling or "
        "normalisation.",
        sources=(
            sources.INTRODUCTION,
            sources.JARRETT.at("abstract"),
        ),
        nets="CNNs of 2 layers",
        precondition=Precondition(text=ONE_HAS_LEARNED, holds=_some_of_all_learned),
        comparable_if=Precondition(text=EACH_HAS_LEARNED, holds=_all_eight_learned),
        criterion="CNNs of 2 layers of 8 channels with all eight combinations of ReLU "
        "or tanh, max pooling or none, and batch normalisation or none, at their own "
        "best learning rates (by validation error). The gain of each factor is the "
        "mean test accuracy of the four nets with it minus that of the four nets "
        "without it. The gain of ReLU over tanh is above that of each other factor by "
        f"at least {SMALLEST_EFFECT:g}. Paired by seed. A factor that does harm has a "
        "negative gain.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_rectify_cnn,
        outcomes=("test_accuracy",),
        quantity=_QUANTITY,
        digits=4,
        in_words=points_as_claimed(_QUANTITY),
    ),
)


# The figures --------------------------------------------------------------------------


def _factors(tables: Tables):
    trials = _factorial(tables)
    panels = {"cnn": "CNN without pooling", "cnn_pooled": "CNN with max pooling"}
    return with_and_without(
        trials.assign(panel=trials["architecture"].map(panels)),
        trials["batch_normalization"],
        "batch normalisation",
    )


FIGURES = (
    StudyFigure(
        name="factors",
        title="Rectification, pooling and normalisation in a CNN",
        caption="All eight nets. Dots are estimates over seeds, lines their 95% "
        "intervals. Not included in the quick profile.",
        claims=("rectify-cnn",),
        draw=_factors,
    ),
)
