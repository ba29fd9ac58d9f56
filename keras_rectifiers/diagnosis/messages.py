"""What each finding says: what was seen, what it means, and what usually helps."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """What is said of one sickness, with gaps for the numbers.

    Args:
        kind: of the finding.
        measure: the measure that shows it.
        observation: what was seen.
        meaning: what it means.
        advice: what usually helps.
    """

    kind: str
    measure: str
    observation: str
    meaning: str
    advice: str


_OTHER_START = (
    "Initialise with he_normal (RectifierNormal for other rectifiers), or normalise the "
    "layers."
)
_EXPLODING_ACTIVATIONS = (
    "exploding activations, their standard deviation grows {per_layer} times per layer, "
    "to {value}"
)
_EXPLODING_GRADIENT = "exploding gradient, it grows {per_layer} times per layer on its way back, to {value}"
_NO_ONE_RATE = "No one learning rate suits both the first layers and the last."
_RESIDUAL_ADVICE = (
    "Normalise the layers, start the last kernel of each residual branch at 0, or "
    "initialise with RectifierNormal for the activation."
)
_SMALLER_STEPS = (
    "Start again with a lower learning rate, or clip the gradients (clipnorm=1.0 in the "
    "optimizer)."
)
_OVERFLOW = "activations or gradients overflow, so they are NaN or infinite"
_SCALED = (
    "Scale the inputs to mean 0 and variance 1, by keras.layers.Normalization() adapted "
    "to them or by dividing."
)
_UNSCALED = "its inputs are unscaled, their root mean square is {value}"
_MADE_FOR_1 = (
    "Initial weights and learning rates are made for inputs near 1; such {size} ones "
    "make every step too {size}."
)
_DEAD = "{share} of {num_units} units are dead, "

SENTENCES = {
    "weights lost": Sentence(
        kind="not finite",
        measure="weights",
        observation="its weights are NaN or infinite",
        meaning="Training has diverged.",
        advice=_SMALLER_STEPS,
    ),
    "overflow": Sentence(
        kind="not finite",
        measure="activation_std",
        observation=_OVERFLOW,
        meaning="The signal is exploding.",
        advice=_SMALLER_STEPS,
    ),
    "overflow from the start": Sentence(
        kind="not finite",
        measure="activation_std",
        observation=_OVERFLOW,
        meaning="The signal is exploding, in a fresh copy too.",
        advice="Check the scale of the inputs, initialise with he_normal "
        "(RectifierNormal for other rectifiers), or normalise the layers.",
    ),
    "inputs all 0": Sentence(
        kind="unscaled inputs",
        measure="input_scale",
        observation="its inputs are all 0",
        meaning="Its weights get no gradient, and no example differs from another.",
        advice="Look at the data, and at what comes before this layer.",
    ),
    "unscaled inputs": Sentence(
        kind="unscaled inputs",
        measure="input_scale",
        observation=_UNSCALED,
        meaning=_MADE_FOR_1,
        advice=_SCALED,
    ),
    "dead by training": Sentence(
        kind="dead",
        measure="dead_units",
        observation=_DEAD + "{rise} more than in a fresh copy",
        meaning="For no probe example do they pass a gradient, so they do not learn "
        "again.",
        advice="Lower the learning rate and train anew, or use a leaky rectifier.",
    ),
    "dead from the start": Sentence(
        kind="dead",
        measure="dead_units",
        observation=_DEAD + "as many as in a fresh copy",
        meaning="They pass no gradient from the start.",
        advice="Start the biases at 0 and the weights with he_normal; if they do, "
        "normalise the layers or use a leaky rectifier.",
    ),
    "activations grown": Sentence(
        kind="exploding",
        measure="activation_std",
        observation="exploding activations, their standard deviation is {value}, "
        "{growth} times that in a fresh copy",
        meaning="The weights have grown out of proportion in training.",
        advice="Lower the learning rate, clip the gradients (clipnorm=1.0), or "
        "normalise the layers.",
    ),
    "activations along the depth, large weights": Sentence(
        kind="exploding",
        measure="activation_std",
        observation=_EXPLODING_ACTIVATIONS,
        meaning="The weights are too large for the number of inputs of a layer.",
        advice=_OTHER_START,
    ),
    "activations along the depth": Sentence(
        kind="exploding",
        measure="activation_std",
        observation=_EXPLODING_ACTIVATIONS,
        meaning="The weights are hardly larger than those of he_normal, so something "
        "else makes the signal grow: residual connections that add up, or an activation "
        "that asks for smaller weights.",
        advice=_RESIDUAL_ADVICE,
    ),
    "exploding gradient, large weights": Sentence(
        kind="exploding",
        measure="signal_gradient",
        observation=_EXPLODING_GRADIENT,
        meaning=_NO_ONE_RATE,
        advice=_OTHER_START,
    ),
    "exploding gradient": Sentence(
        kind="exploding",
        measure="signal_gradient",
        observation=_EXPLODING_GRADIENT,
        meaning=_NO_ONE_RATE,
        advice=_RESIDUAL_ADVICE,
    ),
    "vanishing gradient": Sentence(
        kind="vanishing",
        measure="signal_gradient",
        observation="vanishing gradient, it shrinks {per_layer} times per layer on its "
        "way back, to {value}",
        meaning="The first layers hardly learn.",
        advice="Use a rectifier with he_normal (RectifierNormal), normalise the "
        "layers, or add residual connections.",
    ),
    "gradient of 0": Sentence(
        kind="vanishing",
        measure="signal_gradient",
        observation="the gradient has vanished, it is exactly 0",
        meaning="The first layers hardly learn.",
        advice="Use a rectifier with he_normal (RectifierNormal), normalise the "
        "layers, or add residual connections.",
    ),
    "saturated": Sentence(
        kind="saturated",
        measure="saturation",
        observation="{share} of its activations are saturated, their slope is under 5% "
        "of the largest",
        meaning="Saturated units hardly pass a gradient.",
        advice="Start with smaller weights (glorot_uniform), lower the learning rate, "
        "normalise the layers, or use a rectifier.",
    ),
    "unseen": Sentence(
        kind="unseen",
        measure="activation_std",
        observation="an activation may be unseen here",
        meaning="Dead, silent and saturated units of it are not counted.",
        advice="{reason}.",
    ),
}
