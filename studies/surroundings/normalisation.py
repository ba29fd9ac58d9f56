"""Whether batch normalisation closes the gap between rectifiers."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import minus, unless_diverged, where
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.accuracy.nets import EPOCHS, NETS, SMALLEST_EFFECT, points_as_claimed
from studies.learning import EACH_HAS_LEARNED, ONE_HAS_LEARNED, all_learned, any_learned

# The nets of the study of accuracy, with equal settings, so that they are trained only
# once, and the same with batch normalisation.
SPREAD_OVER = ("relu", "prelu", "rrelu", "elu")


# The trials ---------------------------------------------------------------------------


def normalised_or_not(profile: str) -> dict[str, list[Trial]]:
    return {
        label: [
            Trial(
                **net,
                activation=activation,
                batch_normalization=is_normalised,
                epochs=EPOCHS[profile][label],
            )
            for is_normalised in (False, True)
            for activation in SPREAD_OVER
        ]
        for label, net in NETS.items()
    }


# The claims ---------------------------------------------------------------------------


def _spread(trials: pd.DataFrame) -> pd.Series:
    """Best minus worst test accuracy of the activations, for each seed that has all.

    Empty if one of them was trained with no seed.
    """
    if not set(SPREAD_OVER) <= set(trials["activation"]):
        trials = trials.iloc[:0]
    table = trials.assign(value=unless_diverged(trials, "test_accuracy")).pivot(
        index="seed", columns="activation", values="value"
    )
    table = table.reindex(columns=list(SPREAD_OVER)).astype(float)
    return table.max(axis=1, skipna=False) - table.min(axis=1, skipna=False)


def _batch_norm_closes(tables: Tables) -> dict[str, pd.Series]:
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    cases = {}
    for label, net in NETS.items():
        trials = where(best, **net)
        without, with_it = (
            _spread(where(trials, batch_normalization=is_normalised))
            for is_normalised in (False, True)
        )
        cases[label] = minus(without, with_it)
    return cases


def _some_learned_with_and_without(tables: Tables) -> dict[str, pd.Series]:
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    cases = {}
    for label, net in NETS.items():
        nets = where(best, **net)
        kinds = [
            any_learned(where(nets, batch_normalization=is_normalised))
            for is_normalised in (False, True)
        ]
        both = pd.concat(kinds, axis=1).eq(True)
        cases[label] = both.all(axis=1)
    return cases


def _all_learned(tables: Tables) -> dict[str, pd.Series]:
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    return {label: all_learned(where(best, **net)) for label, net in NETS.items()}


_QUANTITY = "spread without minus spread with batch normalisation"

CLAIMS = (
    Claim(
        id="batch-norm-closes",
        statement="Batch normalisation makes the differences between rectifiers "
        "smaller.",
        sources=(sources.MISHKIN,),
        nets={"MLP": "MLPs of 6 layers", "CNN": "CNNs of 2 layers"},
        precondition=Precondition(
            text=f"{ONE_HAS_LEARNED}, with and without batch normalisation",
            holds=_some_learned_with_and_without,
        ),
        comparable_if=Precondition(text=EACH_HAS_LEARNED, holds=_all_learned),
        criterion="ReLU, PReLU, RReLU and ELU, with and without batch normalisation "
        "before each, at their own best learning rates (by validation error): the "
        "spread, which is the best minus the worst test accuracy of the four for each "
        f"seed, is smaller with batch normalisation by at least {SMALLEST_EFFECT:g}. Paired "
        "by seed. The random variation of single seeds is part of the spread in both "
        "cases.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_batch_norm_closes,
        outcomes=("test_accuracy",),
        quantity=_QUANTITY,
        digits=4,
        in_words=points_as_claimed(_QUANTITY),
        published="The benchmark's top-1 accuracy of ReLU, RReLU, PReLU and ELU: "
        "0.471, 0.478, 0.485, 0.488 without, a spread of 0.017; 0.499, 0.500, 0.503, "
        "0.498 with it, a spread of 0.005. Different net and training budget.",
    ),
)


# The figures --------------------------------------------------------------------------


def _normalised_accuracy(tables: Tables):
    best = where(at_best_rate(tables), activation=list(SPREAD_OVER))
    trials = pd.concat([where(best, **net) for net in NETS.values()])
    labels = {net["architecture"]: label for label, net in NETS.items()}
    return with_and_without(
        trials.assign(panel=trials["architecture"].map(labels)),
        trials["batch_normalization"],
        "batch normalisation",
    )


def with_and_without(trials: pd.DataFrame, has: pd.Series, what: str):
    kinds = [f"without {what}", "with it"]
    mark = has.map(dict(zip((False, True), kinds, strict=True)))
    return figures.dots(
        trials.assign(
            value=unless_diverged(trials, "test_accuracy"),
            mark=pd.Categorical(mark, kinds, ordered=True),
        ),
        xlabel="test accuracy, each net at its own best rate",
        column="panel",
        mark="mark",
    )


FIGURES = (
    StudyFigure(
        name="normalised",
        title="Rectifiers with and without batch normalisation",
        caption="Dots are estimates over seeds, lines their 95% intervals. The claim "
        "is judged by the spread within each seed. Not included in the quick profile.",
        claims=("batch-norm-closes",),
        draw=_normalised_accuracy,
    ),
)
