"""The profiles: how much is trained, and on which data sets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from keras_rectifiers.comparison import datasets
from keras_rectifiers.comparison.population import plan
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.study import Study
from keras_rectifiers.comparison.trial import Trial

# The data set that the trials of the studies are written for.
EMBEDDED = "digits"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a profile puts in place of the digits.

    Args:
        datasets: the data sets that its studies are on, one after the other.
        train_size: number of training examples that are taken of a data set that has
            more; 0 takes all.
    """

    datasets: Sequence[str]
    train_size: int


PROFILES = {
    "quick": Profile(datasets=(EMBEDDED,), train_size=1000),
    "standard": Profile(datasets=("mnist", "fashion_mnist"), train_size=1000),
    "full": Profile(datasets=("cifar10", "cifar100"), train_size=0),
}


def on(study: Study, profile: str, dataset: str) -> Study:
    """Returns a study with one profile, on a data set in place of the digits.

    Raises:
        ValueError: if there is no such data set, or it is not as it should be.
    """
    train_size = 0
    if dataset != EMBEDDED:
        most = PROFILES[profile].train_size
        there = datasets.describe(Trial(dataset=dataset, batch_size=1, probe_size=1))
        train_size = most if there.num_train > most else 0

    def moved(trial: Trial) -> Trial:
        if dataset == EMBEDDED or trial.dataset != EMBEDDED:
            return trial
        return replace(trial, dataset=dataset, train_size=train_size)

    return replace(
        study,
        dataset=dataset,
        trials={profile: lambda: list(map(moved, study.trials[profile]()))},
        tunings={
            profile: [
                replace(tuning, nets=list(map(moved, tuning.nets)))
                for tuning in study.tunings.get(profile, ())
            ]
        },
    )


def expected(studies: Sequence[Study], profile: str, tables: Tables) -> list[Trial]:
    """Lists as many trials, of such nets, as a profile will have.

    Args:
        studies, profile: which.
        tables: the finished trials that choose learning rates. At which rate a net does
            best is not known before: another one of the grid, which is not widened,
            stands for it.
    """
    trials = []
    for study in studies:
        trials += study.trials[profile]()
        for tuning in study.tunings.get(profile, ()):
            trials += tuning.expected(tables)
    return list(dict.fromkeys(trials))


def seconds(trials: Sequence[Trial]) -> float:
    """Estimates how long trials take on a computer with two cores."""
    return sum(map(plan.cost, plan.populations(trials)))
