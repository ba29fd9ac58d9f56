"""The gradient in nets before training."""

from collections.abc import Callable, Mapping

import pandas as pd

from keras_rectifiers.comparison.statistics import decay, measured, where, with_trials
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind, format_number
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Within
from keras_rectifiers.comparison.verdicts.properties import Property
from keras_rectifiers.comparison.verdicts.sources import Source
from studies import sources

RECTIFIERS = (
    "relu",
    "leaky_relu",
    "leaky_relu_0.1",
    "very_leaky_relu",
    "prelu",
    "rrelu",
    "smooth_relu",
    "elu",
    "shifted_relu",
    "gelu",
    "silu",
)
SIGMOIDS = ("sigmoid", "tanh")
ACTIVATIONS = RECTIFIERS + SIGMOIDS

WIDTH = 128
DEEPEST = 30
MEASURED_DEPTHS = (2, 10, 20, DEEPEST)
MLP = {"architecture": "mlp", "width": WIDTH, "batch_normalization": False}
CNN = {"architecture": "cnn", "depth": 8, "width": 16}
# They are not trained: optimizer and rate only name the graph, which other studies share.
COMMON = {"optimizer": "sgd", "learning_rate": 0.02, "probe_size": 64}

# From here on we say that a gradient vanishes: a fifth is lost at each layer, and nine
# tenths at ten layers.
VANISHES = -0.10
# Within these bounds we say that it is kept: thirty layers change it fourfold at most.
KEPT = (-0.02, 0.02)

_OTHER_KINDS = (
    "Residual and batch-normalised nets are shown for comparison, in the standard and "
    "full profiles, but not judged: the claim is about plain stacks of layers."
)


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range) -> list[Trial]:
    found = []
    for activation in ACTIVATIONS:
        initializers = ("gain", "glorot")
        if activation in SIGMOIDS:
            initializers += ("he",)
        for initializer in initializers:
            for seed in seeds:
                common = {
                    **COMMON,
                    "activation": activation,
                    "initializer": initializer,
                    "seed": seed,
                }
                # He's start is judged for the sigmoids only, in the deepest net.
                depths = (DEEPEST,) if initializer == "he" else MEASURED_DEPTHS
                for depth in depths:
                    found.append(Trial(**common, **MLP, depth=depth, epochs=0))
                if initializer != "he":
                    found.append(Trial(**common, **CNN, epochs=0))
    return found


# The claims ---------------------------------------------------------------------------


def decays(tables: Tables) -> pd.DataFrame:
    """The `gradient_decay` of each net; NaN if it has a layer without a gradient."""
    found = decay(tables)
    # The slope of the layers that still have a gradient says nothing of the others.
    is_whole = found["num_layers_left_out"] == 0
    whole = found.assign(gradient_decay=found["gradient_decay"].where(is_whole))
    return with_trials(whole, tables)


def _initial(rows: pd.DataFrame, **settings) -> pd.Series:
    rows = where(rows, epoch=0, **settings).set_index("seed").sort_index()
    return rows["gradient_decay"]


def _vanishing(activation: str) -> Callable[[Tables], Mapping[str, pd.Series]]:
    def effects(tables: Tables) -> dict[str, pd.Series]:
        rows = decays(tables)
        chosen = {"activation": activation, **MLP, "depth": DEEPEST}
        return {
            f"{activation}, {label} initialisation": _initial(
                rows, **chosen, initializer=initializer
            )
            for initializer, label in (("he", "He"), ("glorot", "Glorot"))
        }

    return effects


def _flow(tables: Tables) -> dict[str, pd.Series]:
    rows = decays(tables)
    nets = {"MLP": {**MLP, "depth": DEEPEST}, "CNN": CNN}
    return {
        f"{activation}, {label}": _initial(
            rows, activation=activation, initializer="gain", **net
        )
        for label, net in nets.items()
        for activation in RECTIFIERS
    }


def _per_layer(slope: float) -> str:
    change = 10**slope - 1
    if abs(change) < 0.005:
        return "each layer changes the gradient by less than 0.5%"
    verb = (
        "reduces the gradient by {}" if change < 0 else "increases the gradient by {}"
    )
    return f"each layer {verb.format(f'{abs(change):.1%}')} on its way to the input"


