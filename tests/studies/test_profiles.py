"""The profiles put their data sets in place of the digits."""

import dataclasses

import pytest

from keras_rectifiers.comparison.data import published
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from studies import STUDIES, profiles
from tests.studies.made_up_data import saved

STUDY = Study(
    name="tiny",
    title="",
    question="",
    method="",
    trials={"standard": lambda: [Trial(seed=3), Trial(dataset="ring")]},
    claims=(),
    figures=(),
    grids={
        "standard": [
            RateGrid(
                title="All",
                nets=[Trial(depth=2), Trial(depth=3)],
                rates=(0.1, 0.2, 0.3),
                seeds=range(4),
            )
        ]
    },
)


def test_a_study_moves_to_another_data_set_but_for_its_points_in_the_plane(large):
    moved = profiles.on(STUDY, "standard", large)
    there = {"dataset": large, "train_size": 1000}
    assert moved.dataset == large
    there["split"] = "by_seed"
    assert moved.trials["standard"]() == [
        Trial(seed=3, **there),
        Trial(dataset="ring", split="by_seed"),
    ]
    (grid,) = moved.grids["standard"]
    assert grid.nets == (Trial(depth=2, **there), Trial(depth=3, **there))


def test_a_small_data_set_is_taken_whole(tmp_path):
    small = saved(tmp_path / "small.npz", num_train=300)
    assert profiles.on(STUDY, "standard", small).trials["standard"]()[0] == Trial(
        dataset=small, seed=3, split="by_seed"
    )


def test_a_study_may_have_data_sets_and_a_number_of_examples_of_its_own(large):
    own = profiles.Profile(datasets=("cifar10",), train_size=600)
    study = dataclasses.replace(STUDY, data={"standard": own})
    assert profiles.data_of(study, "standard") == own
    assert profiles.data_of(STUDY, "standard") == profiles.PROFILES["standard"]
    moved = profiles.on(study, "standard", large)
    assert {t.train_size for t in moved.trials["standard"]()} == {600, 0}
    assert {net.train_size for net in moved.grids["standard"][0].nets} == {600}


def test_without_a_gpu_the_nets_that_need_one_are_left_out_and_listed():
    needy = Trial(architecture="nin_lin", depth=8, width=192)
    (grid,) = STUDY.grids["standard"]
    both = dataclasses.replace(grid, nets=[Trial(depth=2), needy])
    alone = dataclasses.replace(grid, nets=[needy])
    study = dataclasses.replace(
        STUDY,
        trials={"standard": lambda: [Trial(seed=3), needy]},
        grids={"standard": [both, alone]},
        left_out="Something.",
    )
    assert profiles.needs_gpu(study, "standard")
    rest = profiles.without_gpu(study, "standard")
    assert rest.trials["standard"]() == [Trial(seed=3)]
    assert [grid.nets for grid in rest.grids["standard"]] == [(Trial(depth=2),)]
    assert rest.left_out == (
        "Something. Not measured: the network in network of Lin 2013, which is trained "
        "only where Keras finds a GPU."
    )
    assert not profiles.needs_gpu(rest, "standard")
    assert profiles.without_gpu(rest, "standard") is rest


def test_the_whole_of_a_data_set_is_taken_in_the_full_profile(large):
    study = profiles.on(
        Study(**vars(STUDY) | {"trials": {"full": lambda: [Trial()]}}), "full", large
    )
    assert study.trials["full"]() == [Trial(dataset=large, split="by_seed")]
    assert study.grids["full"] == []


def test_on_the_digits_only_the_seeds_come_to_split_the_data_of_trained_nets():
    untrained = Trial(epochs=0)
    study = dataclasses.replace(
        STUDY, trials={"standard": lambda: [*STUDY.trials["standard"](), untrained]}
    )
    same = profiles.on(study, "standard", "digits")
    own = {"split": "by_seed"}
    assert same.trials["standard"]() == [
        *(dataclasses.replace(t, **own) for t in STUDY.trials["standard"]()),
        untrained,
    ]
    (grid,), (before,) = same.grids["standard"], STUDY.grids["standard"]
    assert grid.nets == tuple(dataclasses.replace(n, **own) for n in before.nets)
    assert (grid.rates, grid.seeds) == (before.rates, before.seeds)


def test_a_study_with_other_seeds_has_them_at_every_rate():
    few = profiles.part(STUDY, "standard", num_seeds=3)
    assert few.trials["standard"]() == [
        *(Trial(seed=seed) for seed in range(3)),
        *(Trial(dataset="ring", seed=seed) for seed in range(3)),
    ]
    (grid,) = few.grids["standard"]
    assert {(t.learning_rate, t.seed) for t in grid.trials()} == {
        (rate, seed) for rate in (0.1, 0.2, 0.3) for seed in range(3)
    }


@pytest.mark.parametrize("profile", profiles.PROFILES)
def test_every_study_has_every_profile(profile):
    for study in STUDIES.values():
        assert profile in study.trials


def test_the_quick_profile_trains_more_than_3000_nets():
    trials = {t for study in STUDIES.values() for t in study.planned("quick")}
    assert sum(trial.epochs > 0 for trial in trials) > 3000
    # None of its data has to be downloaded.
    assert {trial.dataset for trial in trials} <= {"digits", *published.GENERATED}


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_the_seeds_of_a_profile_are_those_from_0_on(study):
    # Else `--seeds` with its own number would ask for other trials.
    for profile in study.trials:
        numbers = {trial.seed for trial in study.trials[profile]()}
        assert numbers == set(range(len(numbers)))
        for grid in study.grids.get(profile, ()):
            assert list(grid.seeds) == list(range(len(grid.seeds)))
