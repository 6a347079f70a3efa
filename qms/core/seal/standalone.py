"""Checks an exported trail without the platform: Python 3.9 or newer, nothing else, no network.

    python3 verify.py                the folder this file lies in
    python3 verify.py BUNDLE.zip     a bundle as it was exported
    python3 verify.py --key FILE     with the public key as you were given it, instead of the one in the bundle

What it shows: each row is, byte for byte, an entry of the log whose root the checkpoint states; the checkpoint is
signed by the key; each earlier checkpoint is a beginning of the same log, so a row is as old as its checkpoint says.
Exit code 0 when everything holds, 1 when something does not, 2 when there is nothing to check.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

# ---- the tree of RFC 6962


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\0" + data).digest()


def pair(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether the path leads from the leaf at this index to the root of the log (RFC 9162, 2.1.3.2)."""
    if index >= size:
        return False
    at, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = pair(beside, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = pair(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> bool:
    """Whether the log of `size` entries begins with the one of `old` entries (RFC 9162, 2.1.4.2)."""
    if old == size:
        return old_root == root and not path
    if not 0 < old < size or not path:
        return False
    if old & (old - 1) == 0:
        path = [old_root, *path]
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    found_old = found = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            found_old, found = pair(beside, found_old), pair(beside, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = pair(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found_old == old_root and found == root


# ---- Ed25519 (RFC 8032): a signature is right when S*B = R + k*A on the curve

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z


def add(p: Point, q: Point) -> Point:
    """The sum of two points."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n: int, p: Point) -> Point:
    """The point added to itself n times."""
    found: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            found = add(found, p)
        p, n = add(p, p), n >> 1
    return found


def point(data: bytes) -> Point:
    """The point that 32 bytes stand for. Raises ValueError when there is none."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or (x * x - square) % P or (not x and sign):
        raise ValueError("not a point of the curve")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = point(bytes([0x58] + [0x66] * 31))


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key made this signature of the message."""
    if len(signature) != 64 or len(key) != 32:
        return False
    s = int.from_bytes(signature[32:], "little")
    try:
        a, r = point(key), point(signature[:32])
    except ValueError:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(k, a))
    same = (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0
    return s < ORDER and same


# ---- keys and checkpoints as text (C2SP signed note)


class Wrong(Exception):
    """Something does not hold; the text says what."""


def read_key(line: str) -> tuple[str, bytes, bytes]:
    """Name, key and the four bytes that tell it apart."""
    name, short, coded = line.strip().split("+", 2)
    key = base64.b64decode(coded)
    if hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != short or key[:1] != b"\1":
        raise Wrong("the public key is damaged")
    return name, key[1:], bytes.fromhex(short)


def read_checkpoint(note: str, key: tuple[str, bytes, bytes]) -> tuple[int, bytes, str]:
    """Size, root and time of a checkpoint that the key has signed. Raises Wrong when it has not."""
    text, _, signature = note.partition("\n\n")
    dash, name, coded = signature.split()
    found = base64.b64decode(coded)
    if dash != "—" or name != key[0] or found[:4] != key[2] or not signed(key[1], f"{text}\n".encode(), found[4:]):
        raise Wrong("a checkpoint does not carry the signature of the key")
    origin, size, root, time = text.split("\n")
    if origin != key[0]:
        raise Wrong("a checkpoint is of another log")
    return int(size), base64.b64decode(root), time.replace("time ", "", 1)


# ---- the bundle


def say(text: str = "") -> None:
    """One line."""
    sys.stdout.write(text + "\n")


def files_of(place: Path) -> dict[str, str]:
    """The texts of a bundle, by name."""
    names = ("public-key", "checkpoint", "checkpoints.json", "rows.jsonl")
    if place.is_dir():
        return {name: (place / name).read_text(encoding="utf-8") for name in names}
    with zipfile.ZipFile(place) as bundle:
        return {name: bundle.read(name).decode("utf-8") for name in names}


def words_of(row: dict[str, Any], before: dict[str, Any]) -> str:
    """What a row says, old and new value of each field that changed."""
    image = json.loads(row["image"])
    kind = {"I": "made", "U": "changed", "D": "removed", "B": "first image of"}.get(row["op"], row["op"])
    lines = [f"{row['at']}  {row['actor']}  {kind} {row['tbl']} {row['pk']}"]
    if row["reason"]:
        lines.append(f"    reason: {row['reason']}")
    if row["op"] == "U":
        lines += [
            f"    {name}: {json.dumps(before.get(name), ensure_ascii=False)} -> {json.dumps(new, ensure_ascii=False)}"
            for name, new in sorted(image.items())
            if before.get(name) != new
        ]
    return "\n".join(lines)


def check_signature_row(row: dict[str, Any]) -> None:
    """A person's signature covers the text it was made over."""
    image = json.loads(row["image"])
    if row["tbl"] == "core_signature" and row["op"] in {"I", "B"}:
        if hashlib.sha256(image["manifest"].encode()).hexdigest() != image["digest"]:
            raise Wrong(f"trail row {row['id']}: the signature does not belong to what it says was signed")
        say(f"    signed: {image['printed_name']}, {image['meaning']}, over {image['digest'][:16]}…")


def check(files: dict[str, str], key_line: str) -> int:
    """Check everything; gives how many rows. Raises Wrong at the first thing that does not hold."""
    key = read_key(key_line)
    size, root, time = read_checkpoint(files["checkpoint"], key)
    say(f"Key         {key_line.strip()}")
    say(f"Checkpoint  {size:,} entries at {time}, signature right")
    earlier = []
    for held in json.loads(files["checkpoints.json"]):
        old, old_root, sealed = read_checkpoint(held["note"], key)
        path = [bytes.fromhex(text) for text in held["consistency"]]
        if not consistent(old, old_root, size, root, path):
            raise Wrong(f"the checkpoint of {sealed} is not of a log that this one continues")
        earlier.append((old, old_root, sealed))
    say(f"Earlier     {len(earlier):,} checkpoints, each a beginning of this log")
    say()
    lives: dict[tuple[str, int], dict[str, Any]] = {}
    rows = [json.loads(line) for line in files["rows.jsonl"].splitlines()]
    for held in rows:
        row = json.loads(held["leaf"])
        path = [bytes.fromhex(text) for text in held["path"]]
        if not included(leaf_hash(held["leaf"].encode()), held["entry"], size, path, root):
            raise Wrong(f"trail row {row['id']} ({row['at']}, {row['actor']}) is not what was sealed")
        old, _, sealed = earlier[held["checkpoint"]]
        if held["entry"] >= old:
            raise Wrong(f"trail row {row['id']} is younger than the checkpoint it names")
        say(words_of(row, lives.get((row["tbl"], row["pk"]), {})))
        check_signature_row(row)
        say(f"    entry {held['entry']:,} of the log, sealed by {sealed}")
        lives[row["tbl"], row["pk"]] = json.loads(row["image"])
    return len(rows)


def main(words: list[str]) -> int:
    """Check what the command line names."""
    place, key_file = Path(__file__).resolve().parent, None
    while words:
        word = words.pop(0)
        if word == "--key" and words:
            key_file = words.pop(0)
        else:
            place = Path(word)
    try:
        files = files_of(place)
        rows = check(files, Path(key_file).read_text(encoding="utf-8") if key_file else files["public-key"])
    except Wrong as problem:
        say(f"\nDOES NOT HOLD: {problem}.")
        return 1
    except (OSError, KeyError, ValueError, IndexError, TypeError, zipfile.BadZipFile) as problem:
        say(f"\nThis is no whole bundle: {type(problem).__name__}: {problem}")
        return 2 if isinstance(problem, OSError) else 1
    say(f"\nHOLDS: {rows:,} rows are in the signed log as they stand here.")
    if key_file is None:
        say("The key came with the bundle: compare it with the one you were given, or name that one with --key.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
