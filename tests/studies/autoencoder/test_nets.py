"""What is counted in the codes of the nets, on made-up tables."""

import pytest

from studies.autoencoder.nets import CODES, PENALTIES, best_nets
from tests.studies.autoencoder.made_up_codes import tables_of


def test_zeros_of_living_units_are_counted_at_the_best_rate_after_training():
    nets = best_nets(tables_of(lambda trial: 0.7, dead=lambda trial: 0.4))
    kinds = nets.groupby(["activation", "activity_l1", "seed"]).size()
    assert len(kinds) == len(CODES) * len(PENALTIES) * nets["seed"].nunique()
    assert set(kinds) == {1}
    assert set(nets["zeros"]) == {0.7} and set(nets["dead"]) == {0.4}
    assert nets["living"].to_list() == pytest.approx([0.5] * len(nets))


def test_a_code_without_living_units_has_no_zeros_among_them():
    nets = best_nets(tables_of(lambda trial: 1.0, dead=lambda trial: 1.0))
    assert nets["living"].isna().all()
