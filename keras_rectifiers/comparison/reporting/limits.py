"""The limits of a study: its data, nets and budget, what it lacks, and what still fell."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.reporting.wording import OPTIMIZERS, setting_in_words
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.trial_fields import RECURRENT

ARCHITECTURES = {
    "mlp": "MLPs",
    "resmlp": "residual MLPs",
    "cnn": "CNNs",
    "cnn_pooled": "CNNs with max pooling",
    "rnn": "recurrent nets",
    "lstm": "LSTMs",
    "nin": "networks in networks",
    "nin_lin": "networks in networks (Lin 2013)",
}
# Of the settings that are not told in words of their own.
_DEFAULTS = {
    field.name: field.default
    for field in fields(Trial)
    if field.name
    not in (
        *(
            "dataset",
            "train_size",
            "subset_seed",
            "split",
            "probe_size",
            "batch_size",
            "seed",
        ),
        *("activation", "architecture", "depth", "width", "optimizer"),
        *("learning_rate", "epochs"),
    )
}


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
    trained = trials[trials["epochs"] > 0]
    found = {"Data": "; ".join(datasets) + _splits(trained)}
    found["Nets"] = _sizes(trials)
    found["Budget"] = _budget(trained) if len(trained) else "no net is trained"
    if study.not_shown:
        found["Not shown"] = study.not_shown
    return found


def end_of_training(falls: pd.DataFrame) -> str:
    """Whether the nets still got better when their training ended, in words.

    Args:
        falls: as `falls_at_the_end` returns them, with at least one row.
    """
    falling = falls[falls["is_falling"]]
    kinds = f"{len(falls)} {'kind of net' if len(falls) == 1 else 'kinds of nets'}"
    if falling.empty:
        return (
            f"the validation loss of {kinds} had flattened: over the last quarter of the "
            "epochs no 95% interval of its fall is above 0"
        )
    fastest = falling.iloc[0]
    return (
        f"the validation loss was still falling in {len(falling)} of {kinds}, fastest "
        f"in {_kind(fastest)}: by {_number(fastest['fall'])} per epoch over the last "
        f"quarter of the epochs (95% interval {_number(fastest['low'])} to "
        f"{_number(fastest['high'])})"
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return np.format_float_positional(value, 2, fractional=False, trim="-")


def _kind(net: pd.Series) -> str:
    """A kind of net in words, with each setting that is not the default."""
    others = [
        setting_in_words(name, net[name])
        for name, default in _DEFAULTS.items()
        if net[name] != default
    ]
    return ", ".join(
        [
            f"{net['activation']} {ARCHITECTURES[net['architecture']]} of "
            f"{net['depth']} × {net['width']:,} by {OPTIMIZERS[net['optimizer']]} at "
            f"{net['learning_rate']:g} ({net['epochs']} epochs)",
            *others,
        ]
    )


def _splits(trained: pd.DataFrame) -> str:
    """How the data of nets that were trained are split, in words."""
    if trained.empty:
        return ""
    if not (trained["split"] == "by_seed").all():
        return ", with one fixed test split"
    kinds = []
    if (trained["dataset"] == "digits").any():
        kinds.append("all images into training, validation and test examples")
    if (trained["dataset"] != "digits").any():
        kinds.append(
            "the given training examples into training and validation examples"
        )
    return f"; each seed splits anew {', and otherwise '.join(kinds)}"


def _sizes(trials: pd.DataFrame) -> str:
    parts = []
    for name, words in ARCHITECTURES.items():
        rows = trials.loc[trials["architecture"] == name, ["depth", "width"]]
        sizes = rows.drop_duplicates().sort_values(["depth", "width"])
        if len(sizes):
            shown = ", ".join(
                f"{depth} × {width:,}" for depth, width in sizes.to_numpy()
            )
            parts.append(f"{words} of {shown}")
    is_recurrent = trials["architecture"].isin(RECURRENT).any()
    layers = "hidden layers or time steps" if is_recurrent else "hidden layers"
    return f"{'; '.join(parts)} ({layers} × units or channels)"


def _budget(trained: pd.DataFrame) -> str:
    epochs = ", ".join(map(str, sorted(trained["epochs"].unique())))
    by = " and ".join(
        words for name, words in OPTIMIZERS.items() if name in set(trained["optimizer"])
    )
    num_seeds = trained["seed"].nunique()
    word = "epoch" if epochs == "1" else "epochs"
    return f"{epochs} {word} by {by}, up to {num_seeds} seeds for each net"
