"""Are ELU's activations nearer to zero mean, does it learn faster, is it robust to noise?"""

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
from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from studies import convergence
from studies.accuracy import COMMON_RATE, EPOCHS, NETS

# The nets are those of the study of accuracy at its common rate, with equal settings.
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
NUM_DRAWS = 1000

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
            learning_rate=COMMON_RATE[label],
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


def passed_on(activation: str, z) -> np.ndarray:
    """Which share of the variance of noise at its input an activation passes on.

    Var f(z + e) / Var e for e ~ N(0, NOISE^2), by the trapezium rule.

    Args:
        activation: a name of the catalogue.
        z: floats `(n,)`, what the noise is added to.

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
    """What each leaky function passes on, against ELU: it takes no training.

    A seed draws where on the deactivated side the units stand; there are as many as
    seeds were trained.
    """
    trials = where(tables.trials, activation="elu")
    seeds = sorted({seed for seed in trials["seed"] if seed < TUNING_SEEDS})
    return {
        f"{name}, {slope}": pd.Series(
            [
                np.log2(_mean_passed_on(name, seed) / _mean_passed_on("elu", seed))
                for seed in seeds
            ],
            index=pd.Index(seeds, name="seed"),
            dtype=float,
        )
        for name, slope in LEAKY_SLOPES.items()
    }


@functools.cache
def _mean_passed_on(activation: str, seed: int) -> float:
    # Of a standard normal: pre-activations of a wide net at random initialisation.
    tail = stats.truncnorm(-np.inf, DEACTIVATED)
    z = tail.rvs(NUM_DRAWS, random_state=seed)
    return float(np.mean(passed_on(activation, z)))


CLAIMS = (
    Claim(
        id="elu-zero-mean",
        statement="ELU's mean activation is nearer to zero than ReLU's.",
        source="the encyclopaedia article and the gentle introduction",
        criterion="mean_shift (the share of the activations' mean square that is "
        f"offset), averaged over layers: ReLU's larger than ELU's by {NEARER:g} at "
        "least. Paired by seed; MLP of 6 layers and CNN of 2, by Adam at rates of "
        f"{COMMON_RATE['MLP']:g} and {COMMON_RATE['CNN']:g}, not tuned.",
        rule=Difference(smallest_effect=NEARER),
        effects=_nearer,
        quantity="mean_shift of ReLU less that of ELU",
        in_words=lambda d: (
            f"{abs(d):.0%} of the mean square "
            f"{'less' if d >= 0 else 'more'} is offset in ELU's nets"
        ),
    ),
    Claim(
        id="elu-faster",
        statement="ELU learns faster than ReLU in nets of more than 5 layers.",
        source="the encyclopaedia article, the overview and the gentle introduction",
        criterion="MLPs of 6 layers of 32 units, Adam, batches of 128, each net at its "
        "own best rate (see the study of convergence): ReLU takes at least a quarter "
        f"more epochs to a training loss of {convergence.THRESHOLD:g} nats. Paired by "
        "seed; a net that never gets there is censored.",
        rule=Difference(smallest_effect=SLOWER),
        effects=_faster,
        quantity="epochs of ReLU over those of ELU",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"ReLU takes {convergence.times(value)} as ELU",
        published="Clevert 2016: on CIFAR-100 an ELU net gets to a given test error in "
        "fewer iterations than a ReLU net.",
    ),
    Claim(
        id="elu-noise",
        statement="ELU's deactivated state is robust to noise, that of leaky functions "
        "is not.",
        source="the overview",
        criterion="Computed from the formulas, without training: normal noise of "
        f"standard deviation {NOISE:g} is added to pre-activations below "
        f"−{-DEACTIVATED:g}, the tail of a standard normal. The variance that the leaky "
        "function makes of it is at least twice ELU's (1 doubling). A seed draws "
        f"{NUM_DRAWS:,} pre-activations. ReLU passes on nothing there.",
        rule=Difference(smallest_effect=TWICE),
        effects=_more_noise,
        quantity="variance of the leaky response over that of ELU's",
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
            rows, ylabel="mean_shift", column="when", panel_height=3.0
        )

    return draw


def _noise_passed_on(tables: Tables):
    if where(tables.trials, activation="elu").empty:
        raise figures.NothingToDraw("There is no trial of what the figure shows.")
    z = np.linspace(-6, 2, 33)
    frames = [
        # One of everything: what is computed does not scatter.
        pd.DataFrame({"z": z, "value": passed_on(name, z), "activation": name})
        for name in ("relu", "elu", *LEAKY_SLOPES)
    ]
    rows = pd.concat(frames, ignore_index=True)
    shown = rows["value"] >= 1e-6
    return figures.lines_against(
        rows[shown].assign(seed=0, panel="by the formulas"),
        "z",
        xlabel="pre-activation z to which the noise is added",
        ylabel="share of its variance that is passed on",
        column="panel",
        log_y=True,
    )


FIGURES = (
    *(
        StudyFigure(
            name=f"shift-{label.lower()}",
            title=f"How much of the activations is offset, {label}",
            caption="0: the units are centred over the examples. 1: all of their mean "
            "square is offset. Lines are medians over seeds, bands their middle 80%.",
            draw=_by_layer(label),
        )
        for label in NETS
    ),
    StudyFigure(
        name="noise",
        title="How much of the noise at its input an activation passes on",
        caption=f"Normal noise of standard deviation {NOISE:g}. A share of 1 is all of "
        "it. A leaky function passes on the square of its slope, however deep in the "
        "deactivated state; ELU passes on less the deeper it is. Where the lines cross "
        "the claim turns: for small noise at z = ln(slope), that is −4.6, −2.3 and "
        "−1.7. Below a millionth nothing is drawn, such as ReLU's 0.",
        draw=_noise_passed_on,
    ),
)


STUDY = Study(
    name="zero_mean",
    title="Zero mean",
    question="Are ELU's activations nearer to zero mean than ReLU's, does ELU learn "
    "faster, and is it robust to noise where it is deactivated?",
    method="Fully connected nets of 6 layers of 32 units and convolutional nets of 2 "
    "layers of 8 channels are trained by Adam, and the offset of every "
    "layer's activations is measured before and after training. How many epochs a net "
    "needs is measured as in the study of convergence. How much noise an activation "
    "passes on is computed from its formula.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
    tunings=convergence.TUNINGS,
)
