"""What the engine costs beside the loop of trainings that a user would write.

The same members are trained in two ways, by turns and in one process:

  ours    `train_members` on all members at once, without measures of the layers, which
          the loop does not take either
  plain   for each member: build, compile and `fit` with validation data, all epochs in
          one call, then evaluate the test part; with `steps_per_execution` at the best
          of some values

The plain loop is timed on a sample of the members, and the mean of the sample taken for
all of them. The results of both are the same up to the draws: tests compare members with
`fit` from the same start.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# This folder is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import pandas as pd
from keras import layers
from sklearn.datasets import load_breast_cancer, load_digits

from benchmarks.fit_loop import duration, note, positive, timed
from keras_rectifiers import RReLU
from keras_rectifiers.comparison.data.splits import Split
from keras_rectifiers.comparison.training.engine import train_members
from keras_rectifiers.comparison.training.task import Data, Member, Task

RATES = (1e-3, 3e-3, 1e-2)


def table() -> Data:
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return Data(x=x.astype(np.float32), y=y.astype(np.float32)[:, None])


def images() -> Data:
    digits = load_digits()
    return Data(x=digits.images[..., None].astype(np.float32) / 16, y=digits.target)


def rows_of_images() -> Data:
    digits = load_digits()
    return Data(x=digits.images.astype(np.float32) / 16, y=digits.target)


def curve() -> Data:
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, size=(75, 1)).astype(np.float32)
    noise = rng.normal(0, 0.1, size=x.shape).astype(np.float32)
    return Data(x=x, y=np.sin(x) + noise)


def compiled(model: keras.Model, loss, metrics=()) -> keras.Model:
    model.compile("adam", loss=loss, metrics=list(metrics))
    return model


def mlp() -> keras.Model:
    hidden = []
    for _ in range(3):
        hidden += [
            layers.Dense(32),
            layers.BatchNormalization(),
            RReLU(),
            layers.Dropout(0.2),
        ]
    outputs = layers.Dense(1, activation="sigmoid")
    return compiled(
        keras.Sequential([keras.Input((30,)), *hidden, outputs]),
        "binary_crossentropy",
        ["accuracy"],
    )


def cnn() -> keras.Model:
    hidden = []
    for _ in range(2):
        hidden += [layers.Conv2D(16, 3, padding="same"), layers.ReLU()]
    return compiled(
        keras.Sequential(
            [keras.Input((8, 8, 1)), *hidden, layers.Flatten(), layers.Dense(10)]
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
    )


def lstm() -> keras.Model:
    return compiled(
        keras.Sequential(
            [keras.Input((8, 8)), layers.LSTM(32), layers.ReLU(), layers.Dense(10)]
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
    )


def transformer() -> keras.Model:
    inputs = keras.Input((8, 8))
    x = layers.Dense(32)(inputs)
    attended = layers.MultiHeadAttention(num_heads=2, key_dim=16)(x, x)
    x = layers.LayerNormalization()(x + attended)
    widened = layers.ReLU()(layers.Dense(64)(x))
    x = layers.LayerNormalization()(x + layers.Dense(32)(widened))
    outputs = layers.Dense(10)(layers.GlobalAveragePooling1D()(x))
    return compiled(
        keras.Model(inputs, outputs),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
    )


def small_net() -> keras.Model:
    return compiled(
        keras.Sequential(
            [keras.Input((1,)), layers.Dense(30), layers.ReLU(), layers.Dense(1)]
        ),
        "mse",
    )


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model that is trained with some seeds at each of the learning rates.

    Args:
        build: makes the model.
        data: makes its data.
        num_seeds: how many seeds.
        epochs, batch_size: of the training.
        aim, least: how many times faster than the plain loop ours should be, and must
            be.
    """

    build: Callable[[], keras.Model]
    data: Callable[[], Data]
    num_seeds: int
    epochs: int
    batch_size: int
    aim: float
    least: float


CASES = {
    "mlp": Case(
        build=mlp, data=table, num_seeds=20, epochs=20, batch_size=32, aim=80, least=40
    ),
    "cnn": Case(
        build=cnn, data=images, num_seeds=20, epochs=5, batch_size=32, aim=4, least=4
    ),
    "lstm": Case(
        build=lstm,
        data=rows_of_images,
        num_seeds=20,
        epochs=10,
        batch_size=32,
        aim=5,
        least=5,
    ),
    "transformer": Case(
        build=transformer,
        data=rows_of_images,
        num_seeds=20,
        epochs=10,
        batch_size=32,
        aim=5,
        least=5,
    ),
    "1-30-1": Case(
        build=small_net,
        data=curve,
        num_seeds=20,
        epochs=200,
        batch_size=1,
        aim=80,
        least=80,
    ),
}


