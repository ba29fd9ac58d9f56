"""By which metric activations are compared, and which difference of it matters."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.comparing.examples import labels_of
from keras_rectifiers.comparison.verdicts.contest import Metric

# One percentage point.
SMALLEST_SHARE = 0.01
# Of what the best constant guess gets.
SMALLEST_SHARE_OF_GUESSING = 0.02

# What a name of a metric holds -> whether more is better. The first one found counts.
_DIRECTIONS = {
    "false_": False,
    "loss": False,
    "error": False,
    "crossentropy": False,
    "cross_entropy": False,
    "divergence": False,
    "hinge": False,
    "poisson": False,
    "log_cosh": False,
    "logcosh": False,
    "perplexity": False,
    "huber": False,
    "accuracy": True,
    "precision": True,
    "recall": True,
    "auc": True,
    "iou": True,
    "f1": True,
    "fbeta": True,
    "f_beta": True,
    "r2": True,
    "true_": True,
    "sensitivity": True,
    "specificity": True,
    "similarity": True,
    "correlation": True,
}
_ABBREVIATIONS = {
    "acc": True,
    "mse": False,
    "mae": False,
    "rmse": False,
    "mape": False,
    "msle": False,
    "nll": False,
}
_SHARES = ("acc", "accuracy", "precision", "recall", "auc", "iou", "f1", "fbeta")


def choose_metric(
    names: Sequence[str],
    y: Any,
    *,
    loss: Any,
    metric: str | None = None,
    higher_is_better: bool | None = None,
    smallest_effect: float | None = None,
) -> Metric:
    """Chooses the metric, whether more of it is better, and what matters.

    Args:
        names: the loss and the metrics of the compiled model, as `evaluate` names them.
        y: the targets of all examples.
        loss: the loss of the compiled model.
        metric: the name that the user gives. Default: the first metric of the model, or
            its loss.
        higher_is_better: what the user says. Default: by the name.
        smallest_effect: what the user says. Default: 0.01 for shares; for errors and
            losses 2% of what the best constant guess gets.

    Raises:
        TypeError, ValueError: if the metric is unknown or does not fit the targets, or
            its direction or what matters are not known and not given.
    """
    if metric is None:
        metric = next((name for name in names if not name.endswith("loss")), "loss")
    if metric not in names:
        raise ValueError(
            "Expected `metric` to be the loss or a metric of the model, "
            f"{', '.join(names)}. Add others by metrics=[...] in model.compile. "
            f"Received: metric={shown(metric)}"
        )
    _check_accuracy(metric, y)
    if higher_is_better is None:
        higher_is_better = _direction(metric)
    if smallest_effect is None:
        smallest_effect = _smallest(metric, loss, y)
    return Metric(
        name=metric,
        higher_is_better=bool(higher_is_better),
        smallest_effect=_checked(smallest_effect),
        is_share=_is_share(metric),
    )


def _check_accuracy(metric: str, y: Any) -> None:
    """An accuracy counts equal numbers, of which continuous targets have none."""
    arrays = keras.tree.flatten(y)
    is_accuracy = "accuracy" in metric or metric == "acc"
    if not is_accuracy or len(arrays) != 1:
        return
    y = arrays[0]
    is_column = y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1)
    if is_column and (y != np.round(y)).any():
        raise ValueError(
            f"The metric {metric!r} counts outputs that equal the targets, but these "
            "are no classes. Use an error, such as metrics=['mae'] in model.compile. "
            f"Received: targets such as {y[y != np.round(y)][0]:.3g}."
        )


def _direction(metric: str) -> bool:
    name = metric.lower()
    for word, is_better in {**_ABBREVIATIONS, **_DIRECTIONS}.items():
        if word in name if word in _DIRECTIONS else word in name.split("_"):
            return is_better
    raise ValueError(
        f"It is not known whether more of the metric {metric!r} is better. Say "
        "higher_is_better=True or False."
    )


def _is_share(metric: str) -> bool:
    return any(word in metric.lower() for word in _SHARES)


def _smallest(metric: str, loss: Any, y: Any) -> float:
    if _is_share(metric):
        return SMALLEST_SHARE
    name = _canonical(loss if metric == "loss" else metric)
    guess = _score_of_guessing(name, y)
    if not guess or not np.isfinite(guess):
        raise ValueError(
            f"Expected `smallest_effect`, the smallest difference in {metric!r} that "
            "matters to you, because it cannot be derived for this metric and these "
            "targets. Received: smallest_effect=None."
        )
    return SMALLEST_SHARE_OF_GUESSING * guess


def _canonical(loss: Any) -> str:
    """The name of a loss or metric, given as a name, function, class or object."""
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", "")
    name = name or getattr(loss, "name", "") or type(loss).__name__
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    usual = {
        "mse": "mean_squared_error",
        "rmse": "root_mean_squared_error",
        "mae": "mean_absolute_error",
    }
    return usual.get(name, name)


def _score_of_guessing(name: str, y: Any) -> float | None:
    """What the best constant guess gets."""
    arrays = keras.tree.flatten(y)
    if len(arrays) != 1:
        return None
    y = arrays[0].astype(np.float64)
    if name == "mean_squared_error":
        return float(y.var(axis=0).mean())
    if name == "root_mean_squared_error":
        return float(np.sqrt(y.var(axis=0).mean()))
    if name == "mean_absolute_error":
        return float(np.abs(y - np.median(y, axis=0)).mean())
    labels = labels_of(arrays[0])
    if "crossentropy" in name and "binary" not in name and labels is not None:
        shares = np.bincount(labels) / len(labels)
        shares = shares[shares > 0]
        return float(-(shares * np.log(shares)).sum())
    if name == "binary_crossentropy" and ((y >= 0) & (y <= 1)).all():
        share = np.clip(y.mean(axis=0), 1e-7, 1 - 1e-7)
        entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share))
        return float(np.mean(entropy))
    return None


def _checked(smallest_effect: Any) -> float:
    if isinstance(smallest_effect, bool) or not isinstance(
        smallest_effect, int | float | np.number
    ):
        raise TypeError(
            "Expected `smallest_effect` to be a number, in units of the metric. "
            f"Received: {shown(smallest_effect)}"
        )
    if not 0 < smallest_effect < np.inf:
        raise ValueError(
            "Expected `smallest_effect`, the smallest effect of interest, to be "
            f"above 0. Received: {smallest_effect!r}."
        )
    return float(smallest_effect)
