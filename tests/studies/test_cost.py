"""The claims of the study of cost, on made-up times with known answers."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import cost
from tests.studies.made_up_studies import made_up_tables, made_up_timings, verdicts
from tests.studies.test_convergence import curves

STUDY = cost.STUDY
PLAN = cost.TIMINGS["quick"]


def tables_of(milliseconds, *, modes=("graph", "XLA"), **epochs):
    """Tables of 30 rounds, whose nets reach the threshold after so many epochs."""
    tables = made_up_tables(STUDY, curves=curves(**epochs))
    timings = made_up_timings(PLAN, milliseconds, modes=modes)
    return dataclasses.replace(tables, timings=timings)


def test_cheaper_means_that_others_take_a_tenth_more_time():
    times = {"relu": 2.0, "tanh": 2.25, "sigmoid": 2.1}
    tables = tables_of(lambda activation, mode: times.get(activation, 1.0))
    found = verdicts(STUDY, tables, "cheap")["cheap"]
    assert len(found) == 2 * 2 * (2 * 2 + 2)
    for case, verdict in found.items():
        assert verdict == ("supported" if "tanh" in case else "contradicted"), case


def test_modes_are_judged_apart():
    def times(activation, mode):
        return 3.0 if (activation, mode) == ("tanh", "XLA") else 1.0

    found = verdicts(STUDY, tables_of(times), "cheap")["cheap"]
    supported = {case for case, verdict in found.items() if verdict == "supported"}
    assert supported == {
        case for case in found if case.startswith("tanh") and case.endswith("XLA")
    }


def test_jax_has_cases_where_it_was_timed():
    def cases(*modes):
        tables = tables_of(lambda *_: 1.0, modes=modes)
        return verdicts(STUDY, tables, "cheap")["cheap"]

    assert not any("JAX" in case for case in cases("graph", "XLA"))
    assert sum("JAX" in case for case in cases("graph", "XLA", "JAX")) == 12


def test_a_round_is_compared_with_itself():
    # Every round takes a hundredth longer than the one before: no ratio changes.
    tables = tables_of(lambda activation, mode: 3.0 if activation == "tanh" else 2.0)
    case = {"part": "dense", "work": "forward", "mode": "graph"}
    np.testing.assert_allclose(cost.doublings(tables, "tanh", **case), np.log2(1.5))
    assert len(cost.doublings(tables, "tanh", **case)) == PLAN.num_rounds


@pytest.mark.parametrize(
    ("relu", "tanh", "step_of_tanh", "verdict"),
    [
        (3, 6, 1.0, "supported"),
        # Twice the epochs, and each in half the time.
        (3, 6, 0.5, "contradicted"),
        (6, 6, 1.3, "supported"),
        (6, 6, 1.0, "contradicted"),
    ],
)
def test_time_is_epochs_times_the_time_of_a_step(relu, tanh, step_of_tanh, verdict):
    def times(activation, mode):
        return step_of_tanh if activation == "tanh" else 1.0

    tables = tables_of(times, relu=relu, tanh=tanh)
    found = verdicts(STUDY, tables, "trains-cheaper")["trains-cheaper"]
    assert found == {"MLP, Adam, graph": verdict, "MLP, Adam, XLA": verdict}


def test_a_net_that_never_gets_there_is_censored_in_time_too():
    tables = tables_of(lambda *_: 1.0, relu=3, tanh=99)
    rows = judge(STUDY, tables, resampling=False)
    row = rows[rows["claim"] == "trains-cheaper"].iloc[0]
    assert (row["verdict"], row["num_censored"]) == ("supported", 10)


def test_without_times_nothing_is_measured():
    tables = made_up_tables(STUDY, curves=curves(relu=3, tanh=6))
    assert set(judge(STUDY, tables, resampling=False)["verdict"]) == {"not measured"}