def members_of(case: Case, data: Data) -> list[Member]:
    """A member for each seed and rate; the seed splits the data in 3 : 1 : 1."""
    size = len(data.y)
    fifth = size // 5
    found = []
    for seed in range(case.num_seeds):
        order = np.random.default_rng(seed).permutation(size)
        split = Split(
            train=order[2 * fifth :],
            validation=order[:fifth],
            test=order[fifth : 2 * fifth],
        )
        found += [Member(seed=seed, split=split, learning_rate=rate) for rate in RATES]
    return found


def fit_one(case: Case, data: Data, member: Member, steps_per_execution: int) -> None:
    """One training as a user would write it."""
    keras.utils.clear_session()  # or a long loop slows down and fills the memory
    keras.utils.set_random_seed(member.seed)
    model = case.build()
    model.optimizer.learning_rate = member.learning_rate
    model.steps_per_execution = steps_per_execution
    train, validation, test = member.split
    # As many steps as ours: the examples that fill whole batches.
    train = train[: len(train) // case.batch_size * case.batch_size]
    model.fit(
        data.x[train],
        data.y[train],
        batch_size=case.batch_size,
        epochs=case.epochs,
        validation_data=(data.x[validation], data.y[validation]),
        validation_batch_size=len(validation),
        verbose=0,
    )
    model.evaluate(data.x[test], data.y[test], batch_size=len(test), verbose=0)


def run_case(name: str, case: Case, *, repeats: int) -> dict:
    """Times both ways by turns; one row of the table."""
    data = case.data()
    members = members_of(case, data)
    task = Task(
        build=case.build,
        data=data,
        batch_size=case.batch_size,
        epochs=case.epochs,
        measures=False,
    )
    num_steps = len(members[0].split.train) // case.batch_size
    candidates = sorted({1, min(8, num_steps), num_steps})
    ours, plain, modes = [], {steps: [] for steps in candidates}, set()

    def train() -> None:
        modes.update(train_members(task, members).outcomes["mode"])

    for turn in range(repeats):
        ours.append(timed(train))
        note(f"{name}: ours {ours[-1][0]:.2f} s for {len(members)} trainings")
        for steps in candidates:
            member = members[(turn * len(RATES)) % len(members)]
            plain[steps].append(
                timed(
                    lambda member=member, steps=steps: fit_one(
                        case, data, member, steps
                    )
                )
            )
            note(f"{name}: plain {plain[steps][-1][0]:.2f} s, {steps} steps at a time")
    clock = {k: statistics.mean(t for t, _ in times) for k, times in plain.items()}
    processor = {k: statistics.mean(t for _, t in times) for k, times in plain.items()}
    best = min(clock, key=clock.__getitem__)
    mine = statistics.mean(t for t, _ in ours)
    mine_processor = statistics.mean(t for _, t in ours)
    return {
        "case": name,
        "mode": ", ".join(sorted(modes)),
        "members": len(members),
        "ours": f"{mine:.2f} s",
        "plain": duration(clock[1] * len(members)),
        "ratio": f"{clock[1] * len(members) / mine:.1f}",
        "to best": f"{clock[best] * len(members) / mine:.1f}",
        "at": best,
        "processor": f"{min(processor.values()) * len(members) / mine_processor:.1f}",
        "aim": f"{case.aim:g}",
        "least": f"{case.least:g}",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--case",
        choices=list(CASES),
        action="append",
        help="run this case; may be given several times (default: all)",
    )
    parser.add_argument(
        "--repeats",
        type=positive,
        default=3,
        metavar="N",
        help="turns, and trainings in the plain loop's sample (default: %(default)s)",
    )
    parser.add_argument(
        "--seeds", type=positive, metavar="N", help="instead of those of the case"
    )
    options = parser.parse_args(arguments)
    rows = []
    for name in options.case or CASES:
        case = CASES[name]
        if options.seeds:
            case = Case(**{**vars(case), "num_seeds": options.seeds})
        rows.append(run_case(name, case, repeats=options.repeats))
    print(f"""
{pd.DataFrame(rows).to_string(index=False)}

ours        mean of {options.repeats} turns, tracing and compilation included
plain       mean of {options.repeats} trainings, times the number of members: \
extrapolated, not run
ratio       plain / ours by the clock, with one step at a time, Keras's default
to best, at the same with the steps_per_execution that was the fastest
processor   the same in processor time, where what runs beside does not count
aim, least  what the ratio should be, and must be

Keras {keras.__version__} on {keras.backend.backend()}, {os.cpu_count()} cores.""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
