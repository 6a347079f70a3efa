"""Wire format v1: what is taken, what is refused and why."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iot.formats import LARGEST, Entry, Refusal, decode

T = '"t":"2026-11-21T09:00:00.123Z"'
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/wire-v1.schema.json").read_text())
VALID = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

REFUSED = [
    ("payload.empty", b""),
    ("payload.size", b"x" * (LARGEST + 1)),
    ("payload.utf8", b"\xff\xfe"),
    ("json.invalid", b"{"),
    ("json.invalid", b"twelve"),
    ("json.depth", f'{{"v":1,{T},"x":{"[" * 20000}1{"]" * 20000}}}'.encode()),
    ("json.shape", b"[]"),
    ("json.shape", b"12.3"),
    ("json.shape", b'{"readings":[]}'),
    ("json.shape", b'{"readings":5}'),
    ("value.missing", f"{{{T}}}".encode()),
    ("value.type", f'{{"v":"12",{T}}}'.encode()),
    ("value.type", f'{{"v":null,{T}}}'.encode()),
    ("value.not_finite", f'{{"v":NaN,{T}}}'.encode()),
    ("value.not_finite", f'{{"v":Infinity,{T}}}'.encode()),
    ("value.not_finite", f'{{"v":-Infinity,{T}}}'.encode()),
    ("value.not_finite", f'{{"v":1e309,{T}}}'.encode()),
    ("value.not_finite", f'{{"v":{"9" * 400},{T}}}'.encode()),
    ("time.missing", b'{"v":1}'),
    ("time.naive", b'{"v":1,"t":"2026-11-21T09:00:00"}'),
    ("time.invalid", b'{"v":1,"t":"yesterday"}'),
    ("time.invalid", b'{"v":1,"t":1700000000}'),
    ("time.invalid", b'{"v":1,"t":"2026-02-30T09:00:00Z"}'),
    ("unit.type", f'{{"v":1,{T},"u":7}}'.encode()),
    ("columns.length", b'{"ts":[1,2],"v":[1]}'),
    ("value.missing", b'{"ts":[1,2]}'),
    ("json.shape", b'{"ts":[],"v":[]}'),
    ("time.invalid", b'{"ts":["now"],"v":[1]}'),
    ("value.type", b'{"ts":[1],"v":["12"]}'),
    ("field.invalid", f'{{"v":1,{T},"seq":-1}}'.encode()),
    ("field.invalid", f'{{"v":1,{T},"lot":"a\\u0000b"}}'.encode()),
    ("field.invalid", f'{{"v":1,{T},"q":300}}'.encode()),
]


@pytest.mark.parametrize(("reason", "payload"), REFUSED)
def test_a_bad_payload_is_refused_with_its_reason(reason, payload):
    [(_, refusal)] = decode(payload)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert refusal.detail.endswith(".")


def test_a_reading_is_taken_with_all_it_says():
    payload = f'{{"v":12.3,{T},"u":"mm","seq":7,"boot":3,"lot":"A1","serial":"S9","q":192,"extra":1}}'.encode()
    [(position, entry)] = decode(payload)
    assert (position, entry.v, entry.u, entry.seq, entry.lot, entry.serial) == ("$", 12.3, "mm", 7, "A1", "S9")
    assert not entry.poor


def test_a_station_payload_gives_each_reading_its_position():
    body = f'{{"readings":[{{"p":"a","v":1,{T}}},{{"p":"b","v":"x",{T}}},{{"v":1,{T}}}]}}'.encode()
    found = [(position, getattr(entry, "reason", "taken")) for position, entry in decode(body)]
    assert found == [
        ("$.readings[0]", "taken"),
        ("$.readings[1]", "value.type"),
        ("$.readings[2]", "parameter.missing"),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["2026-11-21T09:00:00Z", "2026-11-21T09:00:00.5+01:00", "mm", "", "A1", "x" * 100]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["v", "t", "u", "p", "seq", "boot", "lot", "serial", "q", "readings"]), inner),
    max_leaves=12,
)  # fmt: skip
FIELDS = {
    "v": st.integers(0, 5) | st.floats(-1e6, 1e6) | st.booleans() | st.just("12") | st.none(),
    "t": st.sampled_from(["2026-11-21T09:00:00Z", "2026-11-21T09:00:00", "yesterday", 5]),
}
NEARLY = st.fixed_dictionaries(
    FIELDS, optional={"u": st.sampled_from(["mm", "", None, 5]), "seq": st.integers(-2, 5), "lot": st.text(max_size=90)}
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON | NEARLY | st.lists(NEARLY, min_size=1, max_size=3).map(lambda rows: {"readings": rows}))
def test_the_schema_and_the_decoder_agree(value):
    payload = json.dumps(value).encode()
    taken = all(isinstance(entry, Entry) for _, entry in decode(payload))
    assert taken == VALID.is_valid(value)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoder(payload):
    assert decode(payload)


def test_columns_give_each_reading_its_own_and_the_common_values():
    payload = b'{"ts":[1763715600123000,1763715601000000],"p":["a","b"],"v":[1.5,true],"u":"mm","seq":[1,2],"boot":3}'
    (first, one), (second, two) = decode(payload)
    assert (first, one.p, one.v, one.u, one.seq, one.boot) == ("$[0]", "a", 1.5, "mm", 1, 3)
    assert one.t.isoformat() == "2025-11-21T09:00:00.123000+00:00"
    assert (second, two.p, two.v, two.seq) == ("$[1]", "b", True, 2)


def test_a_bad_value_in_a_column_costs_itself():
    found = decode(b'{"ts":[1,2,3],"v":[1,"x",3],"p":"a"}')
    assert [getattr(one, "reason", "taken") for _, one in found] == ["taken", "value.type", "taken"]


def test_a_single_reading_may_carry_a_field_named_ts():
    assert isinstance(decode(f'{{"v":1,{T},"ts":5}}'.encode())[0][1], Entry)


EQUAL = st.integers(1, 3).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            "ts": st.lists(st.integers(0, 10**15) | st.sampled_from([-1, "now", None]), min_size=n, max_size=n),
            "v": st.lists(st.integers(0, 5) | st.floats(-9, 9) | st.booleans() | st.just("12"), min_size=n, max_size=n),
            "p": st.just("a") | st.lists(st.sampled_from(["a", "b", "a b"]), min_size=n, max_size=n),
        },
        optional={
            "u": st.sampled_from(["mm", None, 5]) | st.lists(st.just("mm"), min_size=n, max_size=n),
            "q": st.sampled_from([192, 300]),
            "hist": st.sampled_from([True, "yes"]),
        },
    )
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(EQUAL)
def test_the_schema_and_the_decoder_agree_about_columns(value):
    taken = all(isinstance(entry, Entry) for _, entry in decode(json.dumps(value).encode()))
    assert taken == VALID.is_valid(value)
