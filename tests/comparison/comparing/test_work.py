"""What is trained, kept and told if something fails or is interrupted."""

import pytest

from keras_rectifiers.comparison.comparing.experiment import Experiment
from keras_rectifiers.comparison.comparing.progress import Progress
from keras_rectifiers.comparison.comparing.work import Work, carry_out
from keras_rectifiers.comparison.trials.store import Store
from tests.comparison.comparing.made_up_work import build_model, experiment
from tests.comparison.running.dask_clusters import in_threads

QUIET = {"workers": 1, "progress": Progress(4, verbose=False)}


@pytest.fixture
def trained(monkeypatch) -> list[str]:
    """Notes the parts that are trained, and fails or is interrupted at one of them."""
    parts = []
    train = Experiment.train

    def noted(self, part, **settings):
        parts.append(str(part))
        if part.activation in FAILING:
            raise FAILING[part.activation]
        return train(self, part, **settings)

    monkeypatch.setattr(Experiment, "train", noted)
    FAILING.clear()
    return parts


FAILING: dict[str, BaseException] = {}


def assert_same_losses(one: Work, other: Work) -> None:
    found, expected = (
        work.tables.trials.set_index("key")["test_loss"] for work in (one, other)
    )
    assert set(found.index) == set(expected.index)
    assert (found[expected.index] - expected).abs().max() < 1e-5


def test_all_parts_are_trained_into_tables():
    made = experiment()
    work = carry_out(made, store=None, **QUIET)
    assert set(work.tables.trials["key"]) == made.keys()
    assert work.failures == {} and not work.is_interrupted


def test_what_the_store_has_is_not_trained_again(tmp_path, trained):
    made = experiment()
    store = Store(tmp_path / "out")
    store.prepare()
    first = carry_out(made, store=store, **QUIET)
    assert trained == ["relu, seeds 0 to 1", "tanh, seeds 0 to 1"]
    again = carry_out(experiment(), store=Store(tmp_path / "out"), **QUIET)
    assert len(trained) == 2
    assert first.tables.trials.equals(again.tables.trials)
    assert first.tables.measurements.equals(again.tables.measurements)
    # More seeds: only the new ones.
    carry_out(experiment(seeds=[0, 1, 2]), store=store, **QUIET)
    assert trained[2:] == ["relu, seed 2", "tanh, seed 2"]


def test_the_tables_of_a_store_are_those_in_memory(tmp_path):
    made = experiment()
    store = Store(tmp_path / "out")
    store.prepare()
    kept = carry_out(made, store=store, **QUIET).tables.trials
    here = carry_out(made, store=None, **QUIET).tables.trials.sort_values("key")
    assert kept["test_accuracy"].tolist() == here["test_accuracy"].tolist()


def test_an_activation_that_fails_does_not_stop_the_others(trained):
    FAILING["relu"] = ValueError("no such layer")
    made = experiment(build_model, "tanh", "elu", rates=[0.1] * 1)
    work = carry_out(made, store=None, **QUIET)
    assert set(work.tables.trials["activation"]) == {"tanh", "elu"}
    assert list(work.failures) == ["relu"]
    assert "ValueError: no such layer" in work.failures["relu"]


def test_what_was_finished_before_an_interrupt_is_given(tmp_path, trained):
    FAILING["tanh"] = KeyboardInterrupt()
    store = Store(tmp_path / "out")
    store.prepare()
    for place in (None, store):
        work = carry_out(experiment(), store=place, **QUIET)
        assert work.is_interrupted
        assert set(work.tables.trials["activation"]) == {"relu"}
    FAILING.clear()
    carry_out(experiment(), store=store, **QUIET)
    assert trained[-1] == "tanh, seeds 0 to 1"


def test_the_workers_of_a_scheduler_give_the_same_tables():
    made = experiment()
    here = carry_out(made, store=None, **QUIET)
    with in_threads(1) as cluster:
        there = carry_out(
            made,
            store=None,
            workers=cluster.scheduler_address,
            progress=QUIET["progress"],
        )
    assert there.failures == {}
    assert_same_losses(there, here)


@pytest.mark.slow
def test_worker_processes_give_the_same_tables():
    """Over 10 s: each worker loads TensorFlow."""

    def in_closure(activation):  # workers cannot import it
        return build_model(activation)

    made = experiment(in_closure)
    here = carry_out(made, store=None, **QUIET)
    there = carry_out(made, store=None, workers=2, progress=QUIET["progress"])
    assert there.failures == {}
    assert_same_losses(there, here)
