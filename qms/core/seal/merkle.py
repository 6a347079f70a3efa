"""The tree of a log (RFC 6962): leaves are appended, one root speaks for all of them, short proofs show a part."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_sha = hashlib.sha256
EMPTY = _sha(b"").digest()
TILE = 8  # every eighth level of perfect subtrees is kept, so that a proof reads hundreds of hashes, not millions
Node = Callable[[int, int], bytes]  # (level, index) of a perfect subtree -> its hash


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry, 32 bytes."""
    return _sha(b"\0" + data).digest()


def pair_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return _sha(b"\1" + left + right).digest()


@dataclass
class Frontier:
    """A log of `size` leaves as the roots of its perfect subtrees, largest first: all that appending needs."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def push(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Append a leaf's hash; gives the kept subtrees that are complete now, as (level, index, hash)."""
        peaks, n, level, done = self.peaks, self.size, 0, []
        while n & 1:
            leaf = _sha(b"\1" + peaks.pop() + leaf).digest()
            n >>= 1
            level += 1
            if level % TILE == 0:
                done.append((level, n, leaf))  # what is left of the position is the subtree's own index
        peaks.append(leaf)
        self.size += 1
        return done

    def root(self) -> bytes:
        """The root over all leaves."""
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = pair_hash(peak, found)
        return found

    def dump(self) -> bytes:
        """The peaks, one after the other."""
        return b"".join(self.peaks)


def frontier(size: int, dumped: bytes) -> Frontier:
    """The frontier that `dump` wrote down. Raises ValueError when the two do not fit."""
    if len(dumped) != 32 * size.bit_count():
        raise ValueError(f"A log of {size} entries has {size.bit_count()} peaks, these are {len(dumped) / 32:g}.")
    return Frontier(size, [dumped[start : start + 32] for start in range(0, len(dumped), 32)])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over the hashes of some leaves."""
    log = Frontier()
    for leaf in leaves:
        log.push(leaf)
    return log.root()


def range_root(low: int, high: int, node: Node) -> bytes:
    """The root over the leaves `low` to `high` - 1 of a subtree that starts at `low`."""
    level = (high - low).bit_length() - 1
    middle = low + (1 << level)
    if middle == high:
        return node(level, low >> level)
    return pair_hash(node(level, low >> level), range_root(middle, high, node))


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The proof that leaf `index` is in the log of `size` leaves: the hashes beside its way up, lowest first."""
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _half(high - low)
        if index < middle:
            path.append(range_root(middle, high, node))
            high = middle
        else:
            path.append(range_root(low, middle, node))
            low = middle
    return path[::-1]


def consistency(old: int, size: int, node: Node) -> list[bytes]:
    """The proof that the log of `size` leaves begins with that of `old` leaves (0 < old <= size)."""
    low, high, path, whole = 0, size, [], True
    while old != high:
        middle = low + _half(high - low)
        if old <= middle:
            path.append(range_root(middle, high, node))
            high = middle
        else:
            path.append(range_root(low, middle, node))
            low, whole = middle, False
    return ([] if whole else [range_root(low, high, node)]) + path[::-1]


def _half(size: int) -> int:
    """The largest power of two below `size`: where RFC 6962 parts a log."""
    return 1 << ((size - 1).bit_length() - 1)
