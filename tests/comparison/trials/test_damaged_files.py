"""What the store makes of damaged files."""

import errno
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.comparison.trials.made_up_tables import (
    TABLES,
    assert_equal_tables,
    contents,
    file_of,
    made_up_tables,
)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_in_a_page(path: Path) -> None:
    """Damages a value."""
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    key = content.index(b"a", start + 20, start + column.total_compressed_size)
    content[key] ^= 1
    path.write_bytes(content)


def flip_in_the_footer(path: Path) -> None:
    """Damages the name of a column, which no checksum of Parquet could cover."""
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[content.index(b"key", footer)] ^= 0x80
    path.write_bytes(content)


def flip_in_the_digest(path: Path) -> None:
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[footer - 1] ^= 1
    path.write_bytes(content)


def flip_in_the_length_of_the_footer(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 0x80
    path.write_bytes(content)


def put_garbage(path: Path) -> None:
    path.write_bytes(b"PAR1 no table at all PAR1")


def put_a_foreign_table(path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), path)


DAMAGES = [
    truncate,
    empty,
    flip_in_a_page,
    flip_in_the_footer,
    flip_in_the_digest,
    flip_in_the_length_of_the_footer,
    put_garbage,
    put_a_foreign_table,
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("action", ["done", "read"])
def test_a_damaged_file_is_set_aside_and_all_else_is_read(store, table, damage, action):
    store.write(made_up_tables("a" * 24))
    path = file_of(store, table)
    store.write(made_up_tables("b", "c"))
    damage(path)
    content = path.read_bytes()
    store.prepare()
    if action == "done":
        assert store.done() == {"b", "c"}
    else:
        found = store.read(["a" * 24, "b", "c"])
        assert_equal_tables(found, made_up_tables("b", "c"))
    aside = path.with_suffix(".damaged")
    assert store.damaged() == [aside]
    assert aside.read_bytes() == content and not path.exists()
    assert store.done() == {"b", "c"}
    store.write(made_up_tables("a" * 24))
    assert store.done() == {"a" * 24, "b", "c"}
    assert store.damaged() == [aside]


def test_a_flip_in_any_byte_is_found(store, rng):
    store.write(made_up_tables("a", "b"))
    content = file_of(store, "trials").read_bytes()
    for position, bit in enumerate(rng.integers(8, size=len(content))):
        flipped = bytearray(content)
        flipped[position] ^= 1 << bit
        (store.folder / "trials" / f"{position:024}.parquet").write_bytes(flipped)
    assert store.done() == {"a", "b"}
    assert len(store.damaged()) == len(content)


def test_a_flip_can_give_another_table(store):
    # Else the tests above would pass without a digest.
    store.write(made_up_tables("a" * 24))
    path = file_of(store, "trials")
    flip_in_a_page(path)
    assert list(pd.read_parquet(path).key) != ["a" * 24]


def test_a_file_that_cannot_be_opened_is_no_damage(store, monkeypatch):
    store.write(made_up_tables("a"))
    before = contents(store.folder)
    # Root may open anything, so permissions alone would not do.
    with monkeypatch.context() as patch:

        def refuse(path, *args, **kwargs):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        patch.setattr("io.open", refuse)
        patch.setattr(pq, "read_table", refuse)
        with pytest.raises(PermissionError, match="Permission denied"):
            store.done()
    assert contents(store.folder) == before
    assert store.done() == {"a"}


def test_a_damaged_file_that_another_run_has_set_aside_is_no_error(store, monkeypatch):
    store.write(made_up_tables("a"))
    path = file_of(store, "measurements")
    truncate(path)
    store.prepare()
    replace = Path.replace

    def slower_than_the_other_run(source, target):
        replace(source, target)
        return replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", slower_than_the_other_run)
        assert store.done() == set()
    assert store.damaged() == [path.with_suffix(".damaged")]


def test_in_a_read_only_folder_a_damaged_file_stays_and_all_else_is_read(
    store, monkeypatch
):
    store.write(made_up_tables("a"))
    path = file_of(store, "outputs")
    store.write(made_up_tables("b"))
    truncate(path)
    store.prepare()
    before = contents(store.folder)

    # Root may write anywhere, so permissions alone would not do.
    def refuse(source, target):
        raise OSError(errno.EROFS, "Read-only file system", str(source))

    monkeypatch.setattr(Path, "replace", refuse)
    for _ in range(2):
        assert_equal_tables(store.read(["a", "b"]), made_up_tables("b"))
        assert store.damaged() == [path]
    assert contents(store.folder) == before


def test_a_file_that_is_damaged_again_is_set_aside_beside_the_first(store):
    asides = []
    store.prepare()
    for content in (b"first", b"second", b"third"):
        store.write(made_up_tables("a"))
        path = file_of(store, "outputs")
        path.write_bytes(content)
        assert store.done() == set()
        (aside,) = set(store.damaged()) - set(asides)
        assert aside.read_bytes() == content
        asides.append(aside)
    assert [aside.name.partition(".")[2] for aside in asides] == [
        "damaged",
        "2.damaged",
        "3.damaged",
    ]


def test_a_file_that_was_removed_is_gone_and_one_set_aside_is_not(store):
    store.write(made_up_tables("a"))
    store.write(made_up_tables("b"))
    assert store.gone() == []
    removed, broken = sorted((store.folder / "outputs").iterdir())
    removed.unlink()
    broken.write_bytes(b"")
    store.prepare()
    assert store.done() == set()
    assert store.gone() == [removed]
    assert [path.suffix for path in store.damaged()] == [".damaged"]
