"""Are ELU's activations nearer to zero mean, and is it faster and robust to noise?"""

import functools
from functools import partial

import keras
import numpy as np
import pandas as pd
from scipy import stats

from keras_rectifiers import activations
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    measured,
    paired_outcomes,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import convergence, sources
from studies.accuracy import EPOCHS, NETS
from studies.learning import EACH_HAS_LEARNED, each_learned

# The nets are those of the study of accuracy at one of its rates, with equal settings.
LEARNING_RATES = {"MLP": 1e-3, "CNN": 1e-2}
ACTIVATIONS = ("relu", "elu", "tanh", "sigmoid")

# Leaky functions, against which ELU is said to be robust where it is deactivated.
LEAKY_SLOPES = {
    "leaky_relu": "slope 0.01",
    "leaky_relu_0.1": "slope 0.1",
    "very_leaky_relu": "slope 1/5.5",
}
# A unit is taken for deactivated from here on; the noise is normal.
DEACTIVATED = -3.0
NOISE = 0.5
NUM_POINTS = 1000

# A twentieth of the mean square is the smallest difference in offset that matters.
NEARER = 0.05
# A quarter more epochs is what we call slower.
SLOWER = float(np.log2(1.25))
# Twice the variance is what we call less robust.
TWICE = 1.0


# The trials ---------------------------------------------------------------------------


def _trials(profile: str, *, seeds: range) -> list[Trial]:
    return [
        Trial(
            **net,
            activation=activation,
            learning_rate=LEARNING_RATES[label],
            epochs=EPOCHS[profile][label],
            seed=seed,
        )
        for label, net in NETS.items()
        for activation in ACTIVATIONS
        for seed in seeds
    ]


TRIALS = {
    "quick": partial(_trials, "quick", seeds=range(20)),
    "standard": partial(_trials, "standard", seeds=range(20)),
    "full": partial(_trials, "full", seeds=range(50)),
}


# The claims ---------------------------------------------------------------------------

BEFORE, AFTER = "before training", "after training"


def _shifts(tables: Tables) -> pd.DataFrame:
    """The offset of each layer, before and after training."""
    rows = measured(tables, "mean_shift")
    nets = [where(rows, **net).assign(net=label) for label, net in NETS.items()]
    rows = pd.concat(nets, ignore_index=True)
    rows = rows[(rows["epoch"] == 0) | (rows["epoch"] == rows["epochs"])]
    when = np.where(rows["epoch"] == 0, BEFORE, AFTER)
    return rows.assign(when=pd.Categorical(when, [BEFORE, AFTER], ordered=True))


def _nearer(tables: Tables) -> dict[str, pd.Series]:
    rows = _shifts(tables)
    names = ["net", "when", "activation", "seed"]
    nets = rows.groupby(names, observed=True)
    means = nets["value"].mean(skipna=False).reset_index()
    # A layer that diverged has no offset, at no time before either.
    means["diverged"] = False
    return {
        f"{label}, {when}": paired_outcomes(
            where(means, net=label, when=when), "value", "relu", "elu"
        )
        for label in NETS
        for when in (BEFORE, AFTER)
    }


def _faster(tables: Tables) -> dict[str, pd.DataFrame]:
    return {"MLP, Adam": convergence.doublings(tables, "relu", "elu")}


def _learned(tables: Tables) -> dict[str, pd.Series]:
    return {
        f"{label}, {AFTER}": each_learned(
            where(tables.trials, **net, learning_rate=LEARNING_RATES[label], bias=0.0),
            "relu",
            "elu",
        )
        for label, net in NETS.items()
    }


def _one_reaches(tables: Tables) -> dict[str, pd.Series]:
    return {case: convergence.one_reaches(r) for case, r in _faster(tables).items()}


def _both_reach(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: convergence.both_reach(ratios) for case, ratios in _faster(tables).items()
    }


