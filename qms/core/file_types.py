"""What may be kept as a file: extension and content must agree, archives must be harmless."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import PurePath
from typing import IO, Final

import puremagic

from qms.core.errors import Invalid

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "csv": "text/csv",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "step": "model/step",
    "stp": "model/step",
    "dxf": "image/vnd.dxf",
    "zip": "application/zip",
}
TEXTS: Final = {"csv", "txt", "step", "stp", "dxf"}
PARTS: Final = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
BEGINNINGS: Final = {
    "step": re.compile(rb"\s*ISO-10303-21;"),
    "dxf": re.compile(rb"(\s*999\r?\n.*\r?\n)*\s*0\r?\nSECTION"),
}
ENTRIES, UNPACKED, RATIO, NESTED = 1000, 200 * 2**20, 100, 1
HEAD: Final = 4096
NAME: Final = 180


def label_of(name: str) -> str:
    """A file's name as a harmless label: no folders, no invisible or direction-changing letters, not too long."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in plain if unicodedata.category(letter)[0] not in "CZ" or letter == " ")
    stem, dot, extension = re.sub(r'[<>:"|?*\s]+', " ", shown).strip().rstrip(" .").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    return f"{stem[:NAME].strip(' .') or 'file'}{dot}{extension.lower()[:10]}"


def checked_type(name: str, stream: IO[bytes]) -> str:
    """The media type of a file, once its content has shown to be what its extension says. Raises Invalid."""
    extension = PurePath(name).suffix.lstrip(".").lower()
    if extension not in MEDIA_TYPES:
        allowed = ", ".join(sorted(set(MEDIA_TYPES) - {"jpeg", "tiff", "stp"}))
        raise refusal(f"Files of the type “{extension or 'none'}” are not taken. Possible are {allowed}.")
    stream.seek(0)
    head = stream.read(HEAD)
    if extension in TEXTS:
        _check_text(extension, head, stream)
    elif extension == "zip" or extension in PARTS:
        _check_archive(extension, stream)
    elif f".{extension}" not in {match.extension for match in _signatures(head)}:
        raise _disagrees(extension)
    return MEDIA_TYPES[extension]


def refusal(text: str) -> Invalid:
    """What the person reads beside the file field."""
    return Invalid({"file": [text]})


def _disagrees(extension: str) -> Invalid:
    return refusal(f"The content is not that of a .{extension} file. Export it again, or give it its right extension.")


def _signatures(head: bytes) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return list(puremagic.magic_string(head))
    except (puremagic.PureError, ValueError):
        return []


def _check_text(extension: str, head: bytes, stream: IO[bytes]) -> None:
    kind = {"stp": "step"}.get(extension, extension)
    if kind in BEGINNINGS and not BEGINNINGS[kind].match(head):
        raise _disagrees(extension)
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|svg|script|\?xml)", head, re.IGNORECASE):
        raise _disagrees(extension)
    stream.seek(0)
    while block := stream.read(2**20):
        if b"\0" in block:
            raise _disagrees(extension)


def _check_archive(extension: str, stream: IO[bytes], depth: int = 0) -> None:
    """Refuse what would unpack without measure, cannot be looked into, or leads out of its folder."""
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _check_size(entries)
            if extension in PARTS and not _holds_parts(PARTS[extension], archive.namelist()):
                raise _disagrees(extension)
            for entry in entries:
                _check_entry(archive, entry, depth)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError) as problem:
        raise _disagrees(extension) from problem


def _holds_parts(folder: str, names: list[str]) -> bool:
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names) and not macros


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(x.file_size for x in entries), sum(x.compress_size for x in entries)
    if len(entries) > ENTRIES or unpacked > UNPACKED or unpacked > max(packed, 1) * RATIO + 2**20:
        raise refusal(
            f"The archive unpacks to too much: at most {ENTRIES:,} files and {UNPACKED // 2**20} MB are taken."
        )


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, depth: int) -> None:
    if entry.flag_bits & 1:
        raise refusal("The archive is encrypted and cannot be looked into. Pack it again without a password.")
    if entry.filename.startswith("/") or ".." in PurePath(entry.filename.replace("\\", "/")).parts:
        raise refusal(f"The archive holds a path that leads out of it ({entry.filename[:80]}). Pack it again.")
    if entry.filename.lower().endswith((".zip", ".7z", ".rar", ".gz", ".bz2", ".xz")):
        if depth >= NESTED or not entry.filename.lower().endswith(".zip"):
            raise refusal("The archive holds further archives. Unpack them first.")
        with archive.open(entry) as inner:
            _check_archive("zip", inner, depth + 1)
