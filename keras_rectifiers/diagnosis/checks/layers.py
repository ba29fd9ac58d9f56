"""The hidden layers: rules that derive findings from their measures.

The texts of the findings are in `keras_rectifiers.diagnosis.messages`.

The thresholds lie outside the range of healthy nets: rectifier nets of 2 to 20 layers
with the He initialisation, before and after training (`benchmarks/monitor.py`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.messages import SENTENCES
from keras_rectifiers.gradient_decay import slope_of_decades, usable

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

# The share of dead units of n varies from one draw of the weights to the next by at most
# 0.5 / sqrt(n). Four times that is no chance: of 8 units, six.
DEAD_BY_CHANCE = 2.0

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
# A fresh copy below that factor has lost the signal, and training may restore it.
SMALLEST_FRESH = 0.1

# Pairs of example and unit whose slope is under 5% of the largest. Units at random
# signs and a unit variance are there in a few per cent, trained classifiers in up to a
# third in the last hidden layer, where they decide.
SATURATED_SHARE = 0.5

# Initialisation counts on inputs of mean square 1. Pixels within 0 and 1 have 0.1 to
# 0.6 as its root, counts up to 16 have 8, raw pixels 100 and more.
LARGEST_INPUT = 10.0
SMALLEST_INPUT = 0.01


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The measures to which the rules are applied.

    Args:
        layers: names of the hidden activations, in the order of the calls.
        depths: depth of each layer, 0 for the one nearest to the input.
        num_units: number of units of each layer.
        num_examples: number of examples in the probe batch.
        values: measure -> one value for each layer, NaN if it is not defined.
        fresh: the same for freshly initialised copies.
        kernel_scales: root mean square of each layer's kernel divided by that of
            he_normal, NaN if it has no kernel.
        input_scales: layer that reads the inputs -> the root mean square of its inputs.
        lost: layers with weights that are NaN or infinite.
        unseen: layer -> why an activation there cannot be seen.
        sigmoids: layers whose activation is a sigmoid.
        unbounded: recurrent layers whose activation is not bounded.
        repeats: whether fewer than `FEWEST_EXAMPLES` of the examples are different.
    """

    layers: Sequence[str]
    depths: np.ndarray
    num_units: Sequence[int]
    num_examples: int
    values: Mapping[str, np.ndarray]
    fresh: Mapping[str, np.ndarray]
    kernel_scales: np.ndarray
    input_scales: Mapping[str, float]
    lost: Sequence[str]
    unseen: Mapping[str, str]
    sigmoids: Sequence[str] = ()
    unbounded: Sequence[str] = ()
    repeats: bool = False


def check(seen: Measured) -> list[Finding]:
    """Returns the findings, causes before their consequences."""
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
    if seen.lost:
        return [_finding("weights lost", seen.lost, math.nan)]
    broken = ~np.isfinite(seen.values["activation_std"])
    broken |= ~np.isfinite(seen.values["signal_gradient"])
    if not broken.any():
        return []
    layers = [seen.layers[i] for i in np.flatnonzero(broken)]
    if np.isfinite(seen.fresh["activation_std"]).all():
        return [_finding("overflow", layers, math.inf)]
    return [_finding("overflow from the start", layers, math.inf)]


def _unscaled(seen):
    # How many decades it is from 1.
    off = {
        layer: abs(math.log10(scale)) if scale else math.inf
        for layer, scale in seen.input_scales.items()
        if scale > LARGEST_INPUT or scale < SMALLEST_INPUT
    }
    if not off:
        return []
    first = max(off, key=off.__getitem__)
    layers = [first, *(layer for layer in off if layer != first)]
    scale = seen.input_scales[first]
    if not scale:
        return [_finding("inputs all 0", layers, scale)]
    size = "large" if scale > 1 else "small"
    return [_finding("unscaled inputs", layers, scale, size=size)]


