"""Plans of what is timed, and the files that their tables are kept in."""

import dataclasses

import pandas as pd
import pytest

from keras_rectifiers.comparison.trials import results_folder, timing_plan
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.timing_plan import COLUMNS, TimingPlan
from keras_rectifiers.comparison.trials.trial import Trial

PLAN = TimingPlan(
    activations=("relu", "tanh"),
    shapes={"dense": (4, 3)},
    net_activations=("relu",),
    nets={"MLP": Trial(depth=1, width=2)},
)
TABLE = pd.DataFrame(
    [("jax", "JAX", "dense", "forward", "relu", 0, 1.25, 0.05, 2, "3.15.0")],
    columns=list(COLUMNS),
).astype(COLUMNS)


def test_a_plan_becomes_text_and_a_plan_again():
    again = TimingPlan.from_json(PLAN.to_json())
    assert again.key == PLAN.key
    assert again.nets == PLAN.nets


@pytest.mark.parametrize(
    "change",
    [
        {"activations": ("relu", "elu")},
        {"shapes": {"dense": (4, 4)}},
        {"net_activations": ("tanh",)},
        {"nets": {"MLP": Trial(depth=2, width=2)}},
        {"num_rounds": 31},
    ],
)
def test_each_part_of_a_plan_is_in_its_key(change):
    assert dataclasses.replace(PLAN, **change).key != PLAN.key


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"shapes": {"dense": (4, 0)}},
            "dense must consist of whole numbers of at least 1. Received: (4, 0).",
        ),
        (
            {"num_rounds": 0},
            "num_rounds must consist of whole numbers of at least 1. Received: [0].",
        ),
    ],
)
def test_what_cannot_be_timed_is_refused(change, message):
    with pytest.raises(ValueError) as caught:
        dataclasses.replace(PLAN, **change)
    assert str(caught.value) == message


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="reul"):
        dataclasses.replace(PLAN, net_activations=("reul",))


def test_a_table_is_read_as_it_was_written_and_replaces_an_earlier_one(tmp_path):
    assert timing_plan.read(tmp_path, PLAN).empty
    timing_plan.write(tmp_path, PLAN, TABLE.assign(milliseconds=9.0))
    timing_plan.write(tmp_path, PLAN, TABLE)
    pd.testing.assert_frame_equal(timing_plan.read(tmp_path, PLAN), TABLE)
    assert timing_plan.read(tmp_path, dataclasses.replace(PLAN, num_rounds=9)).empty


def test_a_damaged_table_counts_as_none(tmp_path):
    timing_plan.write(tmp_path, PLAN, TABLE)
    (path,) = (tmp_path / results_folder.TIMINGS).iterdir()
    path.write_bytes(path.read_bytes()[:-9] + b"damaged!!")
    assert timing_plan.read(tmp_path, PLAN).empty


def test_a_folder_with_times_alone_is_a_results_folder(tmp_path):
    timing_plan.write(tmp_path, PLAN, TABLE)
    Store(tmp_path).check()


def test_a_run_removes_what_a_killed_one_left_of_a_table(tmp_path):
    timing_plan.write(tmp_path, PLAN, TABLE)
    leftover = tmp_path / results_folder.TIMINGS / f"{7:032x}.tmp"
    leftover.write_text("half of a fi")
    Store(tmp_path).prepare()
    assert not leftover.exists()
    assert len(timing_plan.read(tmp_path, PLAN)) == 1
