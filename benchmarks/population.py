"""What a population costs beside the loop of trainings that a user would write.

Of each case the same nets are trained in two ways, by turns and in one process:

  ours    `population.train` on all seeds and learning rates at once, with compilation
  plain   for each seed and rate: build, compile, fit with a callback that looks at
          every layer (norm of the loss's gradient, share of zeros) before training and
          at each epoch's end, evaluate; by itself, and with `steps_per_execution` at
          the best of some values

The plain loop is timed on a sample of the trainings, and the mean of the sample taken
for all of them.
"""

import dataclasses
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# This folder is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from benchmarks.fit_loop import case_parser, duration, fit_one, note, timed
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets, published
from keras_rectifiers.comparison.data.datasets import Dataset
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.theory.gain import gain

RATES = (1e-3, 3e-3, 1e-2)
ACTIVATION = "leaky_relu"
FASHION = {"dataset": "fashion_mnist", "train_size": 10_000}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One net, trained for some seeds and each of the learning rates.

    Args:
        settings: of its trials.
        num_seeds: how many seeds.
        aim, least: how many times faster than the plain loop ours should be.
    """

    settings: dict
    num_seeds: int
    aim: float
    least: float

    def trials(self) -> list[Trial]:
        return grid(self.num_seeds, self.settings)


MLP = {"architecture": "mlp", "depth": 10, "width": 32, "epochs": 10}
CNN = {"architecture": "cnn", "depth": 3, "width": 16, "epochs": 10}
CASES = {
    "mlp-60": Case(settings=MLP, num_seeds=20, aim=80, least=40),
    "mlp-201": Case(settings=MLP, num_seeds=67, aim=120, least=70),
    "cnn": Case(settings=CNN, num_seeds=20, aim=4, least=2.5),
    "mlp-fashion": Case(
        settings=MLP | FASHION | {"width": 64},
        num_seeds=20,
        aim=5,
        least=5,
    ),
    "cnn-fashion": Case(
        settings=CNN | FASHION | {"epochs": 2},
        num_seeds=2,
        aim=1.2,
        least=1.2,
    ),
}

# A size at which a test can run every case.
SMOKE = {"depth": 2, "width": 4, "epochs": 1, "batch_size": 256, "probe_size": 16}


def grid(num_seeds: int, settings: dict) -> list[Trial]:
    return [
        Trial(activation=ACTIVATION, seed=seed, learning_rate=rate, **settings)
        for seed in range(num_seeds)
        for rate in RATES
    ]


# A case --------------------------------------------------------------------------------


def run_case(name: str, case: Case, *, repeats: int) -> dict:
    """Times both ways by turns; one row of the table."""
    trials = case.trials()
    dataset = datasets.load_for(trials[0])
    gains = {kind: gain(kind) for kind in ("linear", ACTIVATION)}
    num_steps = len(dataset.y_train) // trials[0].batch_size
    candidates = sorted({min(num_steps, k) for k in (1, 8, num_steps)})
    ours, plain = [], {k: [] for k in candidates}
    for turn in range(repeats):
        ours.append(timed(lambda: training.train(trials)))
        note(f"{name}: ours {ours[-1][0]:.2f} s for {len(trials)} trainings")
        for steps in candidates:
            trial = trials[(turn * len(candidates)) % len(trials)]
            plain[steps].append(
                timed(
                    lambda trial=trial, steps=steps: fit_one(
                        trial, dataset, gains, steps_per_execution=steps
                    )
                )
            )
            note(
                f"{name}: plain {plain[steps][-1][0]:.2f} s for one, "
                f"steps_per_execution={steps}"
            )
    clock = {k: statistics.mean(t for t, _ in times) for k, times in plain.items()}
    processor = {k: statistics.mean(t for _, t in times) for k, times in plain.items()}
    best = min(clock, key=clock.__getitem__)
    mine = statistics.mean(t for t, _ in ours)
    mine_processor = statistics.mean(t for _, t in ours)
    return {
        "case": name,
        "members": len(trials),
        "ours": mine,
        "plain": clock[1] * len(trials),
        "plain_best": clock[best] * len(trials),
        "best_steps": best,
        "ratio": clock[1] * len(trials) / mine,
        "ratio_best": clock[best] * len(trials) / mine,
        "ratio_processor": min(processor.values()) * len(trials) / mine_processor,
        "aim": case.aim,
        "least": case.least,
        "rate": operations(trials[0], dataset) * len(trials) / mine / 1e9,
    }


def operations(trial: Trial, dataset: Dataset) -> float:
    """Floating-point operations of the matrix products of one dense training.

    Two for each weight and example forward, four for each backward, but two where the
    inputs are not differentiated; NaN for convolutions.
    """
    if trial.architecture != "mlp":
        return float("nan")
    model = architectures.build(trial, dataset)
    sizes = [float(np.prod(w.shape)) for w in model.weights if len(w.shape) == 2]
    forward = 2 * sum(sizes)
    backward = 2 * forward - 2 * sizes[0]
    num_steps = len(dataset.y_train) // trial.batch_size
    examples = trial.epochs * num_steps * trial.batch_size
    examples += (trial.epochs + 1) * trial.probe_size
    splits = [len(dataset.y_train), len(dataset.y_validation), len(dataset.y_test)]
    evaluated = trial.epochs * len(dataset.y_validation) + sum(splits)
    return examples * (forward + backward) + evaluated * forward


def product_rate(size: int, *, repeats: int = 5) -> float:
    """Floating-point operations per second of a matrix product, the best seen."""
    matrix = tf.random.stateless_normal((size, size), seed=(0, 0))
    product = tf.function(lambda: tf.reduce_sum(matrix @ matrix), autograph=False)
    product()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        product().numpy()
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times)


def describe_cases(rows: Sequence[dict], *, repeats: int, size: int) -> str:
    frame, fastest = pd.DataFrame(rows), product_rate(size)
    shown = pd.DataFrame(
        {
            "case": frame["case"],
            "members": frame["members"],
            "ours": frame["ours"].map("{:.2f} s".format),
            "plain": frame["plain"].map(duration),
            "best": frame["plain_best"].map(duration),
            "at": frame["best_steps"],
            "ratio": frame["ratio"].map("{:.1f}".format),
            "to best": frame["ratio_best"].map("{:.1f}".format),
            "processor": frame["ratio_processor"].map("{:.1f}".format),
            "aim": frame["aim"].map("{:g}".format),
            "least": frame["least"].map("{:g}".format),
            "GFLOP/s": frame["rate"].map("{:.0f}".format),
            "of product": (frame["rate"] / fastest * 1e9).map("{:.0%}".format),
        }
    )
    return f"""
{shown.to_string(index=False)}

