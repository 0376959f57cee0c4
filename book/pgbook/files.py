"""Files that are whole or not there."""

import os
import uuid
from pathlib import Path


def write_whole(path: str | Path, content: bytes) -> None:
    """Write a file aside, then rename it: at any moment the old file is there or the new one.

    A full disk, an error or an interrupt leaves the old file as it was, and no half one.

    Args:
        path: of the file; a link keeps being one.
        content: all of it.

    Raises:
        OSError: it cannot be written.
    """
    target = Path(os.path.realpath(path))
    half = target.with_name(f"{target.name}.{uuid.uuid4().hex}.half")  # nobody else's
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, target)
    finally:
        half.unlink(missing_ok=True)
