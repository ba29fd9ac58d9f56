"""The texts of findings: what was observed, what it means, and what usually helps."""

from dataclasses import dataclass

from keras_rectifiers.inspection.measures import SATURATED_SLOPE


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """The text of one kind of problem, with placeholders for the numbers.

    Args:
        kind: the kind of the finding.
        where: as of a `Finding`.
        measure: the measure that shows it.
        observation: what was observed.
        meaning: what it means.
        advice: what usually helps.
    """

    kind: str
    where: str = "model"
    measure: str
    observation: str
    meaning: str
    advice: str


_OTHER_START = (
    "Initialise with he_normal (RectifierNormal for other rectifiers), or normalise the "
    "layers."
)
_EXPLODING_ACTIVATIONS = (
    "exploding activations, whose standard deviation grows by a factor of {per_layer} "
    "per layer, to {value}"
)
_EXPLODING_GRADIENT = (
    "exploding gradient, which grows by a factor of {per_layer} per layer towards the "
    "input, to {value}"
)
_VANISHING_GRADIENT = (
    "vanishing gradient, which shrinks by a factor of {per_layer} per layer towards the "
    "input, to {value}"
)
_NO_ONE_RATE = "No single learning rate suits both the first and the last layers."
_RESIDUAL_ADVICE = (
    "Normalise the layers, initialise the last kernel of each residual branch to 0, "
    "or initialise with RectifierNormal for the activation."
)
_MULTIPLIED_STATE = (
    "A recurrent layer without a bounded activation multiplies its state at each step."
)
_BOUNDED_STATE = (
    "Use the default activation of the recurrent layers, tanh, or clip the gradients "
    "(clipnorm=1.0)."
)
_SMALLER_STEPS = (
    "Restart the training with a lower learning rate, or clip the gradients "
    "(clipnorm=1.0 in the optimizer)."
)
_LARGER_GRADIENT = (
    "Use a rectifier with he_normal (RectifierNormal), normalise the layers, or add "
    "residual connections."
)
_OVERFLOW = "activations or gradients overflow, so they are NaN or infinite"
_SCALED = (
    "Scale the inputs to mean 0 and variance 1, for example with "
    "keras.layers.Normalization() adapted to them."
)
_UNSCALED = "its inputs are unscaled, with a root mean square of {value}"
_MADE_FOR_1 = (
    "Initial weights and learning rates are designed for inputs near 1; such {size} "
    "inputs make every training step too {size}."
)
_DEAD = "{share} of {num_units} units are dead, "

SENTENCES = {
    "weights lost": Sentence(
        kind="not finite",
        where="training",
        measure="weights",
        observation="its weights are NaN or infinite",
        meaning="Training has diverged, or an example was NaN or infinite.",
        advice="Check all examples, also those outside this batch: "
        "np.isfinite(x).all(). If they are finite, restart the training with a lower "
        "learning rate, or clip the gradients (clipnorm=1.0 in the optimizer).",
    ),
    "overflow": Sentence(
        kind="not finite",
        where="training",
        measure="activation_std",
        observation=_OVERFLOW,
        meaning="The signal is exploding.",
        advice=_SMALLER_STEPS,
    ),
    "overflow from the start": Sentence(
        kind="not finite",
        measure="activation_std",
        observation=_OVERFLOW,
        meaning="The signal is exploding, also in a freshly initialised copy.",
        advice="Check the scale of the inputs, initialise with he_normal "
        "(RectifierNormal for other rectifiers), or normalise the layers.",
    ),
    "inputs all 0": Sentence(
        kind="unscaled inputs",
        where="data",
        measure="input_scale",
        observation="its inputs are all 0",
        meaning="Its weights get no gradient, and all examples look the same.",
        advice="Check the data, and what comes before this layer.",
    ),
    "unscaled inputs": Sentence(
        kind="unscaled inputs",
        where="data",
        measure="input_scale",
        observation=_UNSCALED,
        meaning=_MADE_FOR_1,
        advice=_SCALED,
    ),
    "dead by training": Sentence(
        kind="dead",
        where="training",
        measure="dead_units",
        observation=_DEAD + "{rise} more than in a freshly initialised copy",
        meaning="They pass no gradient for any example of the probe batch, so they no "
        "longer learn.",
        advice="Lower the learning rate and train again from the start, or use a "
        "leaky rectifier.",
    ),
    "dead from the start": Sentence(
        kind="dead",
        measure="dead_units",
        observation=_DEAD + "as many as in a freshly initialised copy",
        meaning="They pass no gradient from the start.",
        advice="Initialise the biases to 0 and the weights with he_normal. If this is "
        "already so, normalise the layers or use a leaky rectifier.",
    ),
    "activations grown": Sentence(
        kind="exploding",
        where="training",
        measure="activation_std",
        observation="exploding activations, whose standard deviation is {value}, "
        "{growth} times that in a freshly initialised copy",
        meaning="The weights have become too large during training.",
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
        meaning="The weights are hardly larger than those of he_normal, so there is "
        "another cause: residual connections that add up, or an activation that needs "
        "smaller weights.",
        advice=_RESIDUAL_ADVICE,
    ),
    "activations along the depth, recurrent": Sentence(
        kind="exploding",
        measure="activation_std",
        observation=_EXPLODING_ACTIVATIONS,
        meaning=_MULTIPLIED_STATE,
        advice=_BOUNDED_STATE,
    ),
    "exploding gradient, recurrent": Sentence(
        kind="exploding",
        measure="signal_gradient",
        observation=_EXPLODING_GRADIENT,
        meaning=_MULTIPLIED_STATE,
        advice=_BOUNDED_STATE,
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
        observation=_VANISHING_GRADIENT,
        meaning="The first layers hardly learn.",
        advice=_LARGER_GRADIENT,
    ),
    "vanishing gradient, sigmoids": Sentence(
        kind="vanishing",
        measure="signal_gradient",
        observation=_VANISHING_GRADIENT,
        meaning="The first layers hardly learn. The slope of a sigmoid is a quarter at "
        "most, and each layer multiplies the gradient by it.",
        advice=_LARGER_GRADIENT,
    ),
    "gradient of 0": Sentence(
        kind="vanishing",
        measure="signal_gradient",
        observation="the gradient has vanished; it is exactly 0",
        meaning="The first layers hardly learn.",
        advice=_LARGER_GRADIENT,
    ),
    "saturated": Sentence(
        kind="saturated",
        measure="saturation",
        observation="{share} of its activations are saturated, with a slope below "
        f"{SATURATED_SLOPE:.0%} of the maximum",
        meaning="Saturated units pass almost no gradient.",
        advice="Use smaller initial weights (glorot_uniform), lower the learning "
        "rate, normalise the layers, or use a rectifier.",
    ),
    "unseen": Sentence(
        kind="unseen",
        measure="activation_std",
        observation="there may be an activation here that cannot be seen",
        meaning="Its dead, silent and saturated units are not counted.",
        advice="{reason}.",
    ),
}