def _dead(seen):
    if seen.num_examples < FEWEST_EXAMPLES:
        return []
    share = seen.values.get("dead_units", np.full(len(seen.layers), np.nan))
    rise = share - seen.fresh.get("dead_units", np.zeros(len(seen.layers)))
    least = np.minimum(1, DEAD_BY_CHANCE / np.sqrt(seen.num_units))
    # Most of a layer dead is too much, also if a fresh copy has as many, but not of a
    # few examples that repeat: they shut most units of a healthy layer by chance.
    worst = _worst(
        (rise >= np.maximum(DEAD_RISE, least))
        | ((share >= np.maximum(DEAD_SHARE, least)) & (not seen.repeats)),
        share,
    )
    if not worst:
        return []
    first = worst[0]
    by_training = rise[first] >= DEAD_RISE
    return [
        _finding(
            "dead by training" if by_training else "dead from the start",
            [seen.layers[i] for i in worst],
            share[first],
            share=f"{share[first]:.0%}",
            rise=f"{100 * rise[first]:.0f} percentage points",
            num_units=seen.num_units[first],
        )
    ]


def _exploding(seen):
    spread, fresh = seen.values["activation_std"], seen.fresh["activation_std"]
    growth = spread / np.where(fresh > 0, fresh, np.nan)
    grown = _worst((growth >= GROWTH) & (spread >= GROWTH * SMALLEST_FRESH), growth)
    if grown:
        layers, first = [seen.layers[i] for i in grown], grown[0]
        factor = number(growth[first])
        return [_finding("activations grown", layers, spread[first], growth=factor)]
    slope, decades = _along(seen.depths, spread)
    if decades >= ACTIVATION_DECADES and slope > 0:
        case = "activations along the depth"
        last = int(np.nanargmax(spread))
        return [
            _finding(
                case + _blame(seen, decades),
                [seen.layers[last]],
                spread[last],
                per_layer=number(10**slope),
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
        return [_finding("gradient of 0", [seen.layers[first]], signal[first])]
    if decades < allowed or (slope > 0) != exploding:
        return []
    case = "exploding gradient" + _blame(seen, decades)
    vanishing = "vanishing gradient"
    if 2 * len(seen.sigmoids) > len(seen.layers):
        vanishing += ", sigmoids"
    first = int(np.nanargmin(np.where(reached, seen.depths, np.inf)))
    return [
        _finding(
            case if exploding else vanishing,
            [seen.layers[first]],
            signal[first],
            per_layer=number(10 ** abs(slope)),
        )
    ]


def _saturated(seen):
    share = seen.values.get("saturation", np.full(len(seen.layers), np.nan))
    worst = _worst(share >= SATURATED_SHARE, share)
    if not worst:
        return []
    layers, first = [seen.layers[i] for i in worst], worst[0]
    percent = f"{share[first]:.0%}"
    return [_finding("saturated", layers, share[first], share=percent)]


def _unseen(seen):
    return [
        _finding(
            "unseen",
            [layer],
            seen.values["activation_std"][seen.layers.index(layer)],
            reason=reason[0].upper() + reason[1:],
        )
        for layer, reason in seen.unseen.items()
    ]


def _finding(case, layers, value, **gaps) -> Finding:
    """A finding in these layers, the worst first; the numbers fill its sentence."""
    said = SENTENCES[case]
    gaps = {"value": number(value)} | gaps
    return Finding(
        kind=said.kind,
        where=said.where,
        layer=layers[0],
        measure=said.measure,
        value=float(value),
        observation=said.observation.format(**gaps),
        meaning=said.meaning.format(**gaps),
        advice=said.advice.format(**gaps),
        others=tuple(layers[1:]),
    )


def _blame(seen, decades) -> str:
    """Whether the weights account for at least half of the decades of a growth.

    Each kernel makes the signal grow by its scale, or lets it shrink.
    """
    if seen.unbounded:
        return ", recurrent"
    scales = seen.kernel_scales[seen.kernel_scales > 0]
    by_weights = np.mean(np.log10(scales)) * np.ptp(seen.depths) if len(scales) else 0
    return ", large weights" if by_weights >= decades / 2 else ""


def _worst(concerned, values) -> list[int]:
    """The layers that are concerned, the largest value first."""
    indices = np.flatnonzero(concerned)
    return [int(i) for i in indices[np.argsort(-values[indices], kind="stable")]]


def _along(depths, values) -> tuple[float, float]:
    """Least-squares slope of log10 along the depth, and abs(slope) times the depth."""
    slope = slope_of_decades(depths, values)
    if math.isnan(slope):
        return 0.0, 0.0
    return slope, abs(slope) * float(np.ptp(depths[usable(values)]))
