"""What every study keeps to, whatever it claims."""

import dataclasses

import pandas as pd
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_error
from keras_rectifiers.comparison.trials.recipes import RECIPES
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Kind
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import STUDIES
from tests.studies.made_up_studies import (
    WHOLE,
    made_up_tables,
    made_up_trials,
    plausible_tables,
)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_what_a_study_says_of_its_figures_names_what_is_there(study):
    claims = {claim.id for claim in study.claims}
    figures = [figure.name for figure in study.figures]
    assert len(set(figures)) == len(figures)
    assert {claim for figure in study.figures for claim in figure.claims} <= claims
    assert study.key_figure in ("", *figures)


def test_properties_have_names_and_titles_of_their_own_and_lead_to_claims():
    properties = [judged for study in STUDIES.values() for judged in study.properties]
    claims = {claim.id for study in STUDIES.values() for claim in study.claims}
    assert len(properties) > 5
    for texts in ([p.name for p in properties], [p.title for p in properties]):
        assert len(set(texts)) == len(texts)
    assert {judged.claim for judged in properties} <= claims
    assert all(p.bad_in_words for p in properties if p.rule)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
@pytest.mark.parametrize("profile", ["quick", "full"])
def test_no_trial_stands_twice_in_a_profile(study, profile):
    trials = study.trials[profile]()
    assert len(trials) == len(set(trials))
    if not study.planned(profile):
        assert profile == "quick" and study.name in WHOLE
        return
    assert len({trial.seed for trial in study.planned(profile)}) >= 20
    for grid in study.grids.get(profile, ()):
        assert len(grid.seeds) >= 20


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_study_without_trials_has_measured_none_of_its_cases(study):
    tables = made_up_tables(study, lambda *_: {}, num_seeds=0)
    frame = judge(study, tables)
    # What is computed needs no trials.
    computed = [claim.id for claim in study.claims if claim.is_computed]
    is_computed = frame["claim"].isin(computed)
    assert set(frame.loc[~is_computed, "verdict"]) == {"not measured"}
    assert "not measured" not in set(frame.loc[is_computed, "verdict"])


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_case_whose_nets_are_not_all_there_is_not_measured(study):
    tables = plausible_tables(study)
    has_value = {
        (claim.id, case)
        for claim in study.claims
        for case, values in claim.effects(tables).items()
        if values.notna().any(axis=None)
    }
    for activation in sorted(set(tables.trials["activation"])):
        is_own = tables.trials["activation"] == activation
        part = tables.only(tables.trials.loc[is_own, "key"])
        for claim in study.claims:
            for case, values in claim.effects(part).items():
                is_lost = len(values) and values.isna().all(axis=None)
                assert not (is_lost and (claim.id, case) in has_value), (claim.id, case)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_claims_and_figures_have_names_of_their_own_and_say_what_they_are(study):
    for parts in (
        [claim.id for claim in study.claims],
        [figure.name for figure in study.figures],
    ):
        assert len(parts) == len(set(parts))
    texts = [study.question, study.method, study.not_shown]
    texts += [t for c in study.claims for t in (c.statement, c.criterion)]
    assert all(claim.sources for claim in study.claims)
    texts += [t for f in study.figures for t in (f.title, f.caption)]
    assert all(texts)
    assert not any("significant" in text for text in texts)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_preconditions_are_told_of_each_seed_of_the_cases_that_they_are_of(study):
    tables = plausible_tables(study)
    for claim in study.claims:
        if claim.precondition is None:
            continue
        effects, holds = claim.effects(tables), claim.precondition.holds(tables)
        assert holds, claim.id
        for case, told in holds.items():
            assert sorted(told.index) == sorted(effects[case].index), (claim.id, case)
            assert told.dtype == bool, (claim.id, case)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_the_nets_of_each_case_are_told_in_words(study):
    tables = plausible_tables(study)
    for claim in study.claims:
        assert claim.nets or claim.kind == Kind.IDENTITY, claim.id
        if isinstance(claim.nets, str):
            continue
        for case in claim.effects(tables):
            assert any(part in case for part in claim.nets), (claim.id, case)


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_what_an_effect_means_ends_as_a_sentence_can_go_on(study):
    for claim in study.claims:
        if claim.in_words:
            said = [claim.in_words(effect) for effect in (-0.5, 0.0, 0.25)]
            assert not [text for text in said if text[-1] in " ,.;"], claim.id


