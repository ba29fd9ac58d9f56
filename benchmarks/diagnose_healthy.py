"""What `diagnose` finds in healthy programs, where every finding is a false alarm.

    python benchmarks/diagnose_healthy.py                   # small nets and families
    python benchmarks/diagnose_healthy.py --only cnn --trained
    python benchmarks/diagnose_healthy.py --only family/

The programs are those of `healthy_nets` and `healthy_families`.
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

from benchmarks.healthy_families import FAMILIES
from benchmarks.healthy_nets import small_nets
from keras_rectifiers import diagnose

NUM_EPOCHS = 15


def train(model, x, y):
    """Trains in an order of its own in each epoch.

    Once a seed is set, `fit` repeats its batches on TensorFlow, and deep nets with batch
    normalisation learn these by heart.
    """
    rng = np.random.default_rng(0)
    for _ in range(NUM_EPOCHS):
        taken = functools.partial(np.take, indices=rng.permutation(len(x)), axis=0)
        shuffled = keras.tree.map_structure(taken, y)
        model.fit(taken(x), shuffled, shuffle=False, verbose=0)


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="programs whose name holds this")
    parser.add_argument(
        "--trained", action="store_true", help=f"after {NUM_EPOCHS} epochs too"
    )
    parser.add_argument("--budget", type=float, default=1e9, help="seconds, then stop")
    args = parser.parse_args()
    families = [(f"family/{name}", make) for name, make in FAMILIES.items()]
    began, num, alarms = time.perf_counter(), 0, 0
    for name, make in [*small_nets(), *families]:
        if args.only not in name:
            continue
        if time.perf_counter() - began > args.budget:
            print("budget spent")
            break
        keras.backend.clear_session()
        keras.utils.set_random_seed(num)
        model, x, y = make()
        for stage in ("untrained", "trained")[: 1 + args.trained]:
            if stage == "trained":
                train(model, x, y)
            start = time.perf_counter()
            found = diagnose(model, x, y).findings
            seconds = time.perf_counter() - start
            num, alarms = num + 1, alarms + bool(found)
            print(f"{name} {stage} {seconds:.1f} s", flush=True)
            for finding in found:
                print(f"    ALARM {finding.kind}: {finding}", flush=True)
    print(f"{num} programs, {alarms} with findings")


if __name__ == "__main__":
    main()
