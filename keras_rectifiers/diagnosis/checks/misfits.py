"""How it is told that an output, its loss and its targets do not belong together."""

from typing import Any

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.program import Output

LINEAR = "Use a linear output (activation=None) with mean_squared_error."


def misfit(
    output: Output, observation: str, meaning: str, advice: str, **more: Any
) -> Finding:
    """What is wrong with an output, or with its loss if `kind="loss"` is given."""
    where = "compile" if more.get("kind") == "loss" else "model"
    more = {"kind": "output", "where": where, "certainty": "certain"} | more
    return Finding(
        layer=output.layer,
        observation=observation,
        meaning=meaning,
        advice=advice,
        **more,
    )


def wrong_targets(
    output: Output, observation: str, meaning: str, advice: str
) -> Finding:
    """What the targets are wrong for, told of the output that they are for."""
    return misfit(output, observation, meaning, advice, kind="targets", where="data")


def unequal(output: Output) -> Finding:
    """That there are more or fewer targets than units."""
    if output.units == 1:
        return wrong_targets(
            output,
            f"the targets have {output.width} numbers for each example, but the model has "
            "one output",
            "The same output is compared with all of them.",
            f"Give the last layer {output.width} units."
            if not output.are_one_hot
            else f"Give the last layer {output.width} units with softmax, and "
            "categorical_crossentropy; or give one label: np.argmax(y, axis=-1).",
        )
    numbers = "one number" if output.width == 1 else f"{output.width} numbers"
    units = "one unit" if output.width == 1 else f"{output.width} units"
    return wrong_targets(
        output,
        f"the targets have {numbers} for each example, but the model has "
        f"{output.units} outputs",
        "The same number becomes the target of all outputs.",
        f"Give the last layer {units}, or encode the classes: "
        "sparse_categorical_crossentropy with softmax.",
    )
