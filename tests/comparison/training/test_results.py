"""What is kept of a training."""

import numpy as np

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.training.results import Recorder
from keras_rectifiers.comparison.trials.trial import Trial

TINY = {"depth": 1, "width": 4, "epochs": 0, "batch_size": 256, "probe_size": 16}

SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
DEEPER = SMALL | {"depth": 3}


def test_untrained_nets_are_measured_but_have_no_outcome():
    tables = training.train([Trial(**SMALL | {"epochs": 0})])
    assert set(tables.measurements.epoch) == {0}
    assert tables.trials.test_accuracy.isna().all()
    assert not tables.trials.diverged.any()


def test_slopes_learned_per_channel_are_kept():
    outputs = training.train([Trial(activation="prelu", **DEEPER)]).outputs
    assert len(outputs) == 3 * 8
    assert set(outputs.name) == {"negative_slope"}
    assert outputs.value.nunique() > 20


def test_columns_have_the_same_types_with_and_without_outputs():
    alone = training.train([Trial(**TINY, activation="prelu")]).outputs
    mixed = training.train(
        [Trial(**TINY, activation=name) for name in ("relu", "prelu")]
    ).outputs
    assert mixed.dtypes.equals(alone.dtypes)
    assert object not in set(mixed.dtypes)


def test_the_layers_of_a_member_follow_one_another_though_measured_apart():
    recorder = Recorder(2, 1, mode="fit")
    recorder.add_outcome("train", {"loss": np.zeros(2)})
    for epoch in (0, 1):
        recorder.add_measurements(epoch, [0, 2], {"sparsity": np.zeros((2, 2))})
        recorder.add_measurements(epoch, [1], {"sparsity": np.ones((2, 1))})
    rows = recorder.results().measurements
    assert rows["epoch"].tolist() == [0] * 6 + [1] * 6
    assert rows["member"].tolist() == [0, 0, 0, 1, 1, 1] * 2
    assert rows["layer"].tolist() == [0, 1, 2] * 4
    assert rows["value"].tolist() == [0, 1, 0] * 4
