"""What is wrong with a model, by what was measured of its layers: rules on a frame.

The thresholds stand apart from what healthy nets show: rectifier nets of 2 to 20
layers with He's initialisation, before and after training (`benchmarks/monitor.py`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# A unit that no probe example opens is no loss by itself: healthy nets of 20 layers
# start with a fifth of them in the last layers, and two draws of such a layer of 64
# units differ by up to a quarter. Beyond a third the layer has lost width in training.
DEAD_RISE = 0.35

# Each unit of a healthy layer is shut for about half of all examples. With ten of them
# one unit in a thousand is shut for all by chance, with one example every second unit.
FEWEST_EXAMPLES = 10

# A fresh copy may be dead itself, by its biases. Of a healthy layer of a deep net a
# third may be dead from the start; beyond this most of the layer is.
DEAD_SHARE = 0.6

# Decades from the first hidden layer to the last. At one learning rate for all layers,
# 2 decades mean that one layer learns at a hundredth of the speed of another. Sigmoid
# nets lose 0.6 decades in each layer and are there at 5 layers. Healthy ones drift by
# up to 0.1 decades in each layer, so deep nets are allowed that much on top.
GRADIENT_DECADES = 2.0
DRIFT_PER_LAYER = 0.1

# The activations' standard deviation. Initialisation that keeps the variance leaves it
# within a factor of 10 along 20 layers, and training does not move it further.
ACTIVATION_DECADES = 3.0
GROWTH = 100.0

# Pairs of example and unit whose slope is under 5% of the largest. Units at random
# signs and a unit variance are there in a few per cent, trained classifiers in up to a
# third in the last hidden layer, where they decide.
SATURATED_SHARE = 0.5

# Initialisation counts on inputs of mean square 1. Pixels within 0 and 1 have 0.1 to
# 0.6 as its root, counts up to 16 have 8, raw pixels 100 and more.
LARGEST_INPUT = 10.0
SMALLEST_INPUT = 0.01

# Causes stand before what follows from them.
KINDS = (
    "not finite",
    "unscaled inputs",
    "dead",
    "exploding",
    "vanishing",
    "saturated",
    "unseen",
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong with a model; as text, a sentence of what, where and what helps.

    Args:
        kind: one of `KINDS`.
        layer: the layer where it is worst.
        measure: the measure that shows it.
        value: of that measure, in that layer.
        observation: what was seen.
        meaning: what it means.
        advice: what usually helps.
        others: the other layers that have it, the worst first.
    """

    kind: str
    layer: str
    measure: str
    value: float
    observation: str
    meaning: str
    advice: str
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        also = ""
        if self.others:
            names = ", ".join(self.others[:3])
            more = len(self.others) - 3
            also = f" The same in {names}" + (f" and {more} more." if more > 0 else ".")
        return f"{self.layer}: {self.observation}.{also} {self.meaning} {self.advice}"


@dataclass(frozen=True, kw_only=True)
class Observations:
    """What the rules judge.

    Args:
        layers: names of the hidden activations, in the order of the calls.
        depths: of each, 0 next to the input.
        num_units: of each.
        num_examples: of the probe batch.
        values: measure -> one value for each layer, NaN where it is not defined.
        fresh: the same of a freshly initialised copy.
        input_scales: layer that reads the inputs -> the root mean square of these.
        lost: layers that hold weights which are NaN or infinite.
        unseen: layer -> why an activation there is not seen.
    """

    layers: Sequence[str]
    depths: np.ndarray
    num_units: Sequence[int]
    num_examples: int
    values: Mapping[str, np.ndarray]
    fresh: Mapping[str, np.ndarray]
    input_scales: Mapping[str, float]
    lost: Sequence[str]
    unseen: Mapping[str, str]


def find(seen: Observations) -> list[Finding]:
    """The findings, causes before what follows from them."""
    lost = _not_finite(seen)
    if lost:
        # Nothing more can be said of what is no number.
        return lost if seen.lost else _unscaled(seen) + lost
    return [
        finding
        for rule in (_unscaled, _dead, _exploding, _vanishing, _saturated, _unseen)
        for finding in rule(seen)
    ]


