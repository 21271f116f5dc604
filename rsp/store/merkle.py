"""The Merkle tree of the log: RFC 6962 section 2.1, SHA-256, no variation of our own.

The rules kept here: a leaf is SHA-256(0x00 || body) and a node SHA-256(0x01 || left || right); the frontier holds the roots of the
perfect subtrees that the leaves fill, largest first, so that appending costs a few hashes however long the log is.

Left out: proofs for others (inclusion, consistency), which nothing hands out yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()  # RFC 6962 section 2.1: the hash of an empty list


def leaf_of(body: bytes) -> bytes:
    """Return the leaf of a body."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """Return the node above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def appended(frontier: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """Return the frontier of ``size + 1`` leaves: two subtrees of one size become one, as often as there are two."""
    grown = [*frontier, leaf]
    while size & 1:
        right = grown.pop()
        grown[-1] = node_of(grown[-1], right)
        size >>= 1
    return grown


def root_of(frontier: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose perfect subtrees these are."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_of(left, root)
    return root


def as_hex(frontier: Sequence[bytes]) -> list[str]:
    """Return the frontier as the head keeps it."""
    return [root.hex() for root in frontier]


def from_hex(frontier: Sequence[str]) -> list[bytes]:
    """Return the frontier as it is computed with."""
    return [bytes.fromhex(root) for root in frontier]
