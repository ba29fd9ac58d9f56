"""Writes files atomically, even if writing is interrupted."""

import contextlib
import os
import uuid
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Writes a file to disk under a temporary name, and then renames it.

    Args:
        path: the file; an existing file is replaced. Its folder is created if it does
            not exist.
        content: the content of the file.

    Raises:
        OSError: if it cannot be written; an existing file is not changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        temporary = path.with_name(f"{uuid.uuid4().hex}.tmp")
        try:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # Another run may have removed it as left over, see `Store.prepare`.
            with contextlib.suppress(FileNotFoundError):
                os.replace(temporary, path)
                return
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):  # of a full disk it names no file
                error.filename = os.fspath(path)
            raise