ours        mean of {repeats} turns, compilation included
plain       mean of {repeats} trainings, times the number of members: extrapolated, not run
best, at    the same with the steps_per_execution that was the fastest
ratio       plain / ours by the clock; to best: best / ours
processor   the same in processor time, where what runs beside does not count
aim, least  what the ratio should be, and must be
GFLOP/s     operations of ours in matrix products, over all of its time
of product  as a share of the rate of a product of two {size} x {size} matrices, \
{fastest / 1e9:.0f} GFLOP/s

The plain loop does less per training: two measures per layer, where ours takes all, and
no evaluation on the training split. Both see the same examples in an order of their own.
"""


# The whole -----------------------------------------------------------------------------


def warm_up() -> None:
    """What a process does once, and neither way should pay for."""
    (trial,) = grid(1, {"depth": 1, "width": 4, "epochs": 1})[:1]
    for jit_compile in (True, False):
        training.train([trial], jit_compile=jit_compile)
    gains = {kind: gain(kind) for kind in ("linear", ACTIVATION)}
    fit_one(trial, datasets.load_for(trial), gains)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = case_parser(__doc__, CASES)
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where fashion_mnist.npz lies; without it its cases are left out",
    )
    parser.add_argument(
        "--smoke",
        action="store_true",
        help="tiny nets: shows that everything runs, and nothing else",
    )
    options = parser.parse_args(arguments)
    chosen = options.case or list(CASES)
    if options.data_dir:
        os.environ[published.DATA_DIR] = str(options.data_dir)
    warm_up()
    rows = []
    for name, case in CASES.items():
        if name not in chosen:
            continue
        if "dataset" in case.settings and not options.data_dir:
            print(f"{name}: left out, it needs --data-dir with fashion_mnist.npz")
            continue
        if options.smoke:
            case = dataclasses.replace(
                case, settings=case.settings | SMOKE, num_seeds=1
            )
        rows.append(run_case(name, case, repeats=options.repeats))
    if rows:
        size = 256 if options.smoke else 4096
        print(describe_cases(rows, repeats=options.repeats, size=size))
    print(
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"Keras {keras.__version__}, TensorFlow {tf.__version__}, "
        f"{os.cpu_count()} cores."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
