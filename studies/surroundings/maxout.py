"""Whether maxout gains more by dropout than ReLU, with as many weights."""

import pandas as pd

from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import minus, paired_outcomes, where
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.accuracy.nets import COMMON, EPOCHS, SMALLEST_EFFECT, points_as_claimed
from studies.learning import EACH_HAS_LEARNED, each_learned
from studies.surroundings.normalisation import with_and_without

# Nets with numbers of weights that are equal but for 1.1%: how wide ReLU's layers are
# for that depends on how many inputs and classes there are. Half of the hidden
# activations are dropped, as by Goodfellow 2013.
DROPOUT = 0.5
EQUAL = {"architecture": "mlp", "depth": 2, **COMMON}
MAXOUT_WIDTH = 64
# On MNIST and Fashion-MNIST: 109,450 weights and 109,930; on CIFAR-10 402,314 and 401,135,
# on CIFAR-100 408,164 and 412,475.
RELU_WIDTHS = {"standard": 120, "full": 125}


# The trials ---------------------------------------------------------------------------


def all_four(profile: str) -> list[Trial]:
    return [
        Trial(
            **EQUAL,
            activation=activation,
            width=width,
            dropout=dropout,
            epochs=EPOCHS[profile]["MLP"],
        )
        for activation, width in (
            ("maxout", MAXOUT_WIDTH),
            ("relu", RELU_WIDTHS[profile]),
        )
        for dropout in (0.0, DROPOUT)
    ]


# The claims ---------------------------------------------------------------------------


def _equal(tables: Tables) -> pd.DataFrame:
    """The trials of maxout and ReLU at equal numbers of weights, at their best rates."""
    best = where(at_best_rate(tables), **EQUAL, dropout=[0.0, DROPOUT])
    is_relu = (best["activation"] == "relu") & best["width"].isin(RELU_WIDTHS.values())
    is_maxout = (best["activation"] == "maxout") & (best["width"] == MAXOUT_WIDTH)
    return best[(is_relu | is_maxout) & ~best["batch_normalization"].astype(bool)]


def _maxout(tables: Tables) -> dict[str, pd.Series]:
    trials = _equal(tables)
    leads = [
        paired_outcomes(where(trials, dropout=d), "test_accuracy", "maxout", "relu")
        for d in (DROPOUT, 0.0)
    ]
    return {"maxout and relu, MLP": minus(*leads)}


def _all_four_learned(tables: Tables) -> dict[str, pd.Series]:
    nets = _equal(tables)
    by_dropout = [
        each_learned(where(nets, dropout=d), "maxout", "relu") for d in (0.0, DROPOUT)
    ]
    both = pd.concat(by_dropout, axis=1).eq(True)
    return {"maxout and relu, MLP": both.all(axis=1)}


_QUANTITY = "gain of maxout by dropout minus that of ReLU"

CLAIMS = (
    Claim(
        id="maxout",
        statement="Maxout goes well with dropout.",
        sources=(
            sources.INTRODUCTION.at(sources.EXTENSIONS),
            sources.GOODFELLOW.at("abstract"),
        ),
        nets="MLPs of 2 layers",
        precondition=Precondition(text=EACH_HAS_LEARNED, holds=_all_four_learned),
        comparable_if=Precondition(text=EACH_HAS_LEARNED, holds=_all_four_learned),
        criterion="MLPs of 2 layers whose numbers of weights are equal to within 1.1% "
        f"on the profiles' data sets (maxout: {MAXOUT_WIDTH} units per layer, each "
        f"the maximum of two pieces; ReLU: {RELU_WIDTHS['standard']} units in the "
        f"standard profile, {RELU_WIDTHS['full']} in the full one), with and without "
        f"dropout of {DROPOUT:g} after each hidden layer, at their own best learning "
        "rates (by validation error). The initial kernels of both preserve the mean "
        "square from layer to layer. The gain of maxout in test accuracy by dropout "
        f"is larger than that of ReLU by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_maxout,
        outcomes=("test_accuracy",),
        quantity=_QUANTITY,
        digits=4,
        in_words=points_as_claimed(_QUANTITY),
        published="The benchmark of CaffeNet, which includes dropout, top-1 accuracy: "
        "ReLU 0.471, maxout 0.482. Different net and training budget.",
    ),
)


# The figures --------------------------------------------------------------------------


def _dropped(tables: Tables):
    trials = _equal(tables)
    return with_and_without(
        trials.assign(panel="MLP"), trials["dropout"] > 0, "dropout"
    )


FIGURES = (
    StudyFigure(
        name="dropout",
        title="Maxout and ReLU with and without dropout",
        caption="Nets with equal numbers of weights on the profiles' data sets. Dots "
        "are estimates over seeds, lines their 95% intervals. The claim is about the "
        "difference between the two gains. Not included in the quick profile.",
        claims=("maxout",),
        draw=_dropped,
    ),
)
