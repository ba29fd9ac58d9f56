"""How the rectifiers differ in their errors, and how they do in Xu 2015."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.study_table import StudyTable
from keras_rectifiers.comparison.statistics import (
    bounded_hodges_lehmann,
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim, format_number
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.sources import Source
from studies import sources
from studies.accuracy.nets import points_as_claimed
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)
from studies.network_in_network.nets import NAMES, best_trials

# Data set -> test errors of these in Xu 2015.
PUBLISHED = {
    "cifar10": (0.1245, 0.1266, 0.1120, 0.1179, 0.1119),
    "cifar100": (0.4290, 0.4205, 0.4042, 0.4163, 0.4025),
}

# As in the study of accuracy.
SMALLEST_EFFECT = 0.005


# The claims ---------------------------------------------------------------------------


Effects = Callable[[Tables], Mapping[str, pd.Series]]


def _of_pairs(a: str, others: Sequence[str], compared: Callable) -> Effects:
    """What a function says of the trials of a and of each other activation."""

    def effects(tables: Tables) -> dict[str, pd.Series]:
        best = best_trials(tables)
        return {f"{a} and {other}": compared(best, a, other) for other in others}

    return effects


def _claim(
    id: str,
    statement: str,
    where_from: Sequence[Source],
    what: str,
    a: str,
    others: Sequence[str],
    *,
    value: str = "test_accuracy",
    sign: int = 1,
    needs_both: bool = False,
    quantity: str = "difference in test accuracy",
    outcomes: tuple[str, ...] | None = None,
) -> Claim:
    both = Precondition(text=EACH_HAS_LEARNED, holds=_of_pairs(a, others, each_learned))
    better = Precondition(
        text=BETTER_HAS_LEARNED, holds=_of_pairs(a, others, better_learned)
    )
    return Claim(
        id=id,
        statement=statement,
        sources=where_from,
        nets="networks in networks",
        precondition=both if needs_both else better,
        comparable_if=both,
        criterion="Nets at their own best learning rates (by validation error): "
        f"{what}, by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_of_pairs(
            a,
            others,
            lambda best, *pair: sign * paired_outcomes(best, value, *pair),
        ),
        digits=4,
        quantity=quantity,
        outcomes=outcomes or (value,),
        in_words=points_as_claimed(quantity),
        published=_XU,
    )


_XU = (
    "Xu 2015, test error of ReLU, leaky ReLU (0.01), leaky ReLU (1/5.5), PReLU and "
    "RReLU: CIFAR-10 0.1245, 0.1266, 0.1120, 0.1179, 0.1119; CIFAR-100 0.4290, "
    "0.4205, 0.4042, 0.4163, 0.4025. Trained on all 50,000 images for hundreds of epochs."
)
_OTHERS = "ReLU, leaky ReLU (slopes 0.01 and 1/5.5)"


CLAIMS = (
    _claim(
        "leaky-better",
        "Leaky ReLU is better than ReLU.",
        (sources.TUTORIAL, sources.XU),
        "test accuracy of leaky ReLU with each slope above that of ReLU",
        "relu",
        ("leaky_relu", "very_leaky_relu"),
        sign=-1,
    ),
    _claim(
        "very-leaky-better",
        "A slope of 1/5.5 does better than one of 0.01.",
        (sources.OVERVIEW, sources.XU),
        "test accuracy with the larger slope above that with the smaller",
        "very_leaky_relu",
        ("leaky_relu",),
    ),
    _claim(
        "prelu-train-best",
        "PReLU has the lowest training error.",
        (sources.XU,),
        f"training accuracy of PReLU above that of each of {_OTHERS} and RReLU",
        "prelu",
        ("relu", "leaky_relu", "very_leaky_relu", "rrelu"),
        value="train_accuracy",
        quantity="difference in training accuracy",
    ),
    _claim(
        "rrelu-least-overfit",
        "RReLU overfits least on small data.",
        (sources.OVERVIEW, sources.XU),
        f"the gap between training and test accuracy of each of {_OTHERS} and PReLU "
        "above that of RReLU",
        "rrelu",
        ("relu", "leaky_relu", "very_leaky_relu", "prelu"),
        value="gap",
        sign=-1,
        needs_both=True,
        quantity="difference in the gap",
        outcomes=("train_accuracy", "test_accuracy"),
    ),
    _claim(
        "rrelu-best",
        "RReLU has the best test accuracy.",
        (sources.OVERVIEW, sources.XU),
        f"test accuracy of RReLU above that of each of {_OTHERS} and PReLU",
        "rrelu",
        ("relu", "leaky_relu", "very_leaky_relu", "prelu"),
    ),
)


# The table and the figures ------------------------------------------------------------


def _errors(tables: Tables) -> list[Sequence[str]]:
    """Each activation with its errors and those of the paper on the same data."""
    best = best_trials(tables)
    data = set(best["dataset"]) & set(PUBLISHED)
    published = PUBLISHED[data.pop()] if len(data) == 1 else [None] * len(NAMES)
    return [
        (
            name,
            _interval(where(best, activation=activation), "train_accuracy"),
            _interval(where(best, activation=activation), "test_accuracy"),
            "–" if error is None else f"{error:.4f}",
        )
        for (activation, name), error in zip(NAMES.items(), published, strict=True)
    ]


def _interval(trials: pd.DataFrame, accuracy: str) -> str:
    """The error over the seeds with its interval; a lost net may have had any."""
    errors = 1 - unless_diverged(trials, accuracy).astype(float)
    if errors.empty:
        return "–"
    interval = bounded_hodges_lehmann(errors.fillna(0.0), errors.fillna(1.0))
    low, high = (format_number(end) for end in (interval.low, interval.high))
    return f"{format_number(interval.estimate)} ({low} to {high})"


TABLES = (
    StudyTable(
        title="Errors, and those of Xu 2015",
        caption="Each net at its own best rate: the estimate over seeds and its 95% "
        "interval. The paper's errors are those on all training images, and are no "
        "target: compare the order of the rows, and how far they are apart.",
        headings=(
            "Activation",
            "Training error",
            "Test error",
            "Test error in Xu 2015",
        ),
        rows=_errors,
    ),
)


def _accuracy(tables: Tables):
    trials = best_trials(tables)
    kinds = ["test", "training"]
    parts = [
        trials.assign(value=unless_diverged(trials, f"{column}_accuracy"), what=what)
        for column, what in (("test", "test"), ("train", "training"))
    ]
    frame = pd.concat(parts, ignore_index=True)
    return figures.dots(
        frame.assign(
            what=pd.Categorical(frame["what"], kinds, ordered=True),
            panel="Network in network",
        ),
        xlabel="accuracy, each net at its own best rate",
        column="panel",
        mark="what",
    )


FIGURES = (
    StudyFigure(
        name="accuracy",
        title="Accuracy of each activation",
        caption="Dots are estimates over seeds, lines their 95% intervals. Hollow dots: "
        "test split; filled dots: training split. The distance between the two is the "
        "gap. The claims are judged by paired differences, which can be clear even if "
        "the intervals overlap here.",
        claims=tuple(claim.id for claim in CLAIMS),
        draw=_accuracy,
    ),
)
