"""What penalties that keep the weights small do to ReLU nets."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    measured,
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.initialization.inputs import NET, points_against
from studies.learning import (
    BETTER_HAS_LEARNED,
    EACH_HAS_LEARNED,
    better_learned,
    each_learned,
)

# The rate at which the penalties are judged.
RATE = 0.1
KINDS = {"weight_l1": "L1", "weight_l2": "L2"}
PENALTIES = (1e-4, 1e-3, 1e-2)
JUDGED = 1e-3
SMALLEST_EFFECT = 0.005
# A fifth less is what we call a smaller activation.
SMALLER = float(np.log2(1.25))


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int, penalties=PENALTIES) -> list[Trial]:
    """Those without a penalty are among the nets with standardised inputs."""
    return [
        Trial(**NET, **{kind: p}, learning_rate=RATE, epochs=epochs, seed=seed)
        for kind in KINDS
        for p in penalties
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _penalised(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The nets without a penalty and with penalties of a kind."""
    (other,) = KINDS.keys() - {kind}
    plain = {"inputs": "standardised", other: 0.0, "derivative_at_zero": 0.0}
    return where(frame, **NET, **plain, learning_rate=RATE)


def _largest(tables: Tables) -> pd.DataFrame:
    """The largest activation of each net after training, in any layer."""
    rows = measured(tables, "largest_activation")
    rows = rows[(rows["epochs"] > 0) & (rows["epoch"] == rows["epochs"])]
    largest = (
        rows.groupby("key", observed=True)["value"].max(skipna=False).rename("value")
    )
    return tables.trials.merge(largest, on="key", validate="one_to_one")


def _smaller(tables: Tables) -> dict[str, pd.Series]:
    largest = _largest(tables)
    largest = largest.assign(doublings=np.log2(largest["value"].where(lambda v: v > 0)))
    return {
        f"{label} penalty of {JUDGED:g}": paired_outcomes(
            _penalised(largest, kind), "doublings", 0.0, JUDGED, by=kind
        )
        for kind, label in KINDS.items()
    }


def _better_penalised(tables: Tables) -> dict[str, pd.Series]:
    return {
        f"{label} penalty of {JUDGED:g}": paired_outcomes(
            _penalised(tables.trials, kind), "test_accuracy", JUDGED, 0.0, by=kind
        )
        for kind, label in KINDS.items()
    }


def _each_learned(tables: Tables) -> dict[str, pd.Series]:
    return _of_penalties(tables, each_learned)


def _better_penalised_learned(tables: Tables) -> dict[str, pd.Series]:
    return _of_penalties(tables, better_learned)


def _of_penalties(tables: Tables, learned) -> dict[str, pd.Series]:
    return {
        f"{label} penalty of {JUDGED:g}": learned(
            _penalised(tables.trials, kind), JUDGED, 0.0, by=kind
        )
        for kind, label in KINDS.items()
    }


CLAIMS = (
    Claim(
        id="weight-penalty",
        statement="A penalty on the weights bounds the activations of a ReLU net.",
        sources=(sources.INTRODUCTION.at(sources.TIPS),),
        nets="MLPs of 3 layers",
        precondition=Precondition(text=EACH_HAS_LEARNED, holds=_each_learned),
        criterion=f"The same nets with standardised inputs at a rate of {RATE:g}: "
        "after training, the largest activation in any layer on the fixed probe batch "
        "is at least 25% larger without a penalty than with it. Paired by seed. The "
        "logarithm of the ratio is judged.",
        rule=Difference(smallest_effect=SMALLER),
        effects=_smaller,
        quantity="ratio of the largest activation without the penalty to that with it",
        unit="doublings",
        digits=2,
        in_words=lambda value: (
            f"the largest activation is {2**value:.2f} times as large without the "
            "penalty"
        ),
    ),
    Claim(
        id="weight-penalty-accuracy",
        statement="A penalty on the weights helps a ReLU net to learn.",
        sources=(sources.INTRODUCTION.at(f"{sources.TIPS}, by implication"),),
        nets="MLPs of 3 layers",
        precondition=Precondition(
            text=BETTER_HAS_LEARNED, holds=_better_penalised_learned
        ),
        criterion="The same nets: test accuracy with the penalty is above that "
        f"without it by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_better_penalised,
        outcomes=("test_accuracy",),
        quantity="difference in test accuracy",
        digits=4,
        in_words=points_against("without the penalty"),
    ),
)


# The figures --------------------------------------------------------------------------


def _against_penalty(tables: Tables, value: str):
    largest = _largest(tables)
    frames = []
    for kind, label in KINDS.items():
        rows = _penalised(largest, kind)
        frames.append(rows.assign(shown=(1000 * rows[kind]).round(9), kind=label))
    rows = pd.concat(frames, ignore_index=True)
    return rows.assign(value=unless_diverged(rows, value))


def _activation_against_penalty(tables: Tables):
    return figures.lines_against(
        _against_penalty(tables, "value"),
        "shown",
        xlabel="penalty weight × 1000",
        ylabel="largest activation",
        column="kind",
        log_x=True,
    )


def _accuracy_against_penalty(tables: Tables):
    return figures.lines_against(
        _against_penalty(tables, "test_accuracy"),
        "shown",
        xlabel="penalty weight × 1000",
        ylabel="test accuracy",
        column="kind",
        log_x=True,
        least_range=0.05,
    )


FIGURES = (
    StudyFigure(
        name="penalty",
        title="The largest activation against the weight of the penalty",
        caption="After training, over all layers and all examples of the fixed probe "
        "batch. The quick profile has one weight for each penalty.",
        claims=("weight-penalty",),
        draw=_activation_against_penalty,
    ),
    StudyFigure(
        name="penalty-accuracy",
        title="Test accuracy against the weight of the penalty",
        caption="For the same nets.",
        claims=("weight-penalty-accuracy",),
        draw=_accuracy_against_penalty,
    ),
)
