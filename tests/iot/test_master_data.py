"""Master data that the floor already measures."""

from __future__ import annotations

import pytest
from django.urls import reverse

from governance.models import Characteristic, Parameter
from governance.services import edit_parameter
from qms.core.errors import Invalid
from qms.core.models import Trail

pytestmark = pytest.mark.django_db
FORM = {
    "code": "C201", "name": "Press-in force", "chart": "i-mr", "subgroup_size": 1, "lsl": 7.0, "target": 8.6,
    "usl": 10.0, "decimals": 3, "rules": ["nelson_1", "nelson_2", "nelson_3", "nelson_5"], "stale_after": 300,
    "active": "on",
}  # fmt: skip


def save(browser, row, **more):
    return browser.post(reverse("governance:characteristic-edit", args=[row.pk]), FORM | more)


def test_a_unit_is_corrected_before_the_first_reading_and_not_after(characteristic, measure, engineer):
    parameter = characteristic.parameter
    assert edit_parameter(parameter, unit="N", by=engineer).unit == "N"
    edit_parameter(parameter, unit="kN", by=engineer)
    measure([8.6])
    with pytest.raises(Invalid, match="stored in this unit already"):
        edit_parameter(parameter, unit="N", by=engineer)
    assert Parameter.objects.get(pk=parameter.pk).unit == "kN"


def test_a_specification_changes_with_a_reason_that_stays_in_the_history(browser_of, engineer, characteristic):
    browser = browser_of(engineer)
    bare = save(browser, characteristic, usl=9.5)
    assert bare.status_code == 400
    assert "Say why" in bare.content.decode()
    assert save(browser, characteristic, usl=9.5, reason="Drawing revision G").status_code == 302
    assert Characteristic.objects.get().usl == 9.5
    assert Trail.objects.filter(tbl="governance_characteristic", reason="Drawing revision G").exists()


def test_a_new_name_needs_no_reason(browser_of, engineer, characteristic):
    assert save(browser_of(engineer), characteristic, name="Force").status_code == 302
    assert Characteristic.objects.get().name == "Force"


def test_a_characteristic_is_taken_out_of_use_on_its_page_and_found_by_that(browser_of, engineer, characteristic):
    browser = browser_of(engineer)
    assert save(browser, characteristic, active="").status_code == 302
    assert not Characteristic.objects.get().active
    listed = browser.get(f"{reverse('iot:characteristics')}?active=false").content.decode()
    assert "Not in use" in listed
