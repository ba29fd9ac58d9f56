"""Files that appear whole or not at all, whatever interrupts their writing."""

import contextlib
import os
import uuid
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Writes a file under a temporary name, to the disk, and then gives it its name.

    Args:
        path: the file; an earlier one of its name is replaced. Its folder is made if it
            is not there.
        content: what it is to contain.

    Raises:
        OSError: if it cannot be written; what was there is untouched.
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
