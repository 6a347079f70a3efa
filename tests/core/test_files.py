"""Files: what they are is checked, their bytes are kept once, and only who may see the record gets them."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qms.core.errors import Denied, Invalid, Refused
from qms.core.file_types import label_of
from qms.core.files import attach, opened, path_of, readable, withdraw
from qms.core.models import Attachment, Blob, SignatureVoid
from qms.core.signing import sign
from qms.core.stepping import advance
from qms.core.trail import acting, reading
from tests.conftest import PASSWORD

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
PDF = b"%PDF-1.7\n1 0 obj\n"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


def upload(name: str, content: bytes = PDF) -> SimpleUploadedFile:
    """As a browser sends it; Django would strip the folders of the name itself, so they are set past it."""
    file = SimpleUploadedFile("x", content)
    file._name = name
    return file


def zipped(**entries: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def gauge(open_gauge):
    return open_gauge(note="measured")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\report.PDF", "report.pdf"),
        ("a\u202egnp.exe.pdf", "agnp.exe.pdf"),
        ("bad\0name\r\n.png", "badname.png"),
        ("<script>alert(1)</script>.png", "script.png"),
        ("..", "file"),
        ("   .pdf", "file.pdf"),
        ("x" * 500 + ".pdf", "x" * 180 + ".pdf"),
        ("Prüfung  Ø 12.pdf", "Prüfung Ø 12.pdf"),
    ],
)
def test_names_become_harmless_labels(name, label) -> None:
    assert label_of(name) == label


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("a.png", PNG),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("a.tiff", b"II*\0aaaaaaaa"),
        ("a.csv", b"a;b\n1;2\n"),
        ("a.txt", "Ø 12 µm".encode("cp1252")),
        ("a.step", b"ISO-10303-21;\nHEADER;"),
        ("a.dxf", b"  0\r\nSECTION\r\n  2\r\nHEADER"),
        ("a.zip", zipped(**{"a.txt": b"x", "b.zip": zipped(c=b"y")})),
        ("a.docx", zipped(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})),
    ],
)
def test_files_of_the_trade_are_taken(gauge, engineer, name, content) -> None:
    kept = attach(gauge, upload(name, content), by=engineer)
    with opened(kept) as stream:
        assert stream.read() == content


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.exe", b"MZ", "not taken"),
        ("a.svg", b"<svg/>", "not taken"),
        ("noextension", PDF, "not taken"),
        ("a.png", PDF, "not that of"),
        ("a.pdf", b"MZ\x90\0" + b"\0" * 64, "not that of"),
        ("a.txt", b"<html><script>", "not that of"),
        ("a.csv", b"a;b\n" * 5000 + b"\0", "not that of"),
        ("a.step", b"solid cube", "not that of"),
        ("a.docx", zipped(**{"xl/workbook.xml": b"", "[Content_Types].xml": b""}), "not that of"),
        ("a.xlsx", zipped(**{"xl/vbaProject.bin": b"", "[Content_Types].xml": b""}), "not that of"),
        ("a.zip", b"PK\x03\x04 broken", "not that of"),
        ("a.zip", zipped(bomb=b"\0" * 30_000_000), "too much"),
        ("a.zip", zipped(**{f"{n}": b"" for n in range(1001)}), "too much"),
        ("a.zip", zipped(**{"../../etc/cron.d/x": b""}), "leads out"),
        ("a.zip", zipped(**{"1.zip": zipped(**{"2.zip": zipped(a=b"")})}), "further archives"),
        ("a.pdf", b"", "empty"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_leaves_nothing(gauge, engineer, settings, name, content, why) -> None:
    with pytest.raises(Invalid, match=why):
        attach(gauge, upload(name, content), by=engineer)
    assert not Attachment.objects.exists()
    assert list((settings.FILES_DIR / "incoming").iterdir()) == []


def test_a_file_above_the_limit_is_refused(gauge, engineer, settings) -> None:
    settings.FILE_UPLOAD_LIMIT = 2**20
    with pytest.raises(Invalid, match="larger than 1 MB"):
        attach(gauge, upload("a.pdf", PDF + b"\0" * 2**20), by=engineer)


def test_the_same_bytes_are_kept_once(gauge, open_gauge, engineer) -> None:
    first = attach(gauge, upload("a.pdf"), by=engineer)
    assert attach(gauge, upload("a.pdf"), by=engineer) == first
    attach(open_gauge(), upload("b.pdf"), by=engineer)
    assert (Blob.objects.count(), Attachment.objects.count()) == (1, 2)


def test_bytes_changed_on_the_disk_are_not_given_out(gauge, engineer) -> None:
    kept = attach(gauge, upload("a.pdf", PDF + b"changed later"), by=engineer)
    place = path_of(kept.blob.digest)
    place.chmod(0o640)
    place.write_bytes(b"%PDF-1.7 forged")
    with pytest.raises(Refused, match="have changed"):
        opened(kept)
    place.unlink()
    with pytest.raises(Refused, match="missing"):
        opened(kept)


def test_a_foreign_file_looks_like_one_that_is_not_there(gauge, engineer, stranger) -> None:
    kept = attach(gauge, upload("a.pdf"), by=engineer)
    for pk in (kept.pk, 987654):
        with pytest.raises(Denied, match="no such file"), reading(stranger):
            readable(pk, stranger)


def test_a_file_in_a_signed_section_voids_its_signature(gauge, engineer, approver) -> None:
    gauge = advance(gauge, "check", by=engineer)
    with acting(approver):
        sign(gauge, by=approver, meaning="seen", step="check", section="note")
    attach(gauge, upload("a.pdf"), by=engineer)
    assert not SignatureVoid.objects.exists()
    attach(gauge, upload("b.pdf"), by=engineer, section="note")
    assert SignatureVoid.objects.count() == 1


def test_a_file_is_taken_out_with_a_reason_and_stays_in_the_trail(gauge, engineer) -> None:
    kept = attach(gauge, upload("a.pdf"), by=engineer)
    with pytest.raises(Invalid):
        withdraw(kept, reason="", by=engineer)
    withdraw(kept, reason="Wrong part", by=engineer)
    with pytest.raises(Refused):
        withdraw(kept, reason="Wrong part", by=engineer)
    assert path_of(kept.blob.digest).exists()


def test_the_page_gives_a_file_out_as_a_download_only(gauge, engineer, stranger, browser_of) -> None:
    kept = attach(gauge, upload("Prüfung.pdf"), by=engineer)
    response = browser_of(engineer).get(f"/files/{kept.pk}/")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert (response["X-Content-Type-Options"], "sandbox" in response["Content-Security-Policy"]) == ("nosniff", True)
    for close in response._resource_closers:  # response.close() would end the test's own connection too
        close()
    assert browser_of(stranger).get(f"/files/{kept.pk}/").status_code == 404


def test_what_was_signed_at_the_end_takes_no_more_files(gauge, engineer, approver) -> None:
    kept = attach(gauge, upload("before.pdf"), section="note", by=engineer)
    advance(gauge, "check", by=engineer)
    closed = advance(gauge, "release", by=approver, password=PASSWORD)
    with pytest.raises(Refused, match="stay as they were signed"):
        attach(closed, upload("after.pdf"), section="note", by=engineer)
    with pytest.raises(Refused, match="stay as they were signed"):
        withdraw(kept, reason="Wrong", by=engineer)
    assert attach(closed, upload("beside.pdf"), by=engineer).section == ""
    assert not SignatureVoid.objects.exists()
