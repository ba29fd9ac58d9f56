"""Tables as files."""

import io

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.reporting import data_files


def test_csv_has_six_digits_and_parquet_all_of_them():
    frame = pd.DataFrame({"name": ["a", "b"], "value": [1 / 3, np.nan]})
    assert data_files.csv(frame).decode() == '"name","value"\n"a",0.333333\n"b",\n'
    read = pd.read_parquet(io.BytesIO(data_files.parquet(frame)))
    pd.testing.assert_frame_equal(read, frame)
    assert data_files.parquet(frame) == data_files.parquet(frame.copy())


def test_parquet_has_single_precision_only_where_nothing_is_lost():
    values = {"single": [0.5, np.nan], "double": [0.1, 0.5], "large": [1e300, np.inf]}
    frame = pd.DataFrame({"name": ["a", "b"], "number": [1, 2], **values})
    read = pd.read_parquet(io.BytesIO(data_files.parquet(frame)))
    pd.testing.assert_frame_equal(read.astype({"single": float}), frame)
    assert read.dtypes[["single", "double", "large"]].tolist() == [
        np.dtype("float32"),
        *[np.dtype("float64")] * 2,
    ]


def test_the_path_of_a_data_set_is_printable_in_csv():
    frame = pd.DataFrame({"dataset": ["own\x1b.npz"], "value": [1.0]})
    assert b"own\\x1b.npz" in data_files.csv(frame)
    assert frame["dataset"].tolist() == ["own\x1b.npz"]


def test_markdown_and_latex_escape_what_has_a_meaning_there():
    header, rows = ["a|b", "%"], [["<i>", "50% of x_1 & {−1}"]]
    assert data_files.markdown(header, rows).decode() == (
        "| a\\|b | % |\n| --- | --- |\n| &lt;i> | 50% of x_1 & {−1} |\n"
    )
    line = data_files.latex(header, rows).decode().splitlines()[4]
    assert line == r"<i> & 50\% of x\_1 \& \{$-$1\} \\"


def test_sizes_are_rounded_up_to_kilobytes():
    assert data_files.size_in_words(1) == "1 kB"
    assert data_files.size_in_words(1_250_000) == "1.2 MB"
