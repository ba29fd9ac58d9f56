"""That of texts it is said where they are, and what to do with them."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from keras_rectifiers import diagnose
from keras_rectifiers.inspection.not_numbers import refusal_of_texts

RECEIVED = "must hold arrays of numbers. Received: "
ENCODE = "Encode them as numbers: categories as a column for each"


def objects(*rows):
    return np.array(rows, object)


@pytest.mark.parametrize(
    ("array", "labels", "received", "advice"),
    [
        (
            objects([1.5, "Rome", 2], [2.5, "Oslo", 3]),
            (),
            "texts in 1 of 3 columns: 1 (such as 'Rome').",
            ENCODE,
        ),
        (
            objects([1.5, "Rome", "red"], [2.5, "Oslo", None]),
            ("age", "city", "colour"),
            "texts in 2 of 3 columns: city (such as 'Rome'), colour (such as 'red').",
            ENCODE,
        ),
        # Numbers beside texts become texts in such an array.
        (
            np.array([["1.5", "Rome"], ["2.5", "Oslo"]]),
            (),
            "texts in 1 of 2 columns: 1 (such as 'Rome').",
            ENCODE,
        ),
        (
            np.array([["1.5", "2"], ["2.5", "3"]]),
            (),
            "numbers written as texts in 2 of 2 columns: 0 (such as '1.5'), "
            "1 (such as '2').",
            'Convert them: x.astype("float32").',
        ),
        (
            objects([1.5, None], [2.5, 3]),
            (),
            "objects in 1 of 2 columns: 1 (such as None).",
            "From a data set, take one batch",
        ),
        (
            objects([1.5, 2], [True, np.nan]),
            (),
            "numbers in an array of objects.",
            'Convert them: x.astype("float32").',
        ),
        (objects("Rome", "Oslo"), ("city",), "texts in city, such as 'Rome'.", ENCODE),
        (objects("Rome", 3), (), "texts, such as 'Rome'.", ENCODE),
        (objects(), (), "objects.", "From a data set"),
        (np.full((2, 3, 4), "a"), (), "texts, such as 'a'.", ENCODE),
    ],
)
def test_texts_are_told_with_their_columns_and_an_example(
    array, labels, received, advice
):
    told = refusal_of_texts("x", array, labels)
    assert told.startswith(f"The probe batch x {RECEIVED}{received} {advice}")


def test_of_many_columns_the_first_are_listed():
    told = refusal_of_texts("x", np.full((2, 9), "a"))
    assert "texts in 9 of 9 columns: 0 (such as 'a'), " in told
    assert "4 (such as 'a'), .... Encode" in told and "5 (such" not in told


def test_classes_as_texts_are_numbered():
    assert refusal_of_texts("y", np.array(["a", "b"])) == (
        f"The probe batch y {RECEIVED}texts, such as 'a'. Encode the classes as "
        "integers: names, y = np.unique(y, return_inverse=True)."
    )


@pytest.mark.parametrize("num_rows", [4, 4096])
def test_the_columns_of_a_frame_are_told_by_name(num_rows):
    frame = pd.DataFrame({"age": np.arange(num_rows), "city": ["Rome"] * num_rows})
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with pytest.raises(ValueError) as raised:
        diagnose(model, frame, np.zeros(num_rows), loss="mse")
    assert "texts in 1 of 2 columns: city (such as 'Rome')." in str(raised.value)


def test_the_inputs_of_a_dictionary_are_told_by_name():
    starts = {name: keras.Input((1,), name=name) for name in ("age", "city")}
    joined = layers.Concatenate()([starts["age"], starts["city"]])
    model = keras.Model(starts, layers.Dense(1)(joined))
    x = {"age": np.zeros((4, 1)), "city": np.array([["Rome"]] * 4)}
    with pytest.raises(ValueError, match="texts in city, such as 'Rome'"):
        diagnose(model, x, np.zeros(4), loss="mse")
