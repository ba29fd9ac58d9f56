"""Whether deep nets need layer-wise pre-training, and what they gain from it."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtMost
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)
from studies.points import in_points, side
from studies.vanishing_gradients.trained import MLPS, TRAINED

# Of each layer; the nets share a grid of rates with those that are not pre-trained.
EPOCHS = 20
# One point of accuracy: what pre-training has to gain before we say that it is needed.
NEEDED = 0.01


# The claims ---------------------------------------------------------------------------


def _nets(tables: Tables, label: str) -> pd.DataFrame:
    """The nets at their best rates, pre-trained and not."""
    net = TRAINED[label] | {"pretraining": [0, EPOCHS]}
    return where(at_best_rate(tables), **net)


def _pairs(tables: Tables) -> dict[str, pd.DataFrame]:
    cases = {}
    for label in MLPS:
        nets = where(_nets(tables, label), activation="relu")
        # What a profile leaves out is no training that was lost.
        is_there = (nets["pretraining"] == EPOCHS).any()
        cases[f"relu, {label}"] = nets if is_there else nets.iloc[:0]
    return cases


def _gains(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: paired_outcomes(nets, "test_accuracy", EPOCHS, 0, by="pretraining")
        for case, nets in _pairs(tables).items()
    }


def _learned(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: better_learned(nets, EPOCHS, 0, by="pretraining")
        for case, nets in _pairs(tables).items()
    }


def _both_learned(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: each_learned(nets, EPOCHS, 0, by="pretraining")
        for case, nets in _pairs(tables).items()
    }


def _gained(difference: float) -> str:
    verb = side(difference, "increases", "decreases")
    return f"pre-training {verb} the test accuracy by {in_points(difference)}"


CLAIMS = (
    Claim(
        id="no-pretraining",
        statement="Deep ReLU nets train without pre-training.",
        sources=(
            sources.ARTICLE,
            sources.INTRODUCTION.at(sources.ADVANTAGES),
            sources.GLOROT,
        ),
        nets="MLPs of 20 layers",
        precondition=Precondition(text=BETTER_HAS_LEARNED, holds=_learned),
        comparable_if=Precondition(text=EACH_HAS_LEARNED, holds=_both_learned),
        criterion="MLPs of 20 layers of 32 units with the He initialisation, trained "
        "by Adam and by SGD, without pre-training and with each hidden layer "
        f"pre-trained for {EPOCHS} epochs as an auto-encoder of its input (Bengio "
        "2007), then trained for the same number of epochs, each at its own best "
        "learning rate; in the standard and full profiles only. The whole interval of "
        f"the gain in test accuracy from pre-training is at or below {NEEDED:g}. "
        "Paired by seed. A loss from pre-training does not contradict the claim. "
        "Whether the nets learn at all is judged above. Sigmoid and tanh nets, which "
        "are said to benefit from pre-training, are shown for comparison but not "
        "judged.",
        rule=AtMost(threshold=NEEDED),
        effects=_gains,
        outcomes=("test_accuracy",),
        quantity="gain in test accuracy",
        digits=3,
        in_words=_gained,
    ),
)


# The figures --------------------------------------------------------------------------


def _accuracies(tables: Tables):
    rows = pd.concat(
        [_nets(tables, label).assign(net=label) for label in MLPS], ignore_index=True
    )
    if not (rows["pretraining"] > 0).any():
        raise figures.NothingToDraw("No net is pre-trained; others have a figure.")
    marks = {0: "not pre-trained", EPOCHS: "pre-trained"}
    start = rows["pretraining"].map(marks)
    return figures.dots(
        rows.assign(
            value=unless_diverged(rows, "test_accuracy"),
            start=pd.Categorical(start, list(marks.values()), ordered=True),
        ),
        xlabel="test accuracy",
        column="net",
        mark="start",
        xlim=(0, 1),
        sort=False,
    )


FIGURES = (
    StudyFigure(
        name="pretraining",
        title="Test accuracy with and without layer-wise pre-training",
        caption="MLPs of 20 layers of 32 units, each at its own best learning rate. "
        "Hollow dots: not pre-trained. Filled dots: hidden layers pre-trained one "
        "after the other, without labels, in the standard and full profiles only. "
        "Dots are estimates over seeds, lines their 95% intervals.",
        claims=("no-pretraining",),
        draw=_accuracies,
    ),
)
