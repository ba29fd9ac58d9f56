"""What `diagnose` finds in healthy programs, where every finding is a false alarm.

    python benchmarks/diagnose_healthy.py                   # small nets and families
    python benchmarks/diagnose_healthy.py --only cnn --trained
    python benchmarks/diagnose_healthy.py --only family/
    python benchmarks/diagnose_healthy.py --trained --into judged.txt   # goes on there

The programs are those of `healthy_nets`, `healthy_families` and `healthy_tasks`.
"""

import argparse
import functools
import sys
import time
from pathlib import Path

# This folder is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np

from benchmarks.healthy_families import APPLICATIONS, FAMILIES
from benchmarks.healthy_nets import small_nets
from benchmarks.healthy_tasks import TASKS
from keras_rectifiers import diagnose

# After 15 epochs nets of 20 layers have hardly begun, which is a true finding.
NUM_EPOCHS = 45
# Of a head on a base that needs seconds for each step.
SHORT_FIT = 15


def train(model, x, y, *, num_epochs=NUM_EPOCHS):
    """Trains in an order of its own in each epoch.

    Once a seed is set, `fit` repeats its batches on TensorFlow, and deep nets with batch
    normalisation learn these by heart.
    """
    rng = np.random.default_rng(0)
    num_examples = len(keras.tree.flatten(x)[0])
    for _ in range(num_epochs):
        rows = rng.permutation(num_examples)
        taken = functools.partial(np.take, indices=rows, axis=0)
        shuffled = keras.tree.map_structure(taken, (x, y))
        model.fit(*shuffled, shuffle=False, verbose=0)


def programs():
    """Name, a function that makes the program, and its epochs."""
    for name, make in small_nets():
        yield name, make, NUM_EPOCHS
    for name, make in FAMILIES.items():
        yield f"family/{name}", make, NUM_EPOCHS
    for name, make in TASKS.items():
        yield f"task/{name}", make, NUM_EPOCHS
    for name, make in APPLICATIONS.items():
        yield f"family/{name}", make, SHORT_FIT


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="programs whose name holds this")
    parser.add_argument("--trained", action="store_true", help="after training too")
    parser.add_argument("--budget", type=float, default=1e9, help="seconds, then stop")
    parser.add_argument("--into", type=Path, help="a file; what it names is left out")
    args = parser.parse_args()
    judged = args.into.read_text() if args.into and args.into.exists() else ""
    began, num, alarms = time.perf_counter(), 0, 0
    for seed, (name, make, num_epochs) in enumerate(programs()):
        stages = ("untrained", "trained")[: 1 + args.trained]
        if args.only not in name or f"{name} {stages[-1]} " in judged:
            continue
        if time.perf_counter() - began > args.budget:
            print("budget spent")
            break
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        model, x, y = make()
        for stage in stages:
            if stage == "trained":
                train(model, x, y, num_epochs=num_epochs)
            start = time.perf_counter()
            found = diagnose(model, x, y).findings
            seconds = time.perf_counter() - start
            num, alarms = num + 1, alarms + bool(found)
            lines = [f"{name} {stage} {seconds:.1f} s"]
            lines += [f"    ALARM {finding.kind}: {finding}" for finding in found]
            print("\n".join(lines), flush=True)
            if args.into:
                with args.into.open("a") as file:
                    print("\n".join(lines), file=file)
    print(f"{num} programs, {alarms} with findings")


if __name__ == "__main__":
    main()
