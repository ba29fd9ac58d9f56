"""Records of failures: kept until every trial of theirs is finished."""

import pytest

from keras_rectifiers.comparison.trials import failures
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.trials.full_disk import files_up_to
from tests.comparison.trials.made_up_tables import made_up_tables

TRIALS = {f"{seed:024x}": Trial(seed=seed) for seed in range(3)}
ERROR = 'Traceback (most recent call last):\n  File "x", line 1\nOSError: out of luck\n'


def test_what_is_recorded_is_read_again_with_its_trials_as_text(store):
    path = failures.record(store, ERROR, TRIALS)
    assert path is not None and path.parent == store.folder / "failures"
    (failure,) = failures.read(store, ())
    assert (failure.path, failure.error) == (path, ERROR.rstrip("\n"))
    assert failure.trials == {key: repr(trial) for key, trial in TRIALS.items()}
    assert failure.message == "OSError: out of luck"


def test_only_trials_that_are_not_finished_still_count_as_failed(store):
    failures.record(store, ERROR, TRIALS)
    first, *others = TRIALS
    (failure,) = failures.read(store, {first, "f" * 24})
    assert list(failure.trials) == others
    assert failures.read(store, set(TRIALS)) == []


def test_the_same_trials_have_one_record_and_others_have_another(store):
    first = failures.record(store, "first", TRIALS)
    assert failures.record(store, "second", TRIALS) == first
    one = dict(list(TRIALS.items())[:1])
    assert failures.record(store, "third", one) != first
    errors = {
        failure.error: len(failure.trials) for failure in failures.read(store, ())
    }
    assert errors == {"second": 3, "third": 1}


def test_a_record_is_forgotten_when_the_last_of_its_trials_is_finished(store):
    path = failures.record(store, ERROR, TRIALS)
    first, *others = TRIALS
    store.write(made_up_tables(first))
    failures.forget(store)
    assert path.exists()
    store.write(made_up_tables(*others))
    failures.forget(store)
    assert not path.exists()


def test_a_store_without_records_has_no_failures_and_gets_no_folder(store):
    assert failures.read(store, ()) == []
    failures.forget(store)
    assert not store.folder.exists()


def test_an_error_in_colours_is_recorded_in_plain_characters(store):
    failures.record(store, "\x1b[31mred\n\tindented", TRIALS)
    (failure,) = failures.read(store, ())
    assert failure.error == "\\x1b[31mred\n\tindented"


def test_a_record_that_another_run_removes_meanwhile_is_passed_over(store, monkeypatch):
    gone = store.folder / "failures" / f"{7:024x}.txt"
    monkeypatch.setattr(failures.results_folder, "records", lambda folder: [gone])
    assert failures.read(store, ()) == []
    failures.forget(store)


@pytest.mark.parametrize(
    ("error", "line"),
    [("a\nb: c\n", "b: c"), ("\n one \n\n", "one"), ("", ""), (" \n", "")],
)
def test_the_message_of_a_failure_is_its_last_line(error, line):
    assert failures.last_line(error) == line


def test_a_record_that_does_not_fit_on_the_disk_is_no_half_record(store):
    error = "out of luck\n" * 1000
    record = failures.record(store, "first", TRIALS)
    before = record.read_text()
    with files_up_to(2000):
        assert failures.record(store, error, TRIALS) is None
    assert list(record.parent.iterdir()) == [record]
    assert record.read_text() == before
