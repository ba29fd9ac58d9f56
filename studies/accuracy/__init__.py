"""Which activation gives the best accuracy, each at its own best learning rate?

`nets` says what is compared and how, `fixed` and `learned_or_random` have the claims. The
table of properties and the figures show all activations.
"""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import by_seed, unless_diverged, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.criteria import AtMost
from keras_rectifiers.comparison.verdicts.properties import Property
from studies.accuracy import fixed, learned_or_random
from studies.accuracy.nets import (
    ACTIVATIONS,
    GRIDS,
    NETS,
    SMALLEST_EFFECT,
    Effects,
    best_trials,
)


def _accuracy_of_each(label: str) -> Effects:
    def values(tables: Tables) -> dict[str, pd.Series]:
        trials = best_trials(tables, label)
        trials = trials.assign(value=unless_diverged(trials, "test_accuracy"))
        return {
            name: by_seed(where(trials, activation=name)) for name in ACTIVATIONS[label]
        }

    return values


PROPERTIES = tuple(
    Property(
        name=f"accuracy-{label.lower()}",
        title=f"Accuracy, {label}",
        nets=f"{label}s of {net['depth']} layers",
        explanation="The test accuracy on images that were not used to choose anything, "
        "each net at its own best learning rate. Good "
        f"is what is behind the best by {SMALLEST_EFFECT * 100:g} points at most.",
        values=_accuracy_of_each(label),
        best="highest",
        rule=AtMost(threshold=SMALLEST_EFFECT),
        bad_in_words="is less accurate",
        shown=lambda share: f"{share:.1%}",
        claim="relu-better",
    )
    for label, net in NETS.items()
)


def _accuracies(tables: Tables, label: str, **columns: str) -> pd.DataFrame:
    trials = best_trials(tables, label)
    parts = [
        trials.assign(value=unless_diverged(trials, value), what=what)
        for value, what in columns.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    kinds = list(columns.values())
    return frame.assign(
        what=pd.Categorical(frame["what"], kinds, ordered=True),
        panel=f"{label} of {NETS[label]['depth']} layers",
    )


def _accuracy(label: str):
    def draw(tables: Tables):
        return figures.dots(
            _accuracies(tables, label, test_accuracy="test", train_accuracy="training"),
            xlabel="accuracy, each net at its own best rate",
            column="panel",
            mark="what",
        )

    return draw


_CAPTION = (
    "Dots are estimates over seeds, lines their 95% intervals. Hollow dots: test "
    "split; filled dots: training split. The distance between the two is the gap. The "
    "claims are judged by paired differences, which can be clear even if the "
    "intervals overlap here."
)

FIGURES = tuple(
    StudyFigure(
        name=f"accuracy-{label.lower()}",
        title=f"Accuracy of each activation, {label}",
        caption=_CAPTION,
        claims=tuple(claim.id for claim in (*fixed.CLAIMS, *learned_or_random.CLAIMS)),
        draw=_accuracy(label),
    )
    for label in NETS
)


STUDY = Study(
    name="accuracy",
    title="Accuracy",
    question="Which activation gives the best accuracy, if each is trained at its own "
    "best learning rate?",
    method="Fully connected nets of 6 layers of 32 units and convolutional nets of 2 "
    "layers of 8 channels are trained by Adam with batches of 32 (8 and 3 epochs in "
    "the quick profile, 20 and 4 in the standard, 100 and 60 in the full one). Each "
    "activation is trained at the same learning rates with each seed. For each seed "
    "its rate with the lowest validation error is its best rate, and the results at "
    "that rate count.",
    not_shown="Which activation is best in general: a difference of half a point of "
    "accuracy in small nets on one data set may be reversed in others.",
    trials=dict.fromkeys(GRIDS, list),
    claims=(
        *fixed.CLAIMS,
        *learned_or_random.CLAIMS,
    ),
    figures=FIGURES,
    properties=PROPERTIES,
    grids=GRIDS,
)