def _not_finite(seen):
    broken = [not np.isfinite(v) for v in seen.values["activation_std"]]
    broken |= ~np.isfinite(seen.values["signal_gradient"])
    layers = list(seen.lost) or [
        n for n, b in zip(seen.layers, broken, strict=True) if b
    ]
    if not layers:
        return []
    advice = (
        "Start again with a lower learning rate, or clip the gradients (clipnorm=1.0 in "
        "the optimizer)."
    )
    if seen.lost:
        what, cause = "its weights are NaN or infinite", "Training has diverged."
        measure, value = "weights", math.nan
    else:
        what = "activations or gradients overflow, so they are NaN or infinite"
        cause, measure, value = "The signal is exploding.", "activation_std", math.inf
        if not all(np.isfinite(seen.fresh["activation_std"])):
            cause = "The signal is exploding, in a fresh copy too."
            advice = (
                "Check the scale of the inputs, initialise with he_normal "
                "(RectifierNormal for other rectifiers), or normalise the layers."
            )
    return [
        Finding(
            kind="not finite",
            layer=layers[0],
            measure=measure,
            value=value,
            observation=what,
            meaning=cause,
            advice=advice,
            others=tuple(layers[1:]),
        )
    ]


def _unscaled(seen):
    off = {
        layer: scale
        for layer, scale in seen.input_scales.items()
        if scale > LARGEST_INPUT or scale < SMALLEST_INPUT
    }
    if not off:
        return []
    layer = max(
        off, key=lambda name: abs(math.log10(off[name])) if off[name] else math.inf
    )
    others = tuple(name for name in off if name != layer)
    if not off[layer]:
        return [
            Finding(
                kind="unscaled inputs",
                layer=layer,
                measure="input_scale",
                value=0.0,
                observation="its inputs are all 0",
                meaning="Its weights get no gradient, and no example differs from "
                "another.",
                advice="Look at the data, and at what comes before this layer.",
                others=others,
            )
        ]
    size = "large" if off[layer] > 1 else "small"
    return [
        Finding(
            kind="unscaled inputs",
            layer=layer,
            measure="input_scale",
            value=off[layer],
            observation=f"its inputs are unscaled, their root mean square is "
            f"{_number(off[layer])}",
            meaning=f"Initial weights and learning rates are made for inputs near 1; "
            f"such {size} ones make every step too {size}.",
            advice="Scale the inputs to mean 0 and variance 1, by "
            "keras.layers.Normalization() adapted to them or by dividing.",
            others=others,
        )
    ]


def _dead(seen):
    if seen.num_examples < FEWEST_EXAMPLES:
        return []
    share = seen.values.get("dead_units", np.full(len(seen.layers), np.nan))
    before = seen.fresh.get("dead_units", np.zeros(len(seen.layers)))
    rise = share - before
    # Most of a layer dead is too much, also if a fresh copy has as many.
    worst = _worst((rise >= DEAD_RISE) | (share >= DEAD_SHARE), share)
    if not worst:
        return []
    first = worst[0]
    rises = rise[first] >= DEAD_RISE
    compared = f"{rise[first]:.0%} more than" if rises else "as many as"
    return [
        Finding(
            kind="dead",
            layer=seen.layers[first],
            measure="dead_units",
            value=float(share[first]),
            observation=f"{share[first]:.0%} of {seen.num_units[first]} units are dead, "
            f"{compared} in a fresh copy",
            meaning="For no probe example do they pass a gradient, so they do not learn "
            "again."
            if rises
            else "They pass no gradient from the start: the initial biases or weights "
            "shut them.",
            advice="Lower the learning rate and train anew, or use a leaky rectifier."
            if rises
            else "Start the biases at 0 and the weights with he_normal, or use a leaky "
            "rectifier.",
            others=tuple(seen.layers[i] for i in worst[1:]),
        )
    ]


def _exploding(seen):
    spread = seen.values["activation_std"]
    growth = spread / np.where(
        seen.fresh["activation_std"] > 0, seen.fresh["activation_std"], np.nan
    )
    grown = _worst(growth >= GROWTH, growth)
    if grown:
        first = grown[0]
        return [
            Finding(
                kind="exploding",
                layer=seen.layers[first],
                measure="activation_std",
                value=float(spread[first]),
                observation=f"exploding activations, their standard deviation is "
                f"{_number(spread[first])}, {_number(growth[first])} times that in a "
                "fresh copy",
                meaning="The weights have grown out of proportion in training.",
                advice="Lower the learning rate, clip the gradients (clipnorm=1.0), or "
                "normalise the layers.",
                others=tuple(seen.layers[i] for i in grown[1:]),
            )
        ]
    slope, decades = _along(seen.depths, spread)
    if decades >= ACTIVATION_DECADES and slope > 0:
        last = int(np.nanargmax(spread))
        return [
            Finding(
                kind="exploding",
                layer=seen.layers[last],
                measure="activation_std",
                value=float(spread[last]),
                observation=f"exploding activations, their standard deviation grows "
                f"{_number(10**slope)} times per layer, to {_number(spread[last])}",
                meaning="The initial weights are too large for the number of inputs of "
                "a layer.",
                advice="Initialise with he_normal (RectifierNormal for other "
                "rectifiers), or normalise the layers.",
            )
        ]
    return _gradient(seen, exploding=True)


