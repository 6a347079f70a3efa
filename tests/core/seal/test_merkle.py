"""The tree of RFC 6962: its known roots, and proofs that hold for every size and for nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qms.core.seal import merkle

# the inputs and roots of the reference implementation of Certificate Transparency
INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
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


def naive(leaves: list[bytes]) -> bytes:
    """The definition, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + naive(leaves[:half]) + naive(leaves[half:])).digest()


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(n).encode()) for n in range(size)]


def node_of(known: list[bytes]) -> merkle.Node:
    return lambda level, index: naive(known[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size) -> None:
    log = merkle.Frontier()
    for text in INPUTS[:size]:
        log.push(merkle.leaf_hash(bytes.fromhex(text)))
    assert log.root().hex() == ROOTS[size - 1]


@given(st.integers(0, 300))
def test_a_frontier_gives_the_root_of_the_definition(size) -> None:
    assert merkle.root_of(leaves(size)) == naive(leaves(size))


@given(st.integers(0, 300), st.integers(0, 50))
def test_a_frontier_goes_on_from_what_it_wrote_down(size, more) -> None:
    log = merkle.Frontier()
    for leaf in leaves(size):
        log.push(leaf)
    again = merkle.frontier(size, log.dump())
    for leaf in leaves(size + more)[size:]:
        again.push(leaf)
    assert again.root() == naive(leaves(size + more))


def test_peaks_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="2 peaks"):
        merkle.frontier(3, b"\0" * 32)


def test_kept_subtrees_are_told_when_they_are_complete() -> None:
    log, known = merkle.Frontier(), leaves(520)
    done = [node for leaf in known for node in log.push(leaf)]
    assert done == [(8, 0, naive(known[:256])), (8, 1, naive(known[256:512]))]


def included(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root a proof leads to, by RFC 9162 2.1.3.2."""
    at, last, root = index, size - 1, leaf
    for beside in path:
        if at & 1 or at == last:
            root = merkle.pair_hash(beside, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = merkle.pair_hash(root, beside)
        at, last = at >> 1, last >> 1
    assert last == 0
    return root


@given(st.data())
def test_a_proof_of_inclusion_leads_to_the_root(data) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    known = leaves(size)
    path = merkle.inclusion(index, size, node_of(known))
    assert included(known[index], index, size, path) == naive(known)
