"""Parquet files with a digest of all their bytes, by which damage is recognised.

Other readers of Parquet ignore the digest.
"""

import hashlib

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def content(table: pd.DataFrame) -> bytes:
    """Returns the content of a file that holds a table, with its digest."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), sink)
    return _with_digest(sink.getvalue().to_pybytes())


def is_whole(content: bytes) -> bool:
    """Tells whether a file is what `content` returned, to the last bit."""
    footer = _footer(content)
    parquet, digest = content[: footer - 32], content[footer - 32 : footer]
    return hashlib.sha256(parquet + content[footer:]).digest() == digest


def _with_digest(parquet: bytes) -> bytes:
    """Puts the SHA-256 of a Parquet file into it, where no footer points: before it."""
    footer = _footer(parquet)
    return parquet[:footer] + hashlib.sha256(parquet).digest() + parquet[footer:]


def _footer(content: bytes) -> int:
    """Returns where the footer starts: its length stands before the last four bytes."""
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")