def test_opposite_claims_have_the_same_effects_with_the_other_sign():
    pairs = [
        (study, claim, other)
        for study in STUDIES.values()
        for claim in study.claims
        for other in study.claims
        if claim.opposite_of == other.id
    ]
    assert len(pairs) == 1
    for study, claim, other in pairs:
        tables = plausible_tables(study)
        effects, opposite = claim.effects(tables), other.effects(tables)
        assert list(effects) == list(opposite)
        for case in effects:
            pd.testing.assert_series_equal(effects[case], -opposite[case])


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_the_same_tables_give_the_same_verdicts_byte_for_byte(study, rng):
    tables = plausible_tables(study)
    frames = {
        name: getattr(tables, name).sample(frac=1, random_state=rng)
        for name in ("trials", "measurements", "outputs", "timings")
    }
    found = judge(study, tables)
    # Other tables of the same rows: nothing of them is kept from before.
    assert judge(study, dataclasses.replace(tables)).to_csv() == found.to_csv()
    # Sums in another order may differ in their last bit, which no report shows.
    written = found.to_csv(float_format="%.6g")
    assert judge(study, Tables(**frames)).to_csv(float_format="%.6g") == written


WITH_GRIDS = [study for study in STUDIES.values() if study.grids]


@pytest.mark.parametrize("study", WITH_GRIDS, ids=lambda study: study.name)
def test_the_claims_look_at_the_best_rates_by_the_score_of_their_grid(study):
    tables = plausible_tables(study)
    scores = {grid.score for grid in study.grids[WHOLE.get(study.name, "quick")]}
    trials = tables.trials
    # What nets reach differs by rate, so that another choice is noticed.
    trials = trials.assign(
        test_accuracy=trials["test_accuracy"] - trials["learning_rate"].rank() / 1e5
    )
    tables = dataclasses.replace(tables, trials=trials)
    # By what is not the score, the largest rate would be the best. Equal numbers of
    # epochs are told apart by the loss.
    if scores == {validation_error}:
        trials = trials.assign(validation_loss=-trials["validation_loss"])
    if validation_error not in scores:
        trials = trials.assign(validation_accuracy=1 - trials["validation_accuracy"])
    found = judge(study, dataclasses.replace(tables, trials=trials))
    pd.testing.assert_frame_equal(found, judge(study, tables))
    assert (found["n"] > 0).any()


@pytest.mark.parametrize("study", WITH_GRIDS, ids=lambda study: study.name)
def test_a_net_of_a_grid_has_the_same_rates_wherever_a_study_trains_it(study):
    # Else the rates of another grid would pass for those of its own.
    for profile in study.trials:
        rates = {}
        for grid in study.grids.get(profile, ()):
            for net in grid.nets:
                own = dataclasses.replace(net, learning_rate=1.0, seed=0)
                assert rates.setdefault(own, grid.rates) == grid.rates
        for trial in study.trials[profile]():
            assert dataclasses.replace(trial, learning_rate=1.0, seed=0) not in rates


@pytest.mark.parametrize("study", WITH_GRIDS, ids=lambda study: study.name)
def test_no_study_finds_its_best_rates_by_the_test_split(study, rng):
    tables = plausible_tables(study)
    trials = tables.trials
    noise = {name: rng.random(len(trials)) for name in ("test_accuracy", "test_loss")}
    other = dataclasses.replace(tables, trials=trials.assign(**noise))
    for grid in study.grids[WHOLE.get(study.name, "quick")]:
        keys = [at_best_rate(t, grid.score)["key"] for t in (tables, other)]
        assert list(keys[0]) == list(keys[1])


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_each_kind_of_net_that_a_study_trains_can_be_built(study):
    for trial in kinds(study):
        data = datasets.load_for(trial)
        sites = architectures.activation_sites(architectures.build(trial, data), data)
        assert len(sites) == trial.depth


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_what_a_study_trains_can_be_trained_and_is_measured(study):
    trials = kinds(study)
    tables = training.train(trials)
    assert set(tables.trials["key"]) == {runner.key(trial) for trial in trials}
    measures = {"signal_gradient", "mean_shift", "silent_units"}
    if all(trial.is_recurrent for trial in trials):
        measures = {"signal_gradient"}
    assert measures <= set(tables.measurements["measure"])


def kinds(study: Study) -> list[Trial]:
    """What a study trains, made small: each kind of net once."""

    def epochs(trial: Trial) -> int:
        recipe = RECIPES.get(trial.recipe)
        return min(trial.epochs, 1 + (recipe.first_epochs if recipe else 0))

    shrunk = {
        dataclasses.replace(
            trial,
            # A recurrent net has as many steps as its data.
            depth=trial.depth if trial.is_recurrent else min(2, trial.depth),
            epochs=epochs(trial),
            width=2,
            batch_size=256 if trial.recipe == "standard" else 1,
            probe_size=min(16, trial.probe_size),
            activation="prelu" if trial.activation == "prelu" else "relu",
            learning_rate=1e-3,
            seed=0,
        )
        for trial in made_up_trials(study, num_seeds=1)
    }
    return sorted(shrunk, key=repr)
