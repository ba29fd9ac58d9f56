"""How often claims are judged wrongly if activations make no difference.

    python benchmarks/no_effect.py --out results --permutations 100

Takes the trained nets of a run. Within each seed, and among nets that differ in nothing
else, the names of the activations are permuted, all learning rates of a net together. So
no activation has an effect, and everything else is as it was trained. Then the whole way
from the tables to the verdicts is gone again, the choice of the rates included. Counts,
for each claim, in how many permutations a case is judged wrongly: supported if the claim
predicts a difference, contradicted if it predicts none. The exit status is 1 if that is
so for more than 5% of all claims.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.rates import NET_FIELDS
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    LEVEL,
    NOT_MEASURED,
    NOT_TESTABLE,
    SUPPORTED,
    Difference,
    Equivalence,
)
from keras_rectifiers.comparison.verdicts.judging import judge_claim
from studies import STUDIES

# Their claims set activations against each other in paired differences.
NAMES = ("accuracy", "convergence")
OTHERS = [name for name in NET_FIELDS if name != "activation"]
WRONG = {Difference: SUPPORTED, Equivalence: CONTRADICTED}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("results"), metavar="FOLDER")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--permutations", type=int, default=100, metavar="N")
    chosen = parser.parse_args()
    rng = np.random.default_rng(0)
    counts = []
    for name in NAMES:
        study = STUDIES[name]
        trials = study.planned(chosen.profile)
        tables = Store(chosen.out).read(map(runner.key, trials))
        if len(tables.trials) < len(trials):
            sys.exit(
                f"{chosen.out} has {len(tables.trials):,} of the {len(trials):,} trials "
                f"of the study {name}. Train the others: python -m studies run {name} "
                f"--profile {chosen.profile} --out {chosen.out}"
            )
        for _ in range(chosen.permutations):
            counts += judged(study, permuted(tables, rng))
    frame = pd.DataFrame(counts)
    by_claim = frame.groupby(["study", "claim"], sort=False)["is_wrong"]
    print(by_claim.agg(judged="size", wrong="sum").to_string())
    share = frame["is_wrong"].mean()
    print(
        f"\nJudged wrongly: {share:.1%} of {len(frame):,} claims; at most {LEVEL:.0%}"
    )
    sys.exit(int(share > LEVEL))


def permuted(tables: Tables, rng: np.random.Generator) -> Tables:
    """The tables with the activations' names permuted within each seed and kind of net."""
    trials = tables.trials.copy()
    names = trials["activation"].to_numpy(copy=True)
    for rows in trials.groupby([*OTHERS, "seed"]).indices.values():
        own = sorted(set(names[rows]))
        new = dict(zip(own, rng.permutation(own), strict=True))
        names[rows] = [new[name] for name in names[rows]]
    trials["activation"] = names
    return Tables(
        trials=trials, measurements=tables.measurements, outputs=tables.outputs
    )


def judged(study, tables: Tables) -> list[dict]:
    """Whether each claim that sets activations against each other is judged wrongly."""
    found = []
    for claim in study.claims:
        if type(claim.rule) not in WRONG or claim.is_share:
            continue
        holds = claim.precondition.holds(tables) if claim.precondition else None
        verdicts = {
            verdict.verdict
            for verdict in judge_claim(
                claim, claim.effects(tables), holds, resampling=False
            )
        }
        if verdicts - {NOT_MEASURED, NOT_TESTABLE}:
            is_wrong = WRONG[type(claim.rule)] in verdicts
            found.append({"study": study.name, "claim": claim.id, "is_wrong": is_wrong})
    return found


if __name__ == "__main__":
    main()