def _vanishing(seen):
    return _gradient(seen, exploding=False)


def _gradient(seen, *, exploding):
    signal = seen.values["signal_gradient"]
    slope, decades = _along(seen.depths, signal)
    # Along the way back, from the last layer to the first.
    slope = -slope
    allowed = GRADIENT_DECADES + DRIFT_PER_LAYER * (np.max(seen.depths) - 1)
    reached = signal > 0
    cut = not exploding and reached.any() and not reached.all()
    dead = seen.values.get("dead_units", np.zeros(len(signal)))
    if cut and (np.nan_to_num(dead) < 1).all():
        first = int(np.flatnonzero(~reached)[-1])
        observation = "the gradient has vanished, it is exactly 0"
    elif decades >= allowed and (slope > 0) == exploding:
        first = int(np.nanargmin(np.where(reached, seen.depths, np.inf)))
        factor = _number(10 ** abs(slope))
        word = "exploding" if exploding else "vanishing"
        verb = "grows" if exploding else "shrinks"
        observation = (
            f"{word} gradient, it {verb} {factor} times per layer on its way back, to "
            f"{_number(signal[first])}"
        )
    else:
        return []
    return [
        Finding(
            kind="exploding" if exploding else "vanishing",
            layer=seen.layers[first],
            measure="signal_gradient",
            value=float(signal[first]),
            observation=observation,
            meaning="No one learning rate suits both the first layers and the last."
            if exploding
            else "The first layers hardly learn.",
            advice="Initialise with he_normal (RectifierNormal for other rectifiers), "
            "or normalise the layers."
            if exploding
            else "Use a rectifier with he_normal (RectifierNormal), normalise the "
            "layers, or add residual connections.",
        )
    ]


def _saturated(seen):
    share = seen.values.get("saturation", np.full(len(seen.layers), np.nan))
    worst = _worst(share >= SATURATED_SHARE, share)
    if not worst:
        return []
    first = worst[0]
    return [
        Finding(
            kind="saturated",
            layer=seen.layers[first],
            measure="saturation",
            value=float(share[first]),
            observation=f"{share[first]:.0%} of its activations are saturated, their "
            "slope is under 5% of the largest",
            meaning="Saturated units hardly pass a gradient.",
            advice="Start with smaller weights (glorot_uniform), lower the learning "
            "rate, normalise the layers, or use a rectifier.",
            others=tuple(seen.layers[i] for i in worst[1:]),
        )
    ]


def _unseen(seen):
    return [
        Finding(
            kind="unseen",
            layer=layer,
            measure="activation_std",
            value=float(seen.values["activation_std"][seen.layers.index(layer)]),
            observation="an activation may be unseen here",
            meaning="Dead, silent and saturated units of it are not counted.",
            advice=f"{reason[0].upper()}{reason[1:]}.",
        )
        for layer, reason in seen.unseen.items()
    ]


def _worst(concerned, values) -> list[int]:
    """The layers that are concerned, the largest value first."""
    indices = np.flatnonzero(concerned)
    return [int(i) for i in indices[np.argsort(-values[indices], kind="stable")]]


def _along(depths, values) -> tuple[float, float]:
    """Least-squares slope of log10 along the depth, and abs(slope) times the depth."""
    usable = np.isfinite(values) & (values > 0)
    x, y = depths[usable], np.log10(np.where(usable, values, 1))[usable]
    if len(set(x)) < 2:
        return 0.0, 0.0
    x, span = x - x.mean(), np.ptp(x)
    slope = float(x @ (y - y.mean()) / (x @ x))
    return slope, abs(slope) * float(span)


def _number(value: float) -> str:
    return f"{value:,.0f}" if 100 <= abs(value) < 1e6 else f"{value:.2g}"
