"""Whether unscaled inputs make the training of ReLU nets unstable."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    by_seed,
    minus,
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.guessing import as_of_ten_classes
from studies.learning import (
    BETTER_HAS_LEARNED,
    HAS_LEARNED,
    LEARNED,
    any_learned,
    better_learned,
)
from studies.points import in_points, side

NET = {
    "architecture": "mlp",
    "depth": 3,
    "width": 32,
    "initializer": "he",
    "optimizer": "sgd",
    "batch_size": 32,
}
SCALINGS = {"raw": "raw", "unit": "0 to 1", "standardised": "standardised"}
# Keras's default for SGD, and ten times that.
RATES = (0.01, 0.1)

# Half of the nets.
MANY = 0.5
POINTS = 0.05


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        Trial(**NET, inputs=inputs, learning_rate=rate, epochs=epochs, seed=seed)
        for inputs in SCALINGS
        for rate in RATES
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _scaled(frame: pd.DataFrame, **settings) -> pd.DataFrame:
    """The nets without a penalty."""
    plain = {"weight_l1": 0.0, "weight_l2": 0.0, "derivative_at_zero": 0.0}
    return where(frame, **NET, **plain, **settings)


def _unstable(tables: Tables) -> dict[str, pd.Series]:
    """1 for each seed that fails only with raw inputs, else 0."""
    cases = {}
    for rate in RATES:
        rows = _scaled(tables.trials, learning_rate=rate)
        learns = (as_of_ten_classes(rows) >= LEARNED) & ~rows["diverged"].astype(bool)
        rows = rows.assign(value=learns * 1.0)
        learned = {inputs: by_seed(where(rows, inputs=inputs)) for inputs in SCALINGS}
        for inputs in ("unit", "standardised"):
            only_raw = minus(learned[inputs], learned["raw"]).clip(lower=0)
            cases[f"raw against {SCALINGS[inputs]}, rate {rate:g}"] = only_raw
    return cases


def _better_scaled(tables: Tables) -> dict[str, pd.Series]:
    return {
        f"{SCALINGS[inputs]} against raw, rate {rate:g}": paired_outcomes(
            _scaled(tables.trials, learning_rate=rate),
            "test_accuracy",
            inputs,
            "raw",
            by="inputs",
        )
        for rate in RATES
        for inputs in ("unit", "standardised")
    }


def _one_learned(tables: Tables) -> dict[str, pd.Series]:
    return {
        f"raw against {SCALINGS[inputs]}, rate {rate:g}": any_learned(
            _scaled(tables.trials, learning_rate=rate, inputs=[inputs, "raw"])
        )
        for rate in RATES
        for inputs in ("unit", "standardised")
    }


def _better_learned(tables: Tables) -> dict[str, pd.Series]:
    return {
        f"{SCALINGS[inputs]} against raw, rate {rate:g}": better_learned(
            _scaled(tables.trials, learning_rate=rate), inputs, "raw", by="inputs"
        )
        for rate in RATES
        for inputs in ("unit", "standardised")
    }


def points_against(than: str):
    def in_words(difference: float) -> str:
        higher = side(difference, "higher", "lower")
        return f"the accuracy is {in_points(difference)} {higher} than {than}"

    return in_words


CLAIMS = (
    Claim(
        id="scaled-inputs",
        statement="Unscaled inputs make the training of a ReLU net unstable.",
        sources=(sources.INTRODUCTION.at(sources.TIPS),),
        nets="MLPs of 3 layers",
        precondition=Precondition(
            text=f"the net with raw or with scaled inputs {HAS_LEARNED}",
            holds=_one_learned,
        ),
        criterion="MLPs of 3 layers of 32 units with the He initialisation, trained "
        f"by SGD at rates of {' and '.join(f'{r:g}' for r in RATES)}. The share of "
        "seeds that fail with raw inputs (pixels from 0 to 16 in scikit-learn's "
        "digits, from 0 to 255 in other images) and learn with scaled inputs: its "
        f"whole (Wilson) interval is at or above {MANY:.0%}. A net fails if it "
        f"diverges or does not learn (test accuracy below {LEARNED:g} among ten "
        "classes, or equally little above guessing among other numbers of classes).",
        rule=AtLeast(threshold=MANY),
        effects=_unstable,
        outcomes=("test_accuracy",),
        quantity="share of seeds that fail only with raw inputs",
        in_words=lambda share: f"{share:.0%} of the seeds fail only with raw inputs",
        is_share=True,
    ),
    Claim(
        id="scaled-inputs-accuracy",
        statement="A ReLU net learns better from scaled inputs.",
        sources=(sources.INTRODUCTION.at(f"{sources.TIPS}, by implication"),),
        nets="MLPs of 3 layers",
        precondition=Precondition(text=BETTER_HAS_LEARNED, holds=_better_learned),
        criterion="The same nets: test accuracy with scaled inputs is above that with "
        f"raw inputs by at least {POINTS:g}. Paired by seed. A net that diverged has "
        "no value.",
        rule=Difference(smallest_effect=POINTS),
        effects=_better_scaled,
        outcomes=("test_accuracy",),
        quantity="difference in test accuracy",
        in_words=points_against("with raw inputs"),
    ),
)


# The figures --------------------------------------------------------------------------


def _accuracy_by_scaling(tables: Tables):
    rows = _scaled(tables.trials)
    labels = list(SCALINGS.values())
    return figures.lines_against(
        rows.assign(
            value=unless_diverged(rows, "test_accuracy"),
            scaling=pd.Categorical(
                rows["inputs"].map(SCALINGS), categories=labels, ordered=True
            ),
        ),
        "learning_rate",
        xlabel="learning rate (SGD)",
        ylabel="test accuracy",
        column="scaling",
        log_x=True,
    )


FIGURES = (
    StudyFigure(
        name="inputs",
        title="Test accuracy with raw and with scaled inputs",
        caption="Nets of 3 layers of 32 units by SGD at two rates. Dots are estimates "
        "over the seeds that did not diverge, vertical lines their 95% intervals.",
        claims=("scaled-inputs", "scaled-inputs-accuracy"),
        draw=_accuracy_by_scaling,
    ),
)
