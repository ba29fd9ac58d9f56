"""Arrays that are no classification data set are refused with what can be done."""

import re

import numpy as np
import pytest

from keras_rectifiers.comparison.data import checks, datasets
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.data.made_up_files import made_up, saved


def test_labels_may_stand_in_a_column_and_grey_images_without_channel(folders):
    arrays = made_up()
    columns = {name: arrays[name][:, np.newaxis] for name in ("y_train", "y_test")}
    flat = datasets.load(saved(folders))
    column = datasets.load(saved(folders, "column.npz", **columns))
    channel = datasets.load(
        saved(
            folders,
            "channel.npz",
            x_train=arrays["x_train"][..., np.newaxis],
            x_test=arrays["x_test"][..., np.newaxis],
        )
    )
    assert flat.x_train.shape == (54, 4, 4, 1)
    assert flat.checksum == column.checksum == channel.checksum


NAN = made_up()["x_train"].astype(np.float32)
NAN[59, 3, 3] = np.nan
TOO_LARGE = np.where(np.isnan(NAN), 1e39, NAN.astype(float))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"x_train": np.zeros(60)},
            "x_train of {path} must have shape (examples, features), (examples, height, "
            "width) or (examples, height, width, channels). Received: (60,).",
        ),
        (
            {"x_train": np.zeros((0, 4, 4)), "y_train": np.zeros(0, int)},
            "x_train of {path} must have shape (examples, features), (examples, height, "
            "width) or (examples, height, width, channels). Received: (0, 4, 4).",
        ),
        (
            {"x_test": np.full((20, 4, 4), "a")},
            "x_test of {path} must hold numbers. Received: dtype <U1.",
        ),
        *(
            (
                {"x_train": x},
                "x_train of {path} holds NaN, infinity or values above the largest "
                "float32, 3.4e+38. Remove those examples, or replace the values.",
            )
            for x in (NAN, TOO_LARGE, -TOO_LARGE)
        ),
        (
            {"x_test": np.zeros((20, 4, 5))},
            "x_train and x_test of {path} must have the same shape except for the "
            "number of examples. Received: (60, 4, 4) and (20, 4, 5).",
        ),
        (
            {"y_train": np.zeros(59, int)},
            "y_train of {path} must be labels of shape (60,) or (60, 1), one for each "
            "of x_train. Received: (59,).",
        ),
        (
            {"y_test": np.eye(20, dtype=int)},
            "y_test of {path} must be labels of shape (20,) or (20, 1), one for each "
            "of x_test. Received: (20, 20). These are one-hot: use "
            "y_test.argmax(axis=1).",
        ),
        (
            {"y_train": np.tile([0.0, 1.0], 30)},
            "y_train of {path} must hold integers, the classes counted from 0. "
            "Received: dtype float64. Use y_train.astype(int).",
        ),
        (
            {"y_train": np.ones(60, int)},
            "y_train of {path} must hold at least two classes. Received: only class 1.",
        ),
        (
            {"y_train": np.tile([1, 2, 3], 20)},
            "y_train of {path} holds 3 classes, which must be numbered 0 to 2. "
            "Received: 1 to 3. Number them: numpy.unique(y_train, "
            "return_inverse=True)[1], and number y_test by the same classes.",
        ),
        (
            {"y_train": np.tile([-1, 0, 1], 20)},
            "y_train of {path} holds 3 classes, which must be numbered 0 to 2. "
            "Received: -1 to 1. Number them: numpy.unique(y_train, "
            "return_inverse=True)[1], and number y_test by the same classes.",
        ),
        (
            {"y_train": np.array([2] + [0, 1] * 29 + [0])},
            "y_train of {path} must hold at least two examples of each class, one of "
            "which may be used for validation. Received: only one of class 2.",
        ),
        (
            {"y_test": np.full(20, 3)},
            "y_test of {path} must hold only classes of y_train, 0 to 2. Received: 3 "
            "to 3.",
        ),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused(folders, changes, message):
    path = saved(folders, **changes)
    with pytest.raises(ValueError, match=f"^{re.escape(message.format(path=path))}$"):
        datasets.describe(Trial(dataset=path))


@pytest.mark.parametrize("train_size", [0, 20])
def test_training_examples_that_are_all_alike_are_refused(folders, train_size):
    x = np.tile(np.arange(5.0), (60, 1))
    path = saved(folders, x_train=x, x_test=x[:20] + np.arange(20)[:, np.newaxis])
    message = (
        f"The {train_size or 54} training examples of {path!r} are all identical, so "
        "no classes can be learned from them. Expected inputs that differ."
    )
    trial = Trial(dataset=path, train_size=train_size, batch_size=1, probe_size=1)
    for function in (datasets.describe, datasets.load_for):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            function(trial)


