"""The nets that are compared."""

import dataclasses

import numpy as np
import pytest

from studies import profiles
from studies.network_in_network import STUDY
from studies.network_in_network.nets import NAMES


@pytest.mark.parametrize("profile", ["standard", "full"])
def test_all_five_activations_differ_in_nothing_else(profile):
    (grid,) = STUDY.grids[profile]
    assert [net.activation for net in grid.nets] == list(NAMES)
    assert len({dataclasses.replace(n, activation="relu") for n in grid.nets}) == 1
    assert len(grid.rates) == 3 and np.all(np.diff(grid.rates) > 0)
    needs = profiles.needs_gpu(STUDY, profile)
    assert needs == (profile == "full")
