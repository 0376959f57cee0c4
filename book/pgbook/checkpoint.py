"""Checkpoints: what a `Trainer` saves, as one file that is whole or not there."""

import io
from pathlib import Path

import torch

from pgbook.files import write_whole

FORMAT = 2  # changes with the fields of Config and Progress; that of 0.1.0 had no number


def write(path: str | Path, content: dict) -> None:
    """Write a checkpoint; whatever goes wrong, the file that was there before is still whole."""
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **content}, buffer)
    write_whole(path, buffer.getvalue())


def read(path: str | Path) -> dict:
    """Read a checkpoint; nothing in it is executed.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is no checkpoint, a damaged one, or one of another version.
    """
    stored = Path(path).read_bytes()
    expected = f"{path}: expected a checkpoint that Trainer.save wrote"
    try:
        content = torch.load(io.BytesIO(stored), weights_only=True)
    except Exception as error:  # of a dozen kinds, as the bytes will have it
        raise ValueError(
            f"{expected}, got {len(stored)} bytes that are no whole one ({error})"
        ) from error
    if not isinstance(content, dict) or "config" not in content:
        raise ValueError(f"{expected}, got another file of torch ({type(content).__name__})")
    if content.pop("format", 1) != FORMAT:
        raise ValueError(f"{expected} with this version of pgbook, got one of another version")
    return content
