"""A limit to the size of files, as on a disk that is full."""

import contextlib
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def files_up_to(num_bytes: int) -> Iterator[None]:
    """As on a disk that is full: the rest of a longer file cannot be written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
