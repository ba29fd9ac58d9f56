"""The files of a monitor: a log that survives a crash, and TensorBoard events."""

import errno
import json
import math

import numpy as np
import pytest
from keras import ops

from keras_rectifiers import LayerMonitor
from keras_rectifiers.diagnosis.monitor_logs import EventFile, Log, read
from tests.diagnosis.made_up_trainings import net, warnings_of


def test_what_is_logged_can_be_read_and_a_torn_line_is_left_out(watched, tmp_path):
    frame = watched.monitor.frame
    assert LayerMonitor.read(watched.path).equals(frame)

    # As a process leaves it that dies while it writes.
    path = tmp_path / "log"
    path.write_bytes(watched.path.read_bytes()[:-20])
    message = (
        f"^{path} has incomplete measurements, as left by a process that died while "
        r"writing\. They are left out\. Lines: 3\.$"
    )
    with pytest.warns(UserWarning, match=message):
        read = LayerMonitor.read(path)
    assert read.equals(frame[frame.step < 16])
    # The next process appends to it, on a line of its own.
    rows = rows_of(frame[frame.step == 8])
    log(path, rows)
    with pytest.warns(UserWarning, match=message):
        read = LayerMonitor.read(path)
    assert rows_of(read) == rows_of(frame[frame.step < 16]) + rows


def rows_of(frame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))


def log(path, rows):
    """Writes rows to a log as a monitor does."""
    writing = Log(path)
    writing.write(rows, {})
    writing.close()


@pytest.mark.parametrize(
    "line", ['{"loss": 1.0}', "epoch,loss", "3", "[[1, 2]]", '["a"]', "\x00\x00"]
)
def test_a_file_that_is_no_log_is_refused_and_a_damaged_line_left_out(tmp_path, line):
    path = tmp_path / "log"
    path.write_text(f"{line}\n{line}\n")
    with pytest.raises(ValueError) as raised:
        LayerMonitor.read(path)
    assert str(raised.value) == (
        f"Expected {path} to be a file that was given to a LayerMonitor as path=, with "
        "a JSON list of [epoch, step, layer, depth, measure, value] in each line. "
        f"Received, in line 1: {line.encode()!r}"
    )
    rows = [(0, 8, "one", 0, "dead_units", 0.25), (0, 8, "two", 1, "dead_units", 0.0)]
    path.write_text(f"{line}\n{line}\n{json.dumps(rows)}\n")
    with pytest.warns(UserWarning, match=r"They are left out\. Lines: 1, 2\.$"):
        assert rows_of(LayerMonitor.read(path)) == rows


def test_each_observation_is_on_disk_before_the_next(watched):
    assert [len(lines) for lines in watched.reader.seen] == [2, 3]
    for lines in watched.reader.seen:
        for line in lines:
            json.loads(line)


def test_a_failing_disk_is_warned_of_once_and_the_training_goes_on(
    data, tmp_path, free_probe
):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monitor = LayerMonitor(*data, path=blocked / "log")
    (warning,) = warnings_of(net(), data, monitor)
    assert warning.startswith(
        f"LayerMonitor cannot write to path='{blocked / 'log'}' and has stopped writing "
        "there: "
    )
    assert warning.endswith(". The training continues, and `frame` remains complete.")
    assert monitor.frame.step.unique().tolist() == [0, 2]


def test_a_disk_that_fills_up_is_warned_of_once(data, tmp_path, free_probe):
    class Full:
        def write(self, data):
            pass

        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    monitor = LayerMonitor(*data, path=tmp_path / "log")
    monitor._logs[0]._file = Full()
    (warning,) = warnings_of(net(), data, monitor)
    assert "No space left on device" in warning
    assert monitor.frame.step.unique().tolist() == [0, 2]


def test_tensorboard_gets_scalars_and_histograms(watched):
    import tensorflow as tf

    (path,) = watched.log_dir.glob("events.out.tfevents.*")
    records = [
        tf.compat.v1.Event.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(path))
    ]
    assert records[0].file_version == "brain.Event:2"
    assert [record.step for record in records[1:]] == [0, 8, 16]
    last = {value.tag: value for value in records[-1].summary.value}
    frame = watched.monitor.frame
    frame = frame[frame.step == 16]
    for row in frame.itertuples():
        scalar = last.pop(f"{row.measure}/{row.layer}").simple_value
        assert scalar == pytest.approx(row.value, rel=1e-6)
    names = ["pre_activation", "activation", "activation_gradient", "kernel"]
    assert set(last) == {
        f"{name}/{layer}" for name in names for layer in ("one", "two")
    }
    kernel = ops.convert_to_numpy(watched.model.get_layer("one").kernel)
    histogram = last["kernel/one"].histo
    assert sum(histogram.bucket) == histogram.num == kernel.size
    assert histogram.max == pytest.approx(kernel.max())
    assert histogram.sum_squares == pytest.approx((kernel**2).sum(), rel=1e-5)


