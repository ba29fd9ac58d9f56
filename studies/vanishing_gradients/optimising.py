"""What makes a net easy to optimise, and whether the derivative at 0 matters."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import measured, paired_outcomes, where
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference, Equivalence
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import convergence, sources
from studies.initialization import inputs, penalties
from studies.learning import HAS_LEARNED, better_learned
from studies.points import in_points, side

# The leaky family, from ReLU to the identity: name -> slope for z < 0.
SLOPES = {
    "relu": 0.0,
    "leaky_relu": 0.01,
    "leaky_relu_0.1": 0.1,
    "very_leaky_relu": 1 / 5.5,
    "linear": 1.0,
}
# Each takes seconds: the quick profile has the ends of the family.
QUICK_SLOPES = ("relu", "linear")
LEAKY = ("leaky_relu_0.1", "very_leaky_relu", "linear")

# Nets of the study of initialisation at its larger rate; and a convolution on images of
# which, but for CIFAR's, large parts are exactly 0: so the first pre-activations are, too.
DERIVATIVES = (0.0, 0.5, 1.0)
NETS = {
    "MLP": {**inputs.NET, "learning_rate": penalties.RATE},
    "CNN": {
        "architecture": "cnn",
        "depth": 2,
        "width": 8,
        "inputs": "unit",
        "initializer": "he",
        "optimizer": "adam",
        "learning_rate": 1e-2,
        "batch_size": 32,
    },
}
# Half a point of accuracy is what does not matter.
NEGLIGIBLE = 0.005


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int, nets=tuple(NETS)) -> list[Trial]:
    return [
        Trial(**NETS[label], derivative_at_zero=at_zero, epochs=epochs, seed=seed)
        for label in nets
        for at_zero in DERIVATIVES
        for seed in seeds
    ]


def grids(*, seeds: range, epochs: int, activations=tuple(SLOPES)) -> list[RateGrid]:
    return convergence.grids(
        seeds=seeds,
        epochs=epochs,
        activations=activations,
        title="MLP of 6 layers, Adam, from ReLU to the identity, for the fewest epochs",
    )


# The claims ---------------------------------------------------------------------------


def _easier(tables: Tables) -> dict[str, pd.DataFrame]:
    return {
        f"{name}, slope {SLOPES[name]:.2g}": convergence.doublings(tables, "relu", name)
        for name in LEAKY
    }


def _one_reaches(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: convergence.one_reaches(ratios)
        for case, ratios in _easier(tables).items()
    }


def _both_reach(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: convergence.both_reach(ratios) for case, ratios in _easier(tables).items()
    }


def _pairs(tables: Tables) -> Iterator[tuple[str, pd.DataFrame, float]]:
    """Yields each case, its nets and the derivative that is set against 0."""
    for label, net in NETS.items():
        settings = {"inputs": "standardised", "weight_l1": 0.0, "weight_l2": 0.0, **net}
        for at_zero in DERIVATIVES[1:]:
            case = f"{label}, derivative {at_zero:g} against 0"
            yield case, where(tables.trials, **settings), at_zero


def _by_derivative(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: paired_outcomes(
            nets, "test_accuracy", at_zero, 0.0, by="derivative_at_zero"
        )
        for case, nets, at_zero in _pairs(tables)
    }


def _zero_occurs(tables: Tables) -> dict[str, pd.Series]:
    zeros = measured(tables, "zero_pre_activations")
    has_zeros = set(zeros.loc[zeros["value"] > 0, "key"])
    cases = {}
    for case, nets, at_zero in _pairs(tables):
        sides = where(nets, derivative_at_zero=[0.0, at_zero])
        occurs = sides["key"].isin(has_zeros).groupby(sides["seed"]).any()
        learned = better_learned(nets, at_zero, 0.0, by="derivative_at_zero")
        cases[case] = occurs.reindex(learned.index, fill_value=False) & learned
    return cases


CLAIMS = (
    Claim(
        id="near-linear-easier",
        statement="The closer an activation is to linear, the easier the net is to "
        "optimise.",
        sources=(sources.INTRODUCTION.at(sources.ADVANTAGES),),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=convergence.ONE_REACHES, holds=_one_reaches),
        comparable_if=Precondition(text=convergence.BOTH_REACH, holds=_both_reach),
        criterion="The leaky family from slope 0 (ReLU) to 1 (linear), MLPs of 6 "
        "layers of 32 units, Adam, batches of 128, each net at its own best rate (see "
        "the study of convergence): ReLU needs at least 25% more epochs to reach a "
        f"training loss of {convergence.THRESHOLD:g} nats than a net with the stated "
        "slope. Paired by seed. A net that never reaches the loss counts as censored. "
        "The quick profile includes only slope 1.",
        rule=Difference(smallest_effect=convergence.SLOWER),
        effects=_easier,
        quantity="ratio of the epochs of ReLU to those of the leakier net",
        unit="doublings",
        digits=2,
        in_words=lambda value: (
            f"ReLU needs {convergence.times(value)} as the leakier net"
        ),
    ),
    Claim(
        id="derivative-at-zero",
        statement="The value used for ReLU's derivative at 0 does not matter.",
        sources=(
            sources.ARTICLE.at(sources.PROBLEMS),
            sources.INTRODUCTION,
        ),
        nets={"MLP": "MLPs of 3 layers", "CNN": "CNNs of 2 layers"},
        precondition=Precondition(
            text="the derivative at 0 is used: a pre-activation of either net is "
            "exactly 0 for an example of the fixed probe batch, before or after any "
            "epoch; and the more accurate of the two nets " + HAS_LEARNED,
            holds=_zero_occurs,
        ),
        criterion="Nets that differ only in this value: the 90% interval of the "
        f"difference in test accuracy is within ±{NEGLIGIBLE:g}. MLPs of 3 layers of "
        f"32 units, SGD at {penalties.RATE:g}. In the standard and full profiles also "
        "CNNs of 2 layers of 8 channels, Adam at 0.01, on images scaled from 0 to 1, "
        "in which empty regions give pre-activations of exactly 0 initially. Paired "
        "by seed.",
        rule=Equivalence(margin=NEGLIGIBLE),
        effects=_by_derivative,
        outcomes=("test_accuracy",),
        quantity="difference in test accuracy",
        digits=4,
        in_words=lambda d: (
            f"the accuracy is {in_points(d)} {side(d, 'higher', 'lower')} than with 0"
        ),
    ),
)


# The figures --------------------------------------------------------------------------


def _epochs_by_slope(tables: Tables):
    trials = where(
        at_best_rate(tables, convergence.epochs_needed),
        **convergence.NET,
        activation=list(SLOPES),
    )
    steps = trials["key"].map(convergence.epochs_needed(tables)).astype(np.float64)
    return figures.dots(
        trials.assign(
            value=steps.where(np.isfinite(steps)), panel="each at its own best rate"
        ),
        xlabel=f"epochs to a training loss of {convergence.THRESHOLD:g} nats",
        column="panel",
        sort=False,
    )


def _zeros_over_time(tables: Tables):
    zeros = measured(tables, "zero_pre_activations")
    frames = []
    for label, net in NETS.items():
        settings = {"inputs": "standardised", "weight_l1": 0.0, "weight_l2": 0.0, **net}
        rows = where(zeros, **settings)
        by_net = rows[rows["epochs"] > 0].groupby(["key", "epoch"], observed=True)[
            "value"
        ]
        means = by_net.mean(skipna=False).reset_index()
        shown = ["key", "activation", "seed", "derivative_at_zero", "diverged"]
        nets = means.merge(tables.trials[shown], on="key", validate="many_to_one")
        frames.append(nets.assign(net=label))
    rows = pd.concat(frames, ignore_index=True)
    return figures.lines_against(
        where(rows, derivative_at_zero=0.0),
        "epoch",
        xlabel="epoch (0 is before training)",
        ylabel="share of pre-activations that are exactly 0",
        column="net",
        least_range=0.01,
    )


FIGURES = (
    StudyFigure(
        name="slopes",
        title="Epochs to the threshold, from ReLU to the identity",
        caption="Slopes for negative z, from top to bottom: 0, 0.01, 0.1, 1/5.5 and "
        "1, if trained in this profile. Dots are estimates over the seeds that "
        "reached the threshold, lines their 95% intervals.",
        claims=("near-linear-easier",),
        draw=_epochs_by_slope,
    ),
    StudyFigure(
        name="zero",
        title="How often a pre-activation is exactly 0",
        caption="The derivative at 0 is used only for these. Measured on the fixed "
        "probe batch in ReLU nets with Keras's derivative of 0. Dots are estimates "
        "over seeds, vertical lines their 95% intervals.",
        claims=("derivative-at-zero",),
        draw=_zeros_over_time,
    ),
)
