"""Judges all claims of studies again, by nets of new seeds alone.

Every net of the studies is trained anew, at every learning rate of its grid, from seeds
that nothing was trained from before, and every claim is judged by them alone. So it is
seen how many verdicts repeat, and whether those that do not were flagged.

    python benchmarks/replicate.py results accuracy sparsity --profile standard \\
        --dataset digits --seeds 50 --csv replicated.csv

`results` is the folder of a finished run. What is trained goes into the same folder, so
that a second call trains only what is missing.
"""

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.rate_grid import finished
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.along_epochs import judge_along_epochs
from keras_rectifiers.comparison.verdicts.claims import Kind
from keras_rectifiers.comparison.verdicts.common_rates import (
    contrary,
    judge_at_common_rates,
)
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import STUDIES, options, profiles

CASE = ["study", "claim", "case"]
SHOWN = ["verdict", "estimate", "low", "high", "n"]
FLAGS = ["is_borderline", "depends_on_budget", "depends_on_rate"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("studies", nargs="*", metavar="STUDY")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument(
        "--first", type=int, default=profiles.MOST_SEEDS, help="the first new seed"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--csv", type=Path, help="where to write all cases")
    args = parser.parse_args()
    unknown = set(args.studies) - set(STUDIES)
    if unknown:
        parser.error(f"There is no study {sorted(unknown)}; there are {list(STUDIES)}.")
    options.set_data_dir(args.data_dir)
    store = Store(args.results)
    store.prepare()
    seeds = range(args.first, args.first + args.seeds)
    parts = []
    for name in args.studies or STUDIES:
        study = profiles.on(STUDIES[name], args.profile, args.dataset)
        anew = renewed(study, args.profile, seeds)
        work = runner.missing(anew.planned(args.profile), store)
        print(f"{name}: {len(work)} populations to train", flush=True)
        for event in runner.run(work, store, workers=args.workers):
            if event.kind == "failed":
                raise SystemExit(event.error)
        first, again = (
            judged(some, args.profile, tables_of(some, args.profile, store))
            for some in (study, anew)
        )
        parts.append(side_by_side(study, first, again))
        print(told(parts[-1]), flush=True)
    cases = pd.concat(parts, ignore_index=True)
    if args.csv:
        cases.to_csv(args.csv, index=False)
    print(f"\nAll studies\n{told(cases)}")


def renewed(study: Study, profile: str, seeds: Sequence[int]) -> Study:
    """The study with the same nets, from other seeds."""
    nets = dict.fromkeys(
        dataclasses.replace(trial, seed=0) for trial in study.trials[profile]()
    )
    trials = [dataclasses.replace(net, seed=seed) for net in nets for seed in seeds]
    grids = [
        dataclasses.replace(grid, seeds=seeds) for grid in study.grids.get(profile, ())
    ]
    return dataclasses.replace(
        study, trials={profile: lambda: trials}, grids={profile: grids}
    )


def tables_of(study: Study, profile: str, store: Store) -> Tables:
    """What is stored of a study; all of it must be."""
    keys = set(map(runner.key, study.planned(profile)))
    tables = store.read(keys)
    missing = len(keys) - len(tables.trials)
    if missing:
        raise SystemExit(
            f"{study.name}: {missing:,} of {len(keys):,} trials are not in "
            f"{store.folder}. Run the study first."
        )
    return finished(tables, study.grids.get(profile, ()))


def judged(study: Study, profile: str, tables: Tables) -> pd.DataFrame:
    """The verdict on each case, with its flags."""
    along = judge_along_epochs(study, tables)
    verdicts = judge(study, tables, along)
    others = contrary(
        verdicts, judge_at_common_rates(study, tables, study.grids.get(profile, ()))
    )
    on_rate = set(zip(others["claim"], others["case"], strict=True))
    cases = zip(verdicts["claim"], verdicts["case"], strict=True)
    return verdicts.assign(depends_on_rate=[case in on_rate for case in cases])


def side_by_side(
    study: Study, first: pd.DataFrame, again: pd.DataFrame
) -> pd.DataFrame:
    """One row for each case: its kind, its verdicts from both sets of seeds, its flags.

    The flags are those of the first seeds.
    """
    kinds = {claim.id: claim.kind for claim in study.claims}
    cases = first[[*CASE, *SHOWN, *FLAGS]].merge(
        again[[*CASE, *SHOWN]], on=CASE, suffixes=("", "_again")
    )
    return cases.assign(
        is_empirical=cases["claim"].map(kinds) == Kind.EMPIRICAL,
        is_flagged=cases[FLAGS].any(axis=1),
        repeats=cases["verdict"] == cases["verdict_again"],
    )


def told(cases: pd.DataFrame) -> str:
    """How many verdicts repeat, and those that do not."""
    cases = cases[cases["is_empirical"] & (cases["verdict"] != "not measured")]
    if cases.empty:
        return "  no empirical claim was measured"
    lines = [
        f"  {row.claim}: {row.case}: {row.verdict} ({row.estimate:.4g} [{row.low:.4g}, "
        f"{row.high:.4g}], {row.n} seeds), again {row.verdict_again} "
        f"({row.estimate_again:.4g} [{row.low_again:.4g}, {row.high_again:.4g}], "
        f"{row.n_again} seeds){', flagged' if row.is_flagged else ''}"
        for row in cases[~cases["repeats"]].itertuples()
    ]
    firm = cases[~cases["is_flagged"]]
    decided = ("supported", "contradicted")
    opposite = cases[
        ~cases["repeats"]
        & cases["verdict"].isin(decided)
        & cases["verdict_again"].isin(decided)
    ]
    lines.append(
        f"  {cases['repeats'].sum()} of {len(cases)} verdicts on empirical claims repeat "
        f"({cases['repeats'].mean():.0%}); of those without a flag "
        f"{firm['repeats'].sum()} of {len(firm)}; {len(opposite)} are the opposite one"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
