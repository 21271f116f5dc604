"""The tree of the log: held to the definition in RFC 6962 and to published values."""

from __future__ import annotations

import hashlib

from rsp.store import merkle

# Leaves and roots of Certificate Transparency's own reference tests (google/certificate-transparency, merkle_tree_test).
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 section 2.1 defines it: split at the largest power of two below the length."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_of(defined(leaves[:split]), defined(leaves[split:]))


def test_published_roots_are_met() -> None:
    """The reference values of Certificate Transparency."""
    frontier: list[bytes] = []
    for size, (leaf, root) in enumerate(zip(LEAVES, ROOTS, strict=True)):
        frontier = merkle.appended(frontier, size, merkle.leaf_of(bytes.fromhex(leaf)))
        assert merkle.root_of(frontier).hex() == root


def test_the_frontier_gives_the_defined_root_at_every_size() -> None:
    """Up to 300 leaves, and it stays as short as the number of ones in the size."""
    frontier: list[bytes] = []
    leaves: list[bytes] = []
    assert merkle.root_of(frontier) == defined(leaves) == merkle.EMPTY_ROOT
    for size in range(300):
        leaves.append(merkle.leaf_of(str(size).encode()))
        frontier = merkle.appended(frontier, size, leaves[-1])
        assert merkle.root_of(frontier) == defined(leaves)
        assert len(frontier) == (size + 1).bit_count()
        assert merkle.from_hex(merkle.as_hex(frontier)) == frontier
