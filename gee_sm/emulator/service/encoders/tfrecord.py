"""TFRecord files of ``tf.train.Example`` messages, without TensorFlow.

A file is a sequence of records: length, checksum of the length, message, checksum of the message,
the checksums being CRC-32C, turned and shifted so that they differ from that of data that hold
checksums. A message is a map of names to lists of floats or bytes, in the wire format of protocol
buffers: every part is its number and kind in one byte, its length as a varint, and its content.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import google_crc32c
import numpy as np

__all__ = ["example", "record"]

_SHIFT = 0xA282EAD8
_ALL = 0xFFFFFFFF


def record(message: bytes) -> bytes:
    """Return a message as a record of a TFRecord file."""
    length = struct.pack("<Q", len(message))
    return b"".join((length, _checksum(length), message, _checksum(message)))


def example(features: Mapping[str, Any]) -> bytes:
    """Return a ``tf.train.Example``.

    Parameters
    ----------
    features : mapping of str to array-like, str or bytes
        Numbers of any shape, which become float32 in C order; or text, which becomes bytes.
    """
    entries = b"".join(
        _part(1, _part(1, name.encode()) + _part(2, _feature(value)))
        for name, value in features.items()
    )
    return _part(1, entries)


def _feature(value: Any) -> bytes:
    """Return a ``tf.train.Feature``: field 1 is a list of bytes, field 2 one of floats."""
    if isinstance(value, str | bytes):
        return _part(1, _part(1, value.encode() if isinstance(value, str) else value))
    if isinstance(value, Sequence) and value and all(isinstance(item, str) for item in value):
        return _part(1, b"".join(_part(1, item.encode()) for item in value))
    floats = np.asarray(value, dtype="<f4").tobytes()
    return _part(2, _part(1, floats))


def _part(number: int, content: bytes) -> bytes:
    """Return a field of a message whose content has a length."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17 & _ALL) + _SHIFT) & _ALL)