def passed_on(activation: str, z) -> np.ndarray:
    """The share of the variance of its input noise that an activation passes on.

    Var f(z + e) / Var e for e ~ N(0, NOISE^2), by the trapezium rule.

    Args:
        activation: a name of the catalogue.
        z: floats `(n,)`, the pre-activations to which the noise is added.

    Returns:
        Floats `(n,)`.
    """
    deviations = np.linspace(-8, 8, 801)
    weights = stats.norm.pdf(deviations)
    weights /= weights.sum()
    layer = activations.get(activation, dtype="float64")
    noisy = np.asarray(z, np.float64)[:, np.newaxis] + NOISE * deviations
    responses = keras.ops.convert_to_numpy(layer(noisy))
    means = responses @ weights
    return (responses - means[:, np.newaxis]) ** 2 @ weights / NOISE**2


def _more_noise(tables: Tables) -> dict[str, pd.Series]:
    """The noise that each leaky function passes on, relative to ELU, without training."""
    return {
        f"{name}, {slope}": pd.Series(
            [np.log2(_mean_passed_on(name) / _mean_passed_on("elu"))]
        )
        for name, slope in LEAKY_SLOPES.items()
    }


@functools.cache
def _mean_passed_on(activation: str) -> float:
    # Of a standard normal: pre-activations of a wide net at random initialisation.
    tail = stats.truncnorm(-np.inf, DEACTIVATED)
    # The middles of intervals that are equally likely.
    z = tail.ppf((np.arange(NUM_POINTS) + 0.5) / NUM_POINTS)
    return float(np.mean(passed_on(activation, z)))


CLAIMS = (
    Claim(
        id="elu-zero-mean",
        statement="ELU's mean activation is nearer to zero than ReLU's.",
        sources=(
            sources.ARTICLE.at(sources.VARIANTS),
            sources.INTRODUCTION.at(sources.EXTENSIONS),
        ),
        nets={"MLP": "MLPs of 6 layers", "CNN": "CNNs of 2 layers"},
        precondition=Precondition(
            text=f"{EACH_HAS_LEARNED}, in the cases after training", holds=_learned
        ),
        criterion="mean_shift (the share of the activations' mean square that is due "
        "to their means), averaged over layers, is larger for ReLU than for ELU by at "
        f"least {NEARER:g}. Paired by seed. MLP of 6 layers and CNN of 2 layers, "
        f"trained by Adam at rates of {LEARNING_RATES['MLP']:g} and "
        f"{LEARNING_RATES['CNN']:g}, which are not tuned.",
        rule=Difference(smallest_effect=NEARER),
        effects=_nearer,
        quantity="mean_shift of ReLU minus that of ELU",
        in_words=lambda d: (
            f"the mean shift is {abs(d) * 100:.0f} percentage points "
            f"{'smaller' if d >= 0 else 'larger'} in ELU nets"
        ),
    ),
    Claim(
        id="elu-faster",
        statement="ELU learns faster than ReLU in nets of more than 5 layers.",
        sources=(
            sources.ARTICLE.at(sources.VARIANTS),
            sources.OVERVIEW,
            sources.INTRODUCTION.at(sources.EXTENSIONS),
            sources.CLEVERT.at("abstract"),
        ),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=convergence.ONE_REACHES, holds=_one_reaches),
        comparable_if=Precondition(text=convergence.BOTH_REACH, holds=_both_reach),
        criterion="MLPs of 6 layers of 32 units, Adam, batches of 128, each net at "
        "its own best rate (see the study of convergence): ReLU needs at least 25% "
        f"more epochs to reach a training loss of {convergence.THRESHOLD:g} nats. "
        "Paired by seed. A net that never reaches the loss counts as censored.",
        rule=Difference(smallest_effect=SLOWER),
        effects=_faster,
        quantity="ratio of the epochs of ReLU to those of ELU",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"ReLU needs {convergence.times(value)} as ELU",
        published="Clevert 2016: on CIFAR-100 an ELU net reaches a given test error "
        "in fewer iterations than a ReLU net.",
    ),
    Claim(
        id="elu-noise",
        statement="The deactivated state of ELU is robust to noise; that of leaky "
        "functions is not.",
        sources=(sources.OVERVIEW,),
        kind=Kind.IDENTITY,
        kind_reason="It is computed from the formulas; no net is trained.",
        criterion="Computed from the formulas, without training: normal noise of "
        f"standard deviation {NOISE:g} is added to pre-activations below "
        f"−{-DEACTIVATED:g}, in the tail of a standard normal distribution. "
        "The variance of the noise in the output of the leaky function is at least "
        f"twice that in the output of ELU (1 doubling). ReLU passes on no noise there.",
        rule=Difference(smallest_effect=TWICE),
        effects=_more_noise,
        quantity="ratio of the output noise variance of the leaky function to that of "
        "ELU",
        unit="doublings",
        digits=2,
        in_words=lambda value: (
            f"the leaky function passes on {2**value:.3g} times ELU's noise"
        ),
    ),
)


