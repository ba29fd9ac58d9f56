"""The profiles put their data sets in place of the digits."""

import dataclasses

import pytest

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import Tuning
from studies import STUDIES, profiles
from tests.studies.made_up_data import saved
from tests.studies.made_up_studies import tables_of

STUDY = Study(
    name="tiny",
    title="",
    question="",
    method="",
    trials={"standard": lambda: [Trial(seed=3), Trial(dataset="ring")]},
    claims=(),
    figures=(),
    tunings={
        "standard": [
            Tuning(
                title="All",
                nets=[Trial(depth=2), Trial(depth=3)],
                rates=(0.1, 0.2, 0.3),
                common_rate=0.1,
                seeds=range(4),
                num_tuning_seeds=2,
            )
        ]
    },
)


def test_a_study_moves_to_another_data_set_but_for_its_points_in_the_plane(large):
    moved = profiles.on(STUDY, "standard", large)
    there = {"dataset": large, "train_size": 1000}
    assert moved.dataset == large
    assert moved.trials["standard"]() == [Trial(seed=3, **there), Trial(dataset="ring")]
    (tuning,) = moved.tunings["standard"]
    assert tuning.nets == (Trial(depth=2, **there), Trial(depth=3, **there))


def test_a_small_data_set_is_taken_whole(tmp_path):
    small = saved(tmp_path / "small.npz", num_train=300)
    assert profiles.on(STUDY, "standard", small).trials["standard"]()[0] == Trial(
        dataset=small, seed=3
    )


def test_the_whole_of_a_data_set_is_taken_in_the_full_profile(large):
    study = profiles.on(
        Study(**vars(STUDY) | {"trials": {"full": lambda: [Trial()]}}), "full", large
    )
    assert study.trials["full"]() == [Trial(dataset=large)]
    assert study.tunings["full"] == []


def test_on_the_digits_a_study_stays_as_it_is():
    same = profiles.on(STUDY, "standard", "digits")
    assert same.trials["standard"]() == STUDY.trials["standard"]()
    assert same.tunings["standard"] == STUDY.tunings["standard"]


NONE = Tables.empty()


def test_the_number_of_trials_is_known_before_the_rates_are():
    # 2 nets: 2 seeds at each of 3 rates, and 4 at the best and at the common one.
    assert len(profiles.expected([STUDY, STUDY], "standard", NONE)) == 2 + 2 * (
        2 * 3 + 4 * 2
    )


def test_what_is_expected_once_the_rates_are_known_is_what_is_reported():
    (tuning,) = STUDY.tunings["standard"]
    search = tuning.search(NONE)
    keys = [f"{i}" for i in range(len(search))]
    # The best rate is the common one, and the grid widens below it once, and once more.
    tables = tables_of(search, keys, lambda *_: {}, lambda *_: {}, lambda _: (), {})
    assert not tuning.reports(tables)
    fixed = dataclasses.replace(tuning, num_rounds=0)
    found = fixed.expected(tables)
    assert set(found) == {*search, *fixed.reports(tables)}
    assert len(found) == len(search) + 2 * 4


@pytest.mark.parametrize("profile", profiles.PROFILES)
def test_every_study_has_every_profile(profile):
    for study in STUDIES.values():
        assert profile in study.trials


def test_the_quick_profile_trains_more_than_3000_nets():
    trials = profiles.expected(list(STUDIES.values()), "quick", NONE)
    assert sum(trial.epochs > 0 for trial in trials) > 3000
    assert {trial.dataset for trial in trials} == {"digits", "checkerboard"}


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_the_seeds_of_a_profile_are_those_from_0_on(study):
    # Else `--seeds` with its own number would ask for other trials.
    for profile in study.trials:
        trials = study.trials[profile]()
        numbers = {t.seed for t in trials if profiles.is_reported(t)}
        assert numbers == set(range(len(numbers)))
        for tuning in study.tunings.get(profile, ()):
            assert list(tuning.seeds) == list(range(len(tuning.seeds)))
