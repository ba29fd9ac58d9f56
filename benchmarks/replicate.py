"""Judges single verdicts again, by nets of new seeds alone.

Of a run of the studies, the nets on which a case of a claim turns are trained anew from
seeds that nothing was trained from before, at every learning rate that the run tried. Each
new seed chooses its own best rates, and the case is judged by the new seeds alone. Which
nets those are is found out: those without which the case comes out otherwise.

    python benchmarks/replicate.py results deep-tanh-stuck elu-better=MLP \\
        --profile standard --dataset mnist --seeds 50

A part of a case's name after `=` picks among the cases of a claim. What is trained goes
into the same folder, so that a second call trains nothing.
"""

import argparse
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.judging import judge_claim
from studies import STUDIES, options, profiles

SETTINGS = [f.name for f in dataclasses.fields(Trial) if f.name != "seed"]
# Among these settings a seed chooses, so that nets which no seed has chosen yet count.
CHOSEN_AMONG = ("learning_rate", "activity_l1")

Effects = Mapping[str, pd.Series | pd.DataFrame]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("claims", nargs="+", metavar="CLAIM[=CASE]")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=10_000, help="the first new seed")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    options.set_data_dir(args.data_dir)
    store = Store(args.results)
    store.prepare()
    for wanted in args.claims:
        name, _, part = wanted.partition("=")
        study, claim = found(name)
        study = profiles.on(study, args.profile, args.dataset)

        def effects(tables: Tables, claim=claim, part=part) -> Effects:
            return {c: v for c, v in claim.effects(tables).items() if part in c}

        def holds(tables: Tables, claim=claim) -> Mapping[str, pd.Series]:
            return claim.precondition.holds(tables) if claim.precondition else {}

        keys = map(runner.key, study.planned(args.profile))
        tables = store.read(set(keys))
        seeds = range(args.first, args.first + args.seeds)
        nets = list(nets_of(effects, tables))
        trials = [Trial(**net, seed=seed) for net in nets for seed in seeds]
        work = runner.missing(trials, store)
        print(
            f"{wanted}: {len(nets)} nets, {len(work)} populations to train", flush=True
        )
        for event in runner.run(work, store, workers=args.workers):
            assert event.kind != "failed", event.error
        again = store.read(set(map(runner.key, trials)))
        tell(claim, "first", effects(tables), holds(tables))
        tell(claim, "again", effects(again), holds(again))


def found(name: str) -> tuple[Study, Claim]:
    for study in STUDIES.values():
        for claim in study.claims:
            if claim.id == name:
                return study, claim
    raise SystemExit(f"There is no claim {name!r}.")


def nets_of(effects: Callable[[Tables], Effects], tables: Tables) -> Iterator[dict]:
    """Yields the settings, but for the seed, of the nets on which effects turn."""
    whole = effects(tables)
    trials = tables.trials
    told_apart = [name for name in SETTINGS if name not in CHOSEN_AMONG]
    for _, rows in trials.groupby(told_apart, sort=False):
        without = ~trials["key"].isin(rows["key"])
        try:
            other = effects(tables.only(trials.loc[without, "key"]))
            differs = any(not other[case].equals(whole[case]) for case in whole)
        except (KeyError, ValueError):
            differs = True
        if differs:
            yield from rows[SETTINGS].drop_duplicates().to_dict("records")


def tell(
    claim: Claim, when: str, effects: Effects, holds: Mapping[str, pd.Series]
) -> None:
    for verdict in judge_claim(claim, effects, holds):
        print(
            f"  {when}: {verdict.case}: {verdict.estimate:.4g} "
            f"[{verdict.low:.4g}, {verdict.high:.4g}], {verdict.n} seeds: "
            f"{verdict.verdict}",
            flush=True,
        )


if __name__ == "__main__":
    main()
