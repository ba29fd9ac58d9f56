"""Dask clusters that need no process of their own."""

import contextlib
from collections.abc import Iterator

from distributed import LocalCluster


@contextlib.contextmanager
def in_threads(num_workers: int) -> Iterator[LocalCluster]:
    """A scheduler and workers that are threads of this process."""
    with LocalCluster(
        n_workers=num_workers,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address=":0",
    ) as cluster:
        yield cluster
