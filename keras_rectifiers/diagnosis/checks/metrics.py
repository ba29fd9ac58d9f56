"""Whether a metric counts what the output and its loss mean."""

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.program import CATEGORICAL, REGRESSION, SPARSE, Output


def check_metric(output: Output) -> Finding | None:
    """Returns what is wrong with the metrics of an output.

    Args:
        output: with the names of its metrics.
    """
    names = {name.lower().replace("_", "") for name in output.metrics}
    is_accuracy = names & {"acc", "accuracy", "binaryaccuracy"}
    if is_accuracy and output.loss in REGRESSION and not output.are_whole:
        return _finding(
            "accuracy as a metric of a regression",
            "It counts predictions that equal the target exactly, so it stays near "
            "0 however good the model is.",
            'Use metrics=["mae"].',
        )
    # Keras takes "accuracy" for the one of the loss, "Accuracy" for this class.
    if "Accuracy" in output.metrics and (output.prediction % 1).any():
        return _finding(
            "the metric Accuracy, which counts predictions that equal the target exactly",
            "The predictions are no whole numbers, so it stays near 0 however good the "
            "model is.",
            'Use metrics=["accuracy"], with a small a, which takes the class that is '
            "predicted.",
        )
    if output.units == 1 and names & {
        "categoricalaccuracy",
        "sparsecategoricalaccuracy",
    }:
        return _finding(
            "a categorical accuracy as the metric of one unit",
            "It takes the unit with the largest value for the class, and of one unit this "
            "is always class 0, so it stays the same however good the model is.",
            'Use metrics=["accuracy"] or keras.metrics.BinaryAccuracy().',
        )
    exclude_each_other = output.loss in CATEGORICAL + SPARSE
    if exclude_each_other and output.units > 2 and "binaryaccuracy" in names:
        return _finding(
            f"binary accuracy as the metric of {output.units} classes",
            "It counts each unit by itself, and nearly all are rightly near 0, so it is "
            "high before anything is learned.",
            'Use metrics=["accuracy"].',
        )
    return None


def _finding(observation, meaning, advice):
    return Finding(
        kind="metric",
        where="compile",
        certainty="certain",
        observation=observation,
        meaning=meaning,
        advice=advice,
    )
