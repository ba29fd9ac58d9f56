"""The names of recurrent nets and their tasks."""

import dataclasses

import pandas as pd

from studies.recurrent import STUDY
from studies.recurrent.nets import NETS, ROWS, as_series, named


def test_each_net_of_a_grid_is_named_by_its_settings_and_task():
    for grid in STUDY.grids["standard"]:
        frame = named(pd.DataFrame(map(dataclasses.asdict, grid.nets)))
        assert frame["net"].to_list() == list(NETS)
        assert {f"Recurrent nets, {task}" for task in frame["task"]} == {grid.title}


def test_images_of_any_data_set_are_read_by_rows():
    (grid,) = (grid for grid in STUDY.grids["quick"] if ROWS in grid.title)
    nets = [dataclasses.replace(net, dataset="mnist") for net in grid.nets]
    assert set(named(pd.DataFrame(map(dataclasses.asdict, nets)))["task"]) == {ROWS}


def test_each_net_is_a_series_in_the_order_of_the_nets():
    (grid, *_) = STUDY.grids["quick"]
    rows = named(pd.DataFrame(map(dataclasses.asdict, reversed(grid.nets))))
    assert as_series(rows)["activation"].to_list() == list(NETS)
