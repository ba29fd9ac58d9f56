"""The limits of a study: its data, the size of its nets, its budget, and what it lacks."""

from collections.abc import Sequence

import pandas as pd

from keras_rectifiers.comparison.trials.study import Study

_ARCHITECTURES = {
    "mlp": "MLPs",
    "resmlp": "residual MLPs",
    "cnn": "CNNs",
    "cnn_pooled": "CNNs with max pooling",
}
_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}


def limits(
    study: Study, trials: pd.DataFrame, datasets: Sequence[str]
) -> dict[str, str]:
    """What the results of a study rest on, and what they do not show.

    Args:
        study: the study.
        trials: the table of its trials.
        datasets: the data sets used, in words.

    Returns:
        What is limited -> the limit, in words: `"Data"`, `"Nets"`, `"Budget"` and, if
        the study says so, `"Not shown"`.
    """
    found = {"Data": "; ".join(datasets) + ", with one fixed test split"}
    found["Nets"] = _sizes(trials)
    trained = trials[trials["epochs"] > 0]
    found["Budget"] = _budget(trained) if len(trained) else "no net is trained"
    if study.not_shown:
        found["Not shown"] = study.not_shown
    return found


def _sizes(trials: pd.DataFrame) -> str:
    parts = []
    for name, words in _ARCHITECTURES.items():
        rows = trials.loc[trials["architecture"] == name, ["depth", "width"]]
        sizes = rows.drop_duplicates().sort_values(["depth", "width"])
        if len(sizes):
            shown = ", ".join(
                f"{depth} × {width:,}" for depth, width in sizes.to_numpy()
            )
            parts.append(f"{words} of {shown}")
    return f"{'; '.join(parts)} (hidden layers × units or channels)"


def _budget(trained: pd.DataFrame) -> str:
    epochs = ", ".join(map(str, sorted(trained["epochs"].unique())))
    by = " and ".join(
        words
        for name, words in _OPTIMIZERS.items()
        if name in set(trained["optimizer"])
    )
    num_seeds = trained["seed"].nunique()
    word = "epoch" if epochs == "1" else "epochs"
    return f"{epochs} {word} by {by}, up to {num_seeds} seeds for each net"
