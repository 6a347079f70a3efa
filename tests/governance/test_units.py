"""Units: what is one, and how a value gets from one into another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.units import conversion, refusal_of, written


@pytest.mark.parametrize(
    ("heard", "canonical", "value", "becomes"),
    [
        ("mm", "µm", 1.5, 1500.0),
        ("μm", "mm", 250.0, 0.25),
        ("°C", "°F", 100.0, 212.0),
        ("degF", "°C", 212.0, 100.0),
        ("kN", "N", 8.6, 8600.0),
        ("N·m", "Nm", 9.5, 9.5),
        ("%", "", 12.0, 0.12),
        ("mL/min", "L/h", 100.0, 6.0),
        ("g/cm³", "kg/m^3", 1.2, 1200.0),
    ],
)
def test_a_value_is_converted(heard, canonical, value, becomes):
    step = conversion(heard, canonical)
    assert not step.refusal
    assert value * step.factor + step.offset == pytest.approx(becomes)


@pytest.mark.parametrize(
    ("heard", "reason"), [("kg", "unit.incompatible"), ("", "unit.incompatible"), ("zork", "unit.unknown")]
)
def test_what_cannot_be_converted_says_why(heard, reason):
    step = conversion(heard, "mm")
    assert step.reason == reason
    assert step.refusal.endswith(".")


@pytest.mark.parametrize("text", ["9**9**9**9", "__import__('os')", "m" * 60, "mm; drop", "1e999", "mm**99"])
def test_text_that_is_no_unit_never_reaches_the_library(text):
    assert refusal_of(text)


@given(st.text(max_size=40))
def test_any_text_is_answered(text):
    assert isinstance(conversion(text, "mm").refusal, str)


def test_units_are_written_as_people_write_them():
    assert [written(text) for text in ("degC", "um", "kN")] == ["°C", "µm", "kN"]
