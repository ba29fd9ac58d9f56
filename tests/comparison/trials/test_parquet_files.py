"""Files of tables with a digest, which are damaged elsewhere, see `test_damaged_files`."""

import io

import pandas as pd

from keras_rectifiers.comparison.trials import parquet_files


def test_other_readers_of_parquet_find_the_table_beside_the_digest():
    table = pd.DataFrame({"key": ["a", "b"], "value": [0.1, float("nan")]})
    content = parquet_files.content(table)
    read = pd.read_parquet(io.BytesIO(content))
    pd.testing.assert_frame_equal(read, table)
    assert parquet_files.is_whole(content)
    assert not parquet_files.is_whole(content[:-1])
    assert not parquet_files.is_whole(b"")