_GRADIENT_DECAY = {
    "quantity": "gradient decay",
    "unit": "decades per layer",
    "digits": 3,
    "in_words": _per_layer,
}


def _vanishes(activation: str, *where_from: Source) -> Claim:
    return Claim(
        id=f"{activation}-vanishes",
        statement=f"The gradient of a deep {activation} net vanishes towards the input.",
        sources=where_from,
        kind=Kind.THEORY,
        kind_reason="Mean-field theory predicts the gradient decay of a wide net at "
        "random initialisation (Schoenholz 2017); see the claim on mean-field theory.",
        nets="untrained MLPs of 30 layers",
        criterion="MLP of 30 layers of 128 units before training: the whole interval "
        "of gradient_decay is at or below −0.10 decades per layer, with the He and "
        f"with the Glorot initialisation. {_OTHER_KINDS}",
        rule=AtMost(threshold=VANISHES),
        effects=_vanishing(activation),
        **_GRADIENT_DECAY,
    )


CLAIMS = (
    _vanishes(
        "sigmoid",
        sources.CHAPTER,
        sources.ARTICLE.at(sources.ADVANTAGES),
        sources.OVERVIEW,
        sources.INTRODUCTION.at(sources.LIMITATIONS),
        sources.TUTORIAL,
    ),
    _vanishes(
        "tanh",
        sources.ARTICLE.at(sources.ADVANTAGES),
        sources.INTRODUCTION.at(sources.LIMITATIONS),
        sources.TUTORIAL,
    ),
    Claim(
        id="rectifier-flows",
        statement="Rectifiers preserve the gradient on its way to the input.",
        sources=(
            sources.CHAPTER,
            sources.ARTICLE.at(sources.ADVANTAGES),
            sources.OVERVIEW,
            sources.INTRODUCTION.at(sources.ADVANTAGES),
            sources.TUTORIAL,
        ),
        kind=Kind.THEORY,
        kind_reason="Mean-field theory predicts the gradient decay of a wide net at "
        "random initialisation (Schoenholz 2017); see the claim on mean-field theory.",
        nets={
            "MLP": "untrained MLPs of 30 layers",
            "CNN": "untrained CNNs of 8 layers",
        },
        criterion="For each rectifier, initialised with its own gain, before "
        "training: the whole interval of gradient_decay is within ±0.02 decades per "
        "layer. MLP of 30 layers of 128 units; CNN of 8 layers of 16 channels. "
        f"{_OTHER_KINDS}",
        rule=Within(lower=KEPT[0], upper=KEPT[1]),
        effects=_flow,
        **_GRADIENT_DECAY,
    ),
)


# The properties -----------------------------------------------------------------------


def _decay_of_each(tables: Tables) -> dict[str, pd.Series]:
    rows = where(decays(tables), **MLP, depth=DEEPEST, initializer="gain")
    return {name: _initial(rows, activation=name) for name in ACTIVATIONS}


def _mean_shift_of_each(tables: Tables) -> dict[str, pd.Series]:
    rows = measured(tables, "mean_shift", epoch=0, initializer="gain", **MLP, depth=10)
    return {
        name: where(rows, activation=name).groupby("seed")["value"].mean(skipna=False)
        for name in ACTIVATIONS
    }


PROPERTIES = (
    Property(
        name="gradient",
        title="Keeps the gradient",
        nets="untrained MLPs of 30 layers",
        explanation="The gradient decay with the activation's own gain, in decades per "
        "layer: at 0 the gradient is kept, at −0.1 it loses a fifth at each layer. Good "
        f"is within ±{KEPT[1]:g}.",
        values=_decay_of_each,
        rule=Within(lower=KEPT[0], upper=KEPT[1]),
        bad_in_words="does not keep the gradient",
        claim="rectifier-flows",
    ),
    Property(
        name="zero-mean",
        title="Mean shift",
        nets="untrained MLPs of 10 layers",
        explanation="How far the mean of each unit is from zero before training: 0 is "
        "centred, 1 is all offset.",
        values=_mean_shift_of_each,
        shown=lambda shift: format_number(shift, 2),
        claim="elu-zero-mean",
    ),
)
