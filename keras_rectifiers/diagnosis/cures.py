"""What is tried for each kind of finding: a program with one thing changed."""

from collections.abc import Callable
from dataclasses import replace

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis import data_cures, layer_cures, output_cures
from keras_rectifiers.diagnosis.own_optimizer import optimizer_of
from keras_rectifiers.diagnosis.rehearsed_program import Program


def _without_penalty(program: Program) -> Program:
    return replace(program, penalised=False)


def _at_rate(factor: float) -> Callable[[Program], Program | None]:
    def changed(program):
        rate = keras_internals.rate_variable(optimizer_of(program.model))
        return None if rate is None else replace(program, factor=factor)

    return changed


def _clipped(program: Program) -> Program:
    return replace(program, clipnorm=1.0)


_LOWER_RATES = (
    ("at a tenth of the learning rate", _at_rate(0.1)),
    ("at a hundredth of the learning rate", _at_rate(0.01)),
    ("at a thousandth of the learning rate", _at_rate(0.001)),
)
_HIGHER_RATES = tuple(
    (f"at {factor:,} times the learning rate", _at_rate(float(factor)))
    for factor in (10, 100, 1_000, 10_000, 100_000, 1_000_000)
)
_OTHER_START = (
    ("with weights of he_normal and biases of 0", layer_cures.other_weights),
)
_SIMPLE = (
    (
        f"with a single hidden layer of {layer_cures.SIMPLE_UNITS} units on standardised "
        "inputs",
        layer_cures.simple,
    ),
)
_FITTING_OUTPUT = (
    "with the output and loss that fit the targets",
    output_cures.right_output,
)
_FITTING_UNITS = (
    "with as many units as the targets need",
    output_cures.fitting_units,
)
# Kind -> what is tried, in words and as a change of the program; or several of which the
# best is told.
CURES: dict[str, tuple[tuple, ...]] = {
    "not finite data": (
        ("without what is no number", data_cures.without_lost),
        ("with the missing values filled by the mean of the column", data_cures.filled),
    ),
    "tokens": (
        ("with a row for each token", data_cures.rows_for_tokens),
        ("with the tokens numbered from 0", data_cures.whole_tokens),
        ("with mask_zero=True", data_cures.masked),
    ),
    "unscaled inputs": (
        ("with the inputs standardised", data_cures.scaled_inputs),
        ("with inputs and targets standardised", data_cures.both_scaled),
    ),
    "unscaled targets": (("with the targets standardised", data_cures.scaled_targets),),
    "targets": (
        ("with a linear output", output_cures.linear_output),
        ("with the classes numbered from 0", output_cures.numbered_classes),
        _FITTING_UNITS,
        ("with softmax and the loss for such targets", output_cures.fitting_loss),
        ("with a linear unit and mean_squared_error", output_cures.regression),
        ("with return_sequences=False", output_cures.last_state),
        ("with return_sequences=True", output_cures.each_state),
        ("with Flatten before the last layer", output_cures.flattened),
        (
            "with the targets in the shape of the predictions",
            output_cures.shaped_targets,
        ),
    ),
    "output": (_FITTING_OUTPUT, _FITTING_UNITS),
    "loss": (
        _FITTING_OUTPUT,
        _FITTING_UNITS,
        ("with the other sign", output_cures.other_sign),
    ),
    "equal units": (("with random initial weights", layer_cures.other_weights),),
    "exploding": (
        ("with weights of he_normal", layer_cures.other_weights),
        ("with tanh in the recurrent layers", layer_cures.bounded),
        ("with batch normalisation", layer_cures.normalised),
    ),
    "dead": (
        ("with weights of he_normal and biases of 0", layer_cures.other_weights),
        ("with leaky_relu", layer_cures.leaky),
    ),
    "saturated": (
        ("with initial weights of glorot_uniform", layer_cures.other_weights),
        ("with relu and he_normal", layer_cures.rectified),
    ),
    "vanishing": (
        ("with relu and he_normal", layer_cures.rectified),
        ("with batch normalisation", layer_cures.normalised),
    ),
    "lost signal": (
        ("with larger initial weights", layer_cures.other_weights),
        ("with relu and he_normal", layer_cures.rectified),
    ),
    "no activation": (("with relu in the hidden layers", layer_cures.rectified),),
    "hidden softmax": (("with relu in the hidden layers", layer_cures.rectified),),
    "rate too high": (_LOWER_RATES,),
    "negative rate": (("at the same learning rate with a plus sign", _at_rate(-1.0)),),
    "rate too low": (_HIGHER_RATES,),
    "not finite": (_LOWER_RATES,),
    "diverging": (_LOWER_RATES, ("with clipnorm=1.0", _clipped)),
    "narrow": (("with as many units as there are classes", layer_cures.wider),),
    "unbounded state": (
        ("with tanh in the recurrent layers", layer_cures.bounded),
        ("with clipnorm=1.0", _clipped),
    ),
    "no gradient": _OTHER_START,
    "constant predictions": _OTHER_START,
    "stuck": _SIMPLE,
    "unrelated": _SIMPLE,
    "contradictions": _SIMPLE,
    "dropout": (
        (
            f"with dropout of {layer_cures.SMALL_DROPOUT:.0%} at most",
            layer_cures.less_dropout,
        ),
    ),
    "penalty": (("without the penalty", _without_penalty),),
    "frozen": (("with all layers trainable", layer_cures.unfrozen),),
}


def options(entry: tuple) -> tuple[tuple[str, Callable], ...]:
    """The words and the changes of an entry of `CURES`, which may be a single one."""
    return entry if isinstance(entry[0], tuple) else (entry,)
