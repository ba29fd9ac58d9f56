"""The claims on PReLU and RReLU, on made-up tables."""

import pytest

from studies.accuracy import STUDY
from tests.studies.accuracy.made_up_accuracies import tables
from tests.studies.made_up_studies import verdicts


@pytest.mark.parametrize("rival", ["relu", "leaky_relu", "very_leaky_relu", "prelu"])
def test_rrelu_is_best_only_where_it_is_ahead_of_each_that_xu_compares(rival):
    found = verdicts(STUDY, tables({"rrelu": 0.92, rival: 0.94}))["rrelu-best"]
    assert len(found) == 4
    behind = {case for case, verdict in found.items() if verdict == "contradicted"}
    assert behind == {f"rrelu and {rival}, MLP"}


def test_prelu_is_judged_by_the_training_split():
    found = verdicts(STUDY, tables({"prelu": 0.5}, {"prelu": 0.99}))
    assert set(found["prelu-train-best"].values()) == {"supported"}
