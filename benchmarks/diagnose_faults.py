"""What `diagnose` finds in healthy programs that are broken in one place.

    python benchmarks/diagnose_faults.py              # every fault, every seed
    python benchmarks/diagnose_faults.py --seeds 2 --only rate
    python benchmarks/diagnose_faults.py --without data.check_inputs
    python benchmarks/diagnose_faults.py --try-fixes  # and how many have a cure that helps

The programs are those of `broken_programs`. "named" counts a finding of an expected kind.
"helped" counts a cure with which the loss falls, of the first finding.
`--without` leaves a check out, which shows what it adds.
"""

import argparse
import collections
import contextlib
import sys
import time
from pathlib import Path
from typing import Any

# This folder is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np

from benchmarks.broken_programs import FAULTS, healthy
from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis.checks import (
    data,
    numbers,
    outputs,
    rates,
    structure,
    training,
)
from keras_rectifiers.diagnosis.checks import layers as layer_checks

CHECKS: dict[str, tuple[Any, str]] = {
    "outputs.check": (outputs, "check"),
    "structure.check": (structure, "check"),
    "data.check_inputs": (data, "check_inputs"),
    "data.check_targets": (data, "check_targets"),
    "layers.check": (layer_checks, "check"),
    "numbers.check": (numbers, "check"),
    "numbers.lost_signal": (numbers, "lost_signal"),
    "training.check": (training, "check"),
    "rates.check_optimizer": (rates, "check_optimizer"),
}


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--without", choices=CHECKS, help="a check to leave out")
    parser.add_argument("--try-fixes", action="store_true", help="try the cures")
    args = parser.parse_args()
    if args.without:
        module, name = CHECKS[args.without]
        setattr(module, name, lambda *args, **settings: [])
    # Where the loss cannot be computed, only the check that is left out may say why.
    errors = [ValueError] if args.without else []
    total = collections.Counter()
    print(f"{'fault':30}{'detected':>9}{'named':>7}{'tried':>7}{'helped':>7}  found")
    for name, (change, kinds) in [("healthy", (None, ())), *FAULTS.items()]:
        if args.only not in name:
            continue
        counts, said = collections.Counter(), collections.Counter()
        for seed in range(args.seeds):
            keras.utils.set_random_seed(seed)
            program = healthy(seed)
            if change is not None:
                change(program, np.random.default_rng(seed))
            model = program.build()
            start = time.perf_counter()
            found = []
            cures = ()
            with contextlib.suppress(*errors):
                told = diagnose(
                    model, program.x, program.y, try_fixes=args.try_fixes
                ).findings
                found = [finding.kind for finding in told]
                cures = told[0].tried if told else ()
            counts["seconds"] += time.perf_counter() - start
            counts["detected"] += bool(found)
            counts["named"] += bool(set(found) & set(kinds))
            counts["tried"] += bool(cures)
            counts["helped"] += any(" the loss falls to " in cure for cure in cures)
            said.update(found or ["-"])
        print(
            f"{name:30}{counts['detected']:>7}/{args.seeds}{counts['named']:>5}"
            f"/{args.seeds}{counts['tried']:>5}/{args.seeds}{counts['helped']:>5}"
            f"/{args.seeds}  {dict(said)} {counts['seconds'] / args.seeds:.1f} s",
            flush=True,
        )
        if change is not None:
            names = ("detected", "named", "tried", "helped")
            total.update({name: counts[name] for name in names})
            total["programs"] += args.seeds
    print(dict(total))


if __name__ == "__main__":
    main()
