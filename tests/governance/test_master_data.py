"""Master data: what is refused before it spreads, and what a mapping makes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import Characteristic, Equipment, NumberRule, Parameter, UnmappedTopic
from governance.queries import equipment_tree, proposal_for
from governance.services import (
    Heard,
    Mapping,
    add_characteristic,
    add_equipment,
    add_parameter,
    add_part,
    edit_characteristic,
    ignore_topic,
    map_topic,
    note_unmapped,
    set_number_rule,
)
from qms.core.actor import system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def station(site, engineer):
    area = add_equipment(site=site, level="area", code="ASM", by=engineer)
    line = add_equipment(site=site, level="line", code="L2", parent=area, by=engineer)
    return add_equipment(site=site, level="station", code="S30", parent=line, by=engineer)


@pytest.fixture
def parameter(site, station, engineer):
    return add_parameter(site=site, path="nv1/asm/l2/s30/press_force", station=station, unit="kN", by=engineer)


@pytest.fixture
def heard(site):
    def note(topic="acme/NV1/ASM/L2/S30/temperature", values=(20.5, 20.75), unit="°C", count=2):
        at = timezone.now()
        note_unmapped([Heard(topic, site.pk, at - timedelta(seconds=60), at, count, values, unit)], by=system("tests"))
        return UnmappedTopic.objects.get(topic=topic)

    return note


def test_a_part_number_must_match_the_rule_of_the_site(site, engineer):
    set_number_rule(
        site=site, target="part", pattern=r"[A-Z]{2}-\d{4}-\d{2}", explanation="Two letters, four digits, two digits",
        accepted=["PH-2290-11"], refused=["PH2290"], by=engineer,
    )  # fmt: skip
    assert add_part(site=site, number="VS-4410-03", name="Spool", by=engineer).pk
    with pytest.raises(Invalid, match="Example: PH-2290-11"):
        add_part(site=site, number="VS4410", name="Spool", by=engineer)


def test_a_rule_that_fails_its_own_test_strings_is_not_set(site, engineer):
    with pytest.raises(Invalid, match="takes 'PH2290'"):
        set_number_rule(
            site=site,
            target="part",
            pattern=r"PH.*",
            explanation="x",
            accepted=["PH-1"],
            refused=["PH2290"],
            by=engineer,
        )
    assert not NumberRule.objects.exists()


def test_a_pattern_that_is_none_is_refused(site, engineer):
    with pytest.raises(Invalid, match="not a regular expression"):
        set_number_rule(site=site, target="part", pattern="(", explanation="x", by=engineer)


@pytest.mark.parametrize(("level", "parent"), [("station", None), ("area", "line")])
def test_equipment_stands_only_below_its_level(site, station, engineer, level, parent):
    above = Equipment.objects.get(level="line") if parent else None
    with pytest.raises(Invalid, match="cannot stand below"):
        add_equipment(site=site, level=level, code="X", parent=above, by=engineer)


def test_the_tree_follows_the_plant(site, station):
    [area] = equipment_tree(Equipment.objects.all())
    assert [area.equipment.code, area.children[0].children[0].equipment.code] == ["ASM", "S30"]


@pytest.mark.parametrize("path", ["xx/asm/l2/s30/force", "nv1/s30/force", "nv1/asm/l2/s30/Press Force"])
def test_a_parameter_path_outside_the_pattern_is_refused(site, station, engineer, path):
    with pytest.raises(Invalid):
        add_parameter(site=site, path=path, station=station, by=engineer)


def test_a_parameter_without_a_real_unit_is_refused(site, station, engineer):
    with pytest.raises(Invalid, match="not a known unit"):
        add_parameter(site=site, path="nv1/asm/l2/s30/force", station=station, unit="zork", by=engineer)


@pytest.mark.parametrize(
    "fields",
    [
        {"lsl": 9.0, "usl": 8.0},
        {"lsl": 8.0, "usl": 8.0},
        {"target": 9.0, "usl": 8.0},
        {"lsl": float("nan")},
        {"chart": "xbar-r", "subgroup_size": 1},
        {"chart": "i-mr", "subgroup_size": 5},
        {"chart": "p", "subgroup_size": 50},
        {"rules": ["nelson_9"]},
    ],
)
def test_a_characteristic_that_cannot_be_charted_is_refused(parameter, engineer, fields):
    with pytest.raises(Invalid):
        add_characteristic(parameter=parameter, code="C1", name="Force", by=engineer, **fields)


def test_a_changed_characteristic_tells_the_other_rooms(parameter, engineer):
    row = add_characteristic(parameter=parameter, code="C1", name="Force", by=engineer)
    edit_characteristic(row, usl=10.0, by=engineer)
    assert Event.objects.get(type="governance.CharacteristicChanged").data["fields"] == ["usl"]


def test_an_operator_cannot_change_master_data(parameter, operator):
    with pytest.raises(Denied):
        add_characteristic(parameter=parameter, code="C1", name="Force", by=operator)


def test_a_proposal_reads_station_unit_and_decimals_from_what_was_heard(station, heard):
    proposal = proposal_for(heard())
    assert (proposal.station, proposal.unit, proposal.decimals, proposal.chart) == (station.pk, "°C", 2, "i-mr")
    assert proposal.create == ()


def test_fast_values_are_proposed_as_means_and_small_counts_as_counts(station, heard):
    assert proposal_for(heard(count=600)).chart == "xbar-r"
    counts = heard("acme/NV1/ASM/L2/S30/rejects", (0.0, 2.0, 1.0), "", 3)
    assert (proposal_for(counts).chart, proposal_for(counts).kind) == ("c", "count")


@pytest.mark.parametrize("topic", ["lab/bench/3", "acme/NV1/force"])
def test_a_topic_that_is_no_path_proposes_nothing_and_says_why(site, heard, topic):
    assert proposal_for(heard(topic)).refusal.endswith(".")


@pytest.mark.parametrize(
    ("topic", "path"),
    [
        ("acme/NV1/ASM/L2/S30/Spaced name", "nv1/asm/l2/s30/spaced_name"),
        ("NV1/ASM/L2/S30/Bore/Diameter 2", "nv1/asm/l2/s30/bore_diameter_2"),
        ("NV1/Press/Oil Temp (C)", "nv1/press/press/press/oil_temp_c"),
        ("NV1/Line4/Cell/3", "nv1/line4/cell/cell/p_3"),
    ],
)
def test_a_topic_of_other_levels_is_folded_into_a_path(site, heard, topic, path):
    assert proposal_for(heard(topic)).path == path


def test_mapping_makes_the_missing_equipment_in_the_same_act(site, engineer, heard):
    row = map_topic(heard("acme/NV1/NEW/L9/S1/force", (8.6,), "kN"), by=engineer)
    assert list(Equipment.objects.values_list("code", flat=True).order_by("pk")) == ["NEW", "L9", "S1"]
    assert row.parameter.path == "nv1/new/l9/s1/force"
    assert Event.objects.filter(type="governance.TopicMapped").exists()


def test_a_refused_mapping_leaves_nothing_behind(station, engineer, heard):
    with pytest.raises(Invalid):
        map_topic(heard(), by=engineer, mapping=Mapping(unit="zork"))
    assert not Parameter.objects.exists()
    assert not Characteristic.objects.exists()


def test_a_topic_is_mapped_once(station, engineer, heard):
    topic = heard()
    map_topic(topic, by=engineer)
    with pytest.raises(Refused, match="mapped already"):
        map_topic(topic, by=engineer)


def test_a_flood_of_values_keeps_the_newest_sixty(site, heard):
    heard(values=tuple(float(i) for i in range(50)))
    assert heard(values=tuple(float(i) for i in range(50, 100))).samples == [float(i) for i in range(40, 100)]


def test_an_ignored_topic_stays_counted(site, engineer, heard):
    ignore_topic(heard(), reason="test bench", by=engineer)
    assert heard().state == "ignored"
    assert heard().count == 6