def test_a_failing_folder_for_tensorboard_is_warned_of_once(data, tmp_path, free_probe):
    (tmp_path / "file").write_text("")
    monitor = LayerMonitor(*data, log_dir=tmp_path / "file")
    (warning,) = warnings_of(net(), data, monitor)
    assert f"cannot write to log_dir='{tmp_path / 'file'}'" in warning


@pytest.mark.parametrize(
    "content",
    ["import os\n", "epoch,loss\n0,1.0", "[[1, 2]]\n", "\x00\x01", '["a"]', "[]"],
)
def test_a_file_of_the_users_is_not_appended_to(data, tmp_path, content):
    path = tmp_path / "mine"
    path.write_text(content)
    with pytest.raises(ValueError, match="`path` to be a new file or a log") as raised:
        LayerMonitor(*data, path=path)
    assert str(raised.value).endswith(f"Received: path={str(path)!r}")
    assert path.read_text() == content


def test_a_log_that_ends_anywhere_is_gone_on_with(tmp_path):
    path, rows = tmp_path / "log", [(0, 8, "one", 0, "dead_units", 0.25)]
    line = json.dumps(rows) + "\n"
    for end in range(len(line)):
        path.write_text(line[:end])
        log(path, rows)
        assert path.read_text().endswith(line)
        Log(path)


@pytest.mark.parametrize("argument", ["path", "log_dir"])
@pytest.mark.parametrize(
    ("given", "error"),
    [("", ValueError), ("a\0b", ValueError), (3, TypeError), (b"log", TypeError)],
)
def test_what_is_no_path_is_refused(data, argument, given, error):
    with pytest.raises(error, match=f"LayerMonitor expects `{argument}` to be a path"):
        LayerMonitor(*data, **{argument: given})
    if argument == "path":
        with pytest.raises(error, match="LayerMonitor expects `path` to be a path"):
            LayerMonitor.read(given)


@pytest.mark.parametrize("argument", ["path", "log_dir"])
def test_a_path_may_begin_at_home(data, tmp_path, monkeypatch, argument):
    monkeypatch.setenv("HOME", str(tmp_path))
    monitor = LayerMonitor(*data, **{argument: "~/log"})
    assert monitor._logs[0].path == tmp_path / "log"


def test_rows_are_appended_measurement_by_measurement_and_read_in_this_order(tmp_path):
    rows = [
        (0, 0, "one", 0, "signal_gradient", 0.5),
        (0, 0, "ünï\n", 1, "signal_gradient", 1e-300),
        (1, 8, "one", 0, "signal_gradient", math.inf),
    ]
    path = tmp_path / "new" / "log"
    writing = Log(path)
    assert not path.exists()  # before there is anything to write
    writing.write(rows[:2], {})
    writing.close()
    writing.write(rows[2:], {})
    writing.close()
    assert len(path.read_bytes().splitlines()) == 2
    assert read(path) == rows


def test_the_histogram_of_an_event_has_the_finite_values_alone(tmp_path):
    import tensorflow as tf

    writing = EventFile(tmp_path)
    arrays = {"kernel": np.array([[1.0, -3.0], [np.nan, np.inf]]), "gone": np.nan}
    writing.write([(1, 8, "one", 0, "dead_units", 0.25)], {"one": arrays})
    writing.close()
    (path,) = tmp_path.iterdir()
    _, record = tf.data.TFRecordDataset(str(path))
    summary = tf.compat.v1.Event.FromString(record.numpy()).summary
    scalar, kernel, gone = summary.value
    assert (scalar.tag, scalar.simple_value) == ("dead_units/one", 0.25)
    histogram = kernel.histo
    assert (histogram.min, histogram.max, histogram.num) == (-3, 1, 2)
    assert (histogram.sum, histogram.sum_squares) == (-2, 10)
    assert [i for i, count in enumerate(histogram.bucket) if count] == [0, 29]
    assert gone.tag == "gone/one" and gone.histo.num == 0
