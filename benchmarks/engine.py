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

import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# This folder is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import pandas as pd

from benchmarks.engine_cases import CASES, Case
from benchmarks.fit_loop import case_parser, duration, note, positive, timed
from keras_rectifiers.comparison.data.splits import Split
from keras_rectifiers.comparison.training.engine import train_members
from keras_rectifiers.comparison.training.task import Data, Member, Task

RATES = (1e-3, 3e-3, 1e-2)


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
    parser = case_parser(__doc__, CASES)
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
