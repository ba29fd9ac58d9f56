"""What the quick profile would take as a plain loop of `model.fit`.

Times a seeded sample of the studies' quick trials in two ways, in one process and one
after the other, and scales both up to the whole profile:

  ours    `population.train` on a whole population, as `python -m studies run` does
  plain   what a Keras user would write for one trial: build, compile, fit with a
          callback that looks at every layer, evaluate

A kind is what the cost of a trial depends on: architecture, depth, width, epochs and
penalty. Of each kind N populations are drawn, which differ in their activation, and
from each of them one trial for the plain loop.
"""

import argparse
import os
import platform
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The studies are no installed package: they stand beside this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import pandas as pd
import tensorflow as tf

from benchmarks.fit_loop import duration, fit_one, note, positive, timed
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.theory.gain import gain
from studies import STUDIES

# The sample and its times --------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What one sampled population took, and one trial of it as a plain loop."""

    kind: str
    num_members: int
    ours: float
    ours_processor: float
    plain: float
    plain_processor: float


def quick_trials() -> list[Trial]:
    """The trials of all studies, each once."""
    every = [t for study in STUDIES.values() for t in study.trials["quick"]()]
    return list(dict.fromkeys(every))


def kind_of(trial: Trial) -> str:
    penalty = ", L1" if trial.activity_l1 else ""
    return f"{trial.architecture} {trial.depth}x{trial.width}, {trial.epochs} epochs{penalty}"


def by_kind(trials: Sequence[Trial]) -> dict[str, list[list[Trial]]]:
    """The populations of each kind, as `population.train` would make them."""
    kinds: dict[str, list[list[Trial]]] = defaultdict(list)
    for members in training.populations(trials):
        kinds[kind_of(members[0])].append(members)
    return dict(sorted(kinds.items()))


def time_kind(
    kind: str, populations: Sequence[list[Trial]], *, sample: int, seed: int
) -> list[Timing]:
    # A stream for each kind, so that --kind leaves the draws of the others alone.
    rng = random.Random(f"{seed} {kind}")
    timings = []
    for members in rng.sample(list(populations), min(sample, len(populations))):
        trial = rng.choice(members)
        dataset = datasets.load_for(trial)
        gains = {name: gain(name) for name in ("linear", trial.activation)}
        ours = timed(lambda members=members: training.train(members))
        plain = timed(
            lambda trial=trial, dataset=dataset, gains=gains: fit_one(
                trial, dataset, gains
            )
        )
        timings.append(
            Timing(
                kind=kind,
                num_members=len(members),
                ours=ours[0],
                ours_processor=ours[1],
                plain=plain[0],
                plain_processor=plain[1],
            )
        )
        note(
            f"{kind}, {trial.activation}: ours {ours[0]:.1f} s for {len(members)} "
            f"trials, plain {plain[0]:.1f} s for one"
        )
    return timings


def warm_up() -> None:
    """What a process does once, and neither way should pay for."""
    trial = Trial(depth=1, width=4, epochs=2, batch_size=32)  # enough steps for XLA
    training.train([trial])
    gains = {name: gain(name) for name in ("linear", trial.activation)}
    fit_one(trial, datasets.load_for(trial), gains)


# The result ----------------------------------------------------------------------------


def extrapolate(
    timings: Sequence[Timing], kinds: dict[str, list[list[Trial]]]
) -> pd.DataFrame:
    """One row for each kind: what was timed, and what all of its trials would take."""
    timed_frame = pd.DataFrame([vars(t) for t in timings])
    rows = []
    for kind, populations in kinds.items():
        seen = timed_frame[timed_frame["kind"] == kind]
        num_trials = sum(map(len, populations))
        members = seen["num_members"].sum()
        rows.append(
            {
                "kind": kind,
                "trials": num_trials,
                "timed": f"{len(seen)}/{len(populations)}",
                "ours_each": seen["ours"].sum() / members,
                "plain_each": seen["plain"].mean(),
                "ours": seen["ours"].sum() / members * num_trials,
                "plain": seen["plain"].mean() * num_trials,
                "ours_processor": seen["ours_processor"].sum() / members * num_trials,
                "plain_processor": seen["plain_processor"].mean() * num_trials,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.assign(ratio=frame["plain"] / frame["ours"])


def describe(frame: pd.DataFrame, *, sample: int, seed: int, is_whole: bool) -> str:
    ours, plain = frame["ours"].sum(), frame["plain"].sum()
    processor_ratio = frame["plain_processor"].sum() / frame["ours_processor"].sum()
    shown = frame.assign(
        ours_each=frame["ours_each"].map("{:.3f}".format),
        plain_each=frame["plain_each"].map("{:.2f}".format),
        ours=frame["ours"].map("{:,.0f}".format),
        plain=frame["plain"].map("{:,.0f}".format),
        ratio=frame["ratio"].map("{:.0f}".format),
    )
    columns = {
        "kind": "kind",
        "trials": "trials",
        "timed": "timed",
        "ours_each": "ours s/trial",
        "plain_each": "plain s/trial",
        "ours": "ours s",
        "plain": "plain s",
        "ratio": "ratio",
    }
    what = "the quick profile" if is_whole else "the chosen kinds of the quick profile"
    return f"""
{shown[list(columns)].rename(columns=columns).to_string(index=False)}

timed          populations timed / populations of the kind (--sample {sample} --seed {seed})
ours s/trial   time of the timed populations / number of their trials; with compilation
plain s/trial  mean time of one trial from each timed population; with compilation
ours s         ours s/trial x trials: extrapolated, not run
plain s        plain s/trial x trials: extrapolated, not run
ratio          plain s / ours s

All {frame["trials"].sum():,} trials of {what}, extrapolated: ours {duration(ours)}, \
plain {duration(plain)}.
Ratio: {plain / ours:.1f} by the clock, {processor_ratio:.1f} in processor time.

Both ran in turn in one process with TensorFlow's own threads, after an untimed warm-up;
start of the process and storage are left out. The plain loop does less per trial: two
measures per layer, where ours takes all, and no evaluation on the training split.
{platform.python_implementation()} {platform.python_version()}, Keras {keras.__version__}, \
TensorFlow {tf.__version__}, {os.cpu_count()} cores."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sample",
        type=positive,
        default=2,
        metavar="N",
        help="populations to time of each kind (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="S",
        help="draws the sample; the same seed draws the same one (default: %(default)s)",
    )
    parser.add_argument(
        "--kind",
        metavar="TEXT",
        help="time only kinds whose name contains TEXT, such as 'mlp 5x'; the result "
        "is then about these (default: all)",
    )
    parser.add_argument(
        "--list", action="store_true", help="list the kinds and time nothing"
    )
    arguments = parser.parse_args()

    every = by_kind(quick_trials())
    kinds = {k: p for k, p in every.items() if (arguments.kind or "") in k}
    if not kinds:
        parser.error(
            f"no kind contains {arguments.kind!r}; there are: {'; '.join(every)}"
        )
    if arguments.list:
        for kind, populations in kinds.items():
            num_trials = sum(map(len, populations))
            print(f"{kind}: {num_trials:,} trials in {len(populations)} populations")
        return 0
    warm_up()
    timings = [
        timing
        for kind, populations in kinds.items()
        for timing in time_kind(
            kind, populations, sample=arguments.sample, seed=arguments.seed
        )
    ]
    print(
        describe(
            extrapolate(timings, kinds),
            sample=arguments.sample,
            seed=arguments.seed,
            is_whole=len(kinds) == len(every),
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
