"""Tables as files."""

import gzip
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


def test_csv_in_gzip_is_the_same_csv_and_has_no_time():
    frame = pd.DataFrame({"name": ["a", "b"], "value": [1 / 3, np.nan]})
    content = data_files.csv_gz(frame)
    assert gzip.decompress(content) == data_files.csv(frame)
    assert content[4:8] == bytes(4)


def test_rounded_numbers_are_within_13_binary_digits_and_shares_stay_exact():
    exact = [0, 1, -1, 1 / 32, 255 / 256, 8191, np.inf, -np.inf, np.nan, 2.0**-140]
    drawn = np.random.default_rng(0).lognormal(0, 20, 1000)
    frame = pd.DataFrame({"key": "a", "value": [*exact, *drawn], "layer": 1})
    rounded = data_files.rounded(frame)
    np.testing.assert_array_equal(rounded["value"][: len(exact)], exact)
    np.testing.assert_allclose(rounded["value"], frame["value"], rtol=2**-13)
    assert rounded["value"].nunique() > 1000
    mantissas, _ = np.frexp(rounded["value"][len(exact) :])
    assert (mantissas * 2**13 % 1 == 0).all()
    pd.testing.assert_frame_equal(rounded[["key", "layer"]], frame[["key", "layer"]])


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
    assert data_files.size_in_words(999_001) == "1.0 MB"
    assert data_files.size_in_words(1_250_000) == "1.2 MB"