def test_training_examples_that_float32_makes_alike_are_refused(folders):
    x = 1 + 1e-12 * np.arange(60.0)[:, np.newaxis]
    path = saved(folders, x_train=x, x_test=x[:20])
    assert np.ptp(datasets.load(path).x_train) > 1
    message = (
        f"examples of {path!r}, in float32 and with inputs 'raw', are all identical"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        datasets.load(path, inputs="raw")


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 28, 28), (4, 8, 6)])
def test_images_whose_channels_come_first_are_told_from_rows(folders, shape):
    path = saved(folders, **made_up(shape=shape))
    size = (60, *shape)
    message = (
        f"x_train of {path} must have shape (examples, height, width, channels), but "
        f"its channels seem to come first. Received: {size}, which is {shape[0]} rows "
        f"of {shape[1]} pixels of {shape[2]} channels: use x_train.transpose(0, 2, 3, "
        "1)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.load(path)


@pytest.mark.parametrize(
    "shape",
    [(8, 8, 3), (3, 3, 3), (1, 20, 9), (8, 8, 12), (2, 2), (4, 4, 16), (3, 3, 8)],
)
def test_other_images_are_taken_as_they_are(folders, shape):
    own = datasets.load(saved(folders, **made_up(shape=shape)))
    assert own.x_train.shape[1 : 1 + len(shape)] == shape


CUT = "Divide the targets into classes: numpy.digitize(y_train, numpy.quantile(y_train, [1/3, 2/3]))"


@pytest.mark.parametrize(
    ("labels", "mend"),
    [
        (np.linspace(-1, 1, 60), CUT),
        (np.arange(60.0) * 3, CUT),  # whole numbers, and still measured
        (np.arange(60) * 3, CUT),
        (np.r_[0, np.arange(59)], CUT),
        (np.full(60, np.nan), "Remove the examples whose label is NaN or infinite."),
        (np.tile([0.0, np.inf], 30), "Remove the examples whose label is NaN or inf"),
        (np.tile([True, False], 30), "Use y_train.astype(int)."),
        (np.tile([0.0, 1.0, 2.0], 20), "Use y_train.astype(int)."),
        (np.tile(["cat", "dog"], 30), "Number them: numpy.unique(y_train, return_inve"),
        (np.eye(3)[np.tile([0, 1, 2], 20)], "one-hot: use y_train.argmax(axis=1)."),
    ],
)
def test_labels_that_are_none_are_refused_with_what_can_be_done(folders, labels, mend):
    path = saved(folders, y_train=labels)
    with pytest.raises(ValueError) as raised:
        datasets.load(path)
    assert str(raised.value).startswith(f"y_train of {path} ")
    assert mend in str(raised.value)


def test_the_mend_for_the_targets_of_a_regression_makes_classes_of_them(folders):
    y_train, y_test = np.linspace(-1, 1, 60), np.linspace(-1, 1, 20)
    bounds = np.quantile(y_train, [1 / 3, 2 / 3])
    path = saved(
        folders,
        y_train=np.digitize(y_train, bounds),
        y_test=np.digitize(y_test, bounds),
    )
    assert datasets.load(path).num_classes == 3


def test_what_is_checked_is_returned_with_a_channel_and_labels_in_32_bits():
    arrays = made_up()
    arrays["y_test"] = arrays["y_test"][:, np.newaxis].astype(np.int64)
    checked = checks.check(arrays, "x.npz")
    assert list(checked) == ["x_train", "y_train", "x_test", "y_test"]
    for split, size in (("train", 60), ("test", 20)):
        x, y = checked[f"x_{split}"], checked[f"y_{split}"]
        assert (x.dtype, x.shape) == (np.uint8, (size, 4, 4, 1))
        np.testing.assert_array_equal(x[..., 0], arrays[f"x_{split}"])
        assert (y.dtype, y.shape) == (np.int32, (size,))
        np.testing.assert_array_equal(y, arrays[f"y_{split}"].ravel())


def test_of_many_examples_the_last_are_looked_at_too():
    x, y = np.zeros((4500, 3), np.float32), np.arange(4500) % 2
    train = np.arange(4500)[::-1]
    with pytest.raises(ValueError, match=r"^The 4,500 training examples of 'a' are"):
        checks.check_varies(x, train, "'a'")
    x[0, 2] = 1  # the last of `train`
    checks.check_varies(x, train, "'a'")
    x[4499, 1] = np.nan
    arrays = {"x_train": x, "y_train": y, "x_test": x[:2], "y_test": y[:2]}
    with pytest.raises(ValueError, match=r"^x_train of a\.npz holds NaN, infinity"):
        checks.check(arrays, "a.npz")


@pytest.mark.parametrize(
    ("num_values", "mend"),
    # Of 1000 labels up to 100 values are more likely classes.
    [(100, "Number them: numpy.unique"), (101, "If they are regression targets: ")],
)
def test_many_classes_of_many_examples_are_no_targets(num_values, mend):
    arrays = made_up(num_train=1000, shape=(2, 2))
    arrays["y_train"] = 1 + np.arange(1000) % num_values
    with pytest.raises(ValueError) as raised:
        checks.check(arrays, "a.npz")
    assert mend in str(raised.value)
