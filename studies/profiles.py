"""The profiles: how much is trained, and on which data sets."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.training import plan
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.timing_plan import TimingPlan
from keras_rectifiers.comparison.trials.trial import Trial

# The data set that the trials of the studies are written for.
EMBEDDED = "digits"

# From there on, benchmarks/replicate.py takes its seeds.
MOST_SEEDS = 10_000


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The data sets of a profile, which replace the digits.

    Args:
        datasets: the data sets on which its studies run, one after the other.
        train_size: number of training examples to use from larger data sets; 0 for all.
    """

    datasets: Sequence[str]
    train_size: int


# The architectures that would take weeks without a GPU.
NEED_GPU = ("nin_lin",)

PROFILES = {
    "quick": Profile(datasets=(EMBEDDED,), train_size=1000),
    "standard": Profile(datasets=("mnist", "fashion_mnist"), train_size=1000),
    "full": Profile(datasets=("cifar10", "cifar100"), train_size=0),
}


def data_of(study: Study, profile: str) -> Profile:
    """The data sets of a study in a profile, and how many examples of them are used."""
    return study.data.get(profile, PROFILES[profile])


def on(study: Study, profile: str, dataset: str) -> Study:
    """Returns a study with one profile, on a data set instead of the digits.

    The seed of each net that is trained also splits its data, so that what is measured
    over seeds includes the chance of the examples. Nets that are only measured share
    one probe batch.

    Trials for which the data are not suitable are left out and listed in
    `Study.left_out`: convolutional and recurrent nets if the data are not images, and batches larger
    than the training set. If there are few examples, the probe batch contains all of
    them.

    Raises:
        ValueError: if the data set does not exist or is not valid.
    """
    most = 0 if dataset == EMBEDDED else data_of(study, profile).train_size
    there = datasets.describe(Trial(dataset=dataset, batch_size=1, probe_size=1))
    train_size = most if there.num_train > most >= there.num_classes else 0
    num_train = train_size or there.num_train
    without_images = len(there.input_shape) != 3

    def needs_images(trial: Trial) -> bool:
        return without_images and (trial.is_convolutional or trial.is_recurrent)

    def needs_more(trial: Trial) -> bool:
        return trial.batch_size > num_train

    def moved(trials: Iterable[Trial]) -> list[Trial]:
        found = []
        for trial in trials:
            if trial.dataset == EMBEDDED:
                if needs_images(trial) or needs_more(trial):
                    continue
                trial = replace(
                    trial,
                    dataset=dataset,
                    train_size=train_size,
                    probe_size=min(trial.probe_size, num_train),
                    # Images are read row by row.
                    depth=there.input_shape[0] if trial.is_recurrent else trial.depth,
                )
            split = "by_seed" if trial.epochs else "fixed"
            found.append(replace(trial, split=split))
        return list(dict.fromkeys(found))

    def timed(plan: TimingPlan) -> TimingPlan:
        nets = {name: net for name in plan.nets for net in moved([plan.nets[name]])}
        return replace(plan, nets=nets)

    grids = study.grids.get(profile, ())
    before = [*study.trials[profile](), *(net for grid in grids for net in grid.nets)]
    before = [trial for trial in before if trial.dataset == EMBEDDED]
    lacking = []
    kinds = {
        "recurrent" if trial.is_recurrent else "convolutional"
        for trial in filter(needs_images, before)
    }
    if kinds:
        lacking.append(f"{' and '.join(sorted(kinds))} nets, which need images")
    if any(map(needs_more, before)):
        lacking.append(f"batches of more than the {num_train:,} training examples")
    return replace(
        study,
        dataset=dataset,
        trials={profile: lambda: moved(study.trials[profile]())},
        grids={
            profile: [
                replace(grid, nets=nets) for grid in grids if (nets := moved(grid.nets))
            ]
        },
        timings={
            name: timed(plan) for name, plan in study.timings.items() if name == profile
        },
        left_out=f"Not measured on these data: {', and '.join(lacking)}."
        if lacking
        else "",
    )


def needs_gpu(study: Study, profile: str) -> bool:
    """Whether some trials of a study are only run where a GPU is found."""
    return any(trial.architecture in NEED_GPU for trial in study.planned(profile))


def without_gpu(study: Study, profile: str) -> Study:
    """Returns a study without the trials that need a GPU, listed in `left_out`."""
    if not needs_gpu(study, profile):
        return study

    def kept(trials: Sequence[Trial]) -> list[Trial]:
        return [trial for trial in trials if trial.architecture not in NEED_GPU]

    text = (
        "Not measured: the network in network of Lin 2013, which is trained only where "
        "Keras finds a GPU."
    )
    return replace(
        study,
        trials={profile: lambda: kept(study.trials[profile]())},
        grids={
            profile: [
                replace(grid, nets=nets)
                for grid in study.grids.get(profile, ())
                if (nets := kept(grid.nets))
            ]
        },
        left_out=f"{study.left_out} {text}".strip(),
    )


def part(
    study: Study, profile: str, *, num_seeds: int = 0, activations: Collection[str] = ()
) -> Study:
    """Returns a study with other seeds, or with the nets of some activations only.

    Args:
        study, profile: the study and the profile.
        num_seeds: each net gets the seeds 0 to `num_seeds - 1`; 0 keeps the seeds of
            the profile.
        activations: the names of the activations; empty for all.
    """
    if not num_seeds and not activations:
        return study

    def kept(nets: Sequence[Trial]) -> list[Trial]:
        return [net for net in nets if not activations or net.activation in activations]

    trials = kept(study.trials[profile]())
    grids = [
        replace(grid, nets=nets)
        for grid in study.grids.get(profile, ())
        if (nets := kept(grid.nets))
    ]
    options = []
    if num_seeds:
        unseeded = dict.fromkeys(replace(trial, seed=0) for trial in trials)
        trials = [
            replace(net, seed=seed) for net in unseeded for seed in range(num_seeds)
        ]
        grids = [replace(grid, seeds=range(num_seeds)) for grid in grids]
        options += ["--seeds", str(num_seeds)]
    if activations:
        options += ["--activations", *sorted(activations)]
    return replace(
        study,
        trials={profile: lambda: trials},
        grids={profile: grids},
        options=(*study.options, *options),
    )


def seconds(trials: Sequence[Trial]) -> float:
    """Estimates how long trials take on a computer with two cores."""
    return sum(map(plan.cost, plan.populations(trials)))