# The figures --------------------------------------------------------------------------


def _by_layer(label: str):
    def draw(tables: Tables):
        rows = where(_shifts(tables), net=label)
        return figures.lines_by_layer(
            rows, ylabel="mean shift", column="when", panel_height=3.0
        )

    return draw


def _noise_passed_on(tables: Tables):
    if where(tables.trials, activation="elu").empty:
        raise figures.NothingToDraw("The tables have no trials for this figure.")
    z = np.linspace(-6, 2, 33)
    frames = [
        # One of everything: what is computed does not scatter.
        pd.DataFrame({"z": z, "value": passed_on(name, z), "activation": name})
        for name in ("relu", "elu", *LEAKY_SLOPES)
    ]
    rows = pd.concat(frames, ignore_index=True)
    shown = rows["value"] >= 1e-6
    return figures.lines_against(
        rows[shown].assign(seed=0, panel="computed from the formulas"),
        "z",
        xlabel="pre-activation z to which noise is added",
        ylabel="share of noise variance passed on",
        column="panel",
        log_y=True,
    )


FIGURES = (
    *(
        StudyFigure(
            name=f"shift-{label.lower()}",
            title=f"Mean shift by layer, {label}",
            claims=("elu-zero-mean",),
            caption="0: the mean of every unit over the examples is zero. 1: the "
            "units are constant over the examples, so their mean square is due to "
            "their means alone. Lines are medians over seeds; bands contain the "
            "middle 80%.",
            draw=_by_layer(label),
        )
        for label in NETS
    ),
    StudyFigure(
        name="noise",
        title="The share of input noise that an activation passes on",
        caption=f"Normal noise of standard deviation {NOISE:g}. A share of 1 means "
        "all of the noise variance. A leaky function passes on the square of its "
        "slope, however negative z is; ELU passes on less the more negative z is. The "
        "claim is reversed to the right of the point where the lines cross: for small "
        "noise this is at z = ln(slope), that is at −4.6, −2.3 and −1.7. Shares below "
        "one millionth are not drawn, such as the 0 of ReLU.",
        claims=("elu-noise",),
        draw=_noise_passed_on,
    ),
)


STUDY = Study(
    name="zero_mean",
    title="Zero mean",
    question="Are the mean activations of ELU nearer to zero than those of ReLU, does "
    "ELU learn faster, and is it robust to noise when deactivated?",
    method="Fully connected nets of 6 layers of 32 units and convolutional nets of 2 "
    "layers of 8 channels are trained by Adam, and mean_shift is measured at every "
    "layer before and after training. The number of epochs that a net needs is "
    "measured as in the study of convergence. The share of noise that an activation "
    "passes on is computed from its formula.",
    not_shown="Whether a mean nearer to zero is why ELU learns faster. The noise is "
    "computed for single units, not for nets.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
    grids=convergence.GRIDS,
)
