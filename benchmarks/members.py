"""What a member of a population costs, by the population's size and the net's depth.

A population's time is what its epochs take, which grow with their number, and what does
not: set-up, tracing, compilation, results. Each population is trained with some epochs
and with several times as many; the difference is the epochs'.
"""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# This folder is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import pandas as pd
import tensorflow as tf

from benchmarks.fit_loop import note, positive, timed
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.trials.trial import Trial

SIZES, DEPTHS, WIDTH, EPOCHS = (1, 5, 20, 60, 200), (10, 30), 32, 10


def longer(size: int) -> int:
    """How many times as many epochs: a difference must be larger than its noise."""
    return min(20, max(3, 200 // size))


def seconds(*, size: int, depth: int, width: int, epochs: int) -> float:
    trials = [
        Trial(
            activation="leaky_relu", seed=seed, depth=depth, width=width, epochs=epochs
        )
        for seed in range(size)
    ]
    return timed(lambda: training.train(trials))[0]


def measure(
    sizes: Sequence[int],
    depths: Sequence[int],
    *,
    width: int,
    epochs: int,
    repeats: int,
) -> pd.DataFrame:
    """Times populations of several sizes and depths; one row for each, in seconds."""
    rows = []
    for depth in depths:
        for size in sizes:
            short, long = [], []
            net = {"size": size, "depth": depth, "width": width}
            for _ in range(repeats):
                short.append(seconds(**net, epochs=epochs))
                long.append(seconds(**net, epochs=epochs * longer(size)))
            # The fastest: what other work on the machine adds is no part of it.
            of_epochs = (min(long) - min(short)) / (longer(size) - 1)
            rows.append(
                {
                    "depth": depth,
                    "members": size,
                    "all": min(short),
                    "compilation": min(short) - of_epochs,
                    "epochs": of_epochs,
                }
            )
            note(f"{size} of depth {depth}: {min(short):.2f} s")
    frame = pd.DataFrame(rows)
    frame["epochs_per_member"] = frame["epochs"] / frame["members"]
    frame["all_per_member"] = frame["all"] / frame["members"]
    return frame


def describe(frame: pd.DataFrame, *, width: int, epochs: int, repeats: int) -> str:
    shown = pd.DataFrame(
        {
            "depth": frame["depth"],
            "members": frame["members"],
            "all, s": frame["all"].map("{:.2f}".format),
            "compilation, s": frame["compilation"].map("{:.2f}".format),
            "epochs, s": frame["epochs"].map("{:.2f}".format),
            "epochs, ms/member": (1e3 * frame["epochs_per_member"]).map(
                "{:.0f}".format
            ),
            "all, ms/member": (1e3 * frame["all_per_member"]).map("{:.0f}".format),
        }
    )
    return f"""
{shown.to_string(index=False)}

{epochs} epochs of nets of width {width}; the fastest of {repeats} turns.
compilation  what does not grow with the epochs: set-up, tracing, compilation, results.
"""


def save_figure(frame: pd.DataFrame, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for number, (depth, rows) in enumerate(frame.groupby("depth")):
        for column, line, words in (
            ("all_per_member", "o-", "with compilation"),
            ("epochs_per_member", "o--", "without"),
        ):
            axes.loglog(
                rows["members"],
                rows[column],
                line,
                color=f"C{number}",
                label=f"depth {depth}, {words}",
            )
    axes.set(
        xlabel="members of the population",
        ylabel="seconds per member",
        title="What a member of a population costs",
    )
    axes.legend(frameon=False)
    figure.savefig(path)
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--repeats",
        type=positive,
        default=3,
        metavar="N",
        help="turns, of which the fastest counts (default: %(default)s)",
    )
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw it")
    parser.add_argument(
        "--smoke",
        action="store_true",
        help="tiny nets: shows that everything runs, and nothing else",
    )
    options = parser.parse_args(arguments)
    sizes, depths, width, epochs = SIZES, DEPTHS, WIDTH, EPOCHS
    if options.smoke:
        sizes, depths, width, epochs = (1,), (1, 2), 4, 1
    # What a process does once belongs to no population.
    seconds(size=1, depth=1, width=4, epochs=1)
    frame = measure(sizes, depths, width=width, epochs=epochs, repeats=options.repeats)
    print(describe(frame, width=width, epochs=epochs, repeats=options.repeats))
    if options.figure:
        save_figure(frame, options.figure)
    print(
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"Keras {keras.__version__}, TensorFlow {tf.__version__}, "
        f"{os.cpu_count()} cores."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
