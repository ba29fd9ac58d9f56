"""Runs of a study whose trials depend on the results of others."""

import itertools

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import Tuning
from tests.comparison.running.made_up_trials import (
    SMALL,
    TRIALS,
    assert_equal_tables,
    read_all,
)

STAGED = Study(
    name="staged",
    title="",
    question="",
    method="",
    trials={"quick": lambda: TRIALS[:1]},
    claims=(),
    figures=(),
    tunings={
        "quick": [
            Tuning(
                title="MLP",
                nets=[TRIALS[0], TRIALS[4]],
                rates=(0.01, 0.1, 1.0),
                common_rate=0.01,
                seeds=(0, 1),
                num_tuning_seeds=2,
                num_rounds=1,
            )
        ]
    },
)


def train_staged(store) -> list[runner.Event]:
    """Runs a study to its end, as the command line does."""
    trials = set(runner.wanted(STAGED, "quick", store))

    def more():
        new = [t for t in runner.wanted(STAGED, "quick", store) if t not in trials]
        trials.update(new)
        return runner.missing(new, store)

    return list(runner.run(runner.missing(list(trials), store), store, more=more))


def rates(trials) -> dict[str, list[float]]:
    return {
        name: sorted({t.learning_rate for t in trials if t.activation == name})
        for name in ("relu", "tanh")
    }


def test_a_study_whose_trials_depend_on_others_runs_to_its_end(store, trained):
    first = runner.wanted(STAGED, "quick", store)
    assert {trial.seed for trial in first[:-1]} == {TUNING_SEEDS, TUNING_SEEDS + 1}
    assert first[-1] == TRIALS[0]
    train_staged(store)
    wanted = runner.wanted(STAGED, "quick", store)
    assert runner.missing(wanted, store) == []
    assert sorted(itertools.chain(*trained), key=repr) == sorted(wanted, key=repr)
    # The best rate of tanh lies at the end, so the grid grows for both.
    grid = [0.01, 0.1, 1.0, 10.0]
    searched = [trial for trial in wanted if trial.seed >= TUNING_SEEDS]
    assert rates(searched) == {"relu": grid, "tanh": grid}
    reported = [t for t in wanted if t.seed < TUNING_SEEDS and t != TRIALS[0]]
    assert rates(reported) == {"relu": [0.01, 0.1], "tanh": [0.01, 1.0]}
    assert train_staged(store) == []


def test_a_study_that_was_interrupted_in_its_search_goes_on_to_the_same_trials(
    store, trained, tmp_path
):
    train_staged(store)
    undisturbed = runner.wanted(STAGED, "quick", store)
    other = Store(tmp_path / "other")
    first = runner.missing(runner.wanted(STAGED, "quick", other), other)
    next(runner.run(first, other))
    list(runner.run(first[:1], other))
    train_staged(other)
    assert runner.wanted(STAGED, "quick", other) == undisturbed
    assert_equal_tables(read_all(other, undisturbed), read_all(store, undisturbed))


def test_what_the_choice_of_rates_waits_for_is_trained_first(store):
    costly = Trial(depth=50, **SMALL)
    searched = Trial(depth=2, seed=TUNING_SEEDS, **SMALL)
    work = runner.missing([costly, searched], store)
    assert [item.trials for item in work] == [(searched,), (costly,)]


def test_a_failed_search_ends_the_run_without_trials_that_would_depend_on_it(
    store, trained, monkeypatch
):
    train = training.train

    def without_tanh(trials):
        if trials[0].activation == "tanh":
            raise RuntimeError("no tanh today")
        return train(trials)

    monkeypatch.setattr(training, "train", without_tanh)
    events = train_staged(store)
    assert [e.kind for e in events].count("failed") == 1
    wanted = runner.wanted(STAGED, "quick", store)
    assert {t.seed for t in wanted} == {0, TUNING_SEEDS, TUNING_SEEDS + 1}
