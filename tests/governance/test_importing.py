"""Characteristics from a table: every row or none, problems with their line and column."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.models import Characteristic, Equipment, Parameter, Part
from governance.services import Imported, import_characteristics
from qms.core.errors import Denied, Invalid

TABLE = """topic,code,name,unit,chart,subgroup_size,lsl,target,usl,part
nv1/assembly/l2/s30/press_force,C201,Press-in force,kN,xbar-r,5,10,12.5,15,4711-A
nv1/assembly/l2/s30/depth,C202,Depth,mm,i-mr,1,,,8,4711-A
"""
pytestmark = pytest.mark.django_db


def test_a_table_makes_everything_a_chart_needs(site, engineer) -> None:
    assert import_characteristics(TABLE, site=site, by=engineer) == Imported(added=2, present=0)
    row = Characteristic.objects.get(code="C201")
    assert (row.chart, row.subgroup_size, row.lsl, row.target, row.usl) == ("xbar-r", 5, 10, 12.5, 15)
    assert (row.parameter.unit, row.station.code, row.part.number) == ("kN", "S30", "4711-A")
    assert (Part.objects.count(), Equipment.objects.count()) == (1, 3)


def test_a_table_imported_twice_changes_nothing(site, engineer) -> None:
    import_characteristics(TABLE, site=site, by=engineer)
    assert import_characteristics(TABLE, site=site, by=engineer) == Imported(added=0, present=2)


def test_semicolons_come_with_decimal_commas(site, engineer) -> None:
    table = "\ufefftopic;code;usl\r\nnv1/a/l1/s1/depth;C1;8,25\r\n"
    import_characteristics(table, site=site, by=engineer)
    assert Characteristic.objects.get().usl == 8.25


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("topic,code,usl\nnv1/a/l1/s1/x,C1,8\nnv1/a/l1/s1/y,C2,much\n", "Line 3, usl: “much” is no number"),
        ("topic,code,lsl,usl\nnv1/a/l1/s1/x,C1,9,8\n", "Line 2, lsl"),
        ("topic,code\nelsewhere/x,C1\n", "Line 2, topic"),
        ("topic,code,unit\nnv1/a/l1/s1/x,C1,furlongx\n", "Line 2, unit"),
        ("topic,code,colour\n", "unknown column colour"),
        ("topic,name\n", "code is missing"),
        ("topic,code\n", "no row"),
        ("topic,code\na,b,c\n", "more fields"),
        ("", "missing"),
    ],
)
def test_a_wrong_table_is_refused_as_a_whole_with_line_and_column(site, engineer, table, said) -> None:
    with pytest.raises(Invalid) as problem:
        import_characteristics(table, site=site, by=engineer)
    assert said in str(problem.value)
    assert not Parameter.objects.exists()


def test_who_may_not_edit_characteristics_imports_none(site, operator) -> None:
    with pytest.raises(Denied):
        import_characteristics(TABLE, site=site, by=operator)


def test_the_first_run_offers_the_import_and_the_page_takes_a_file(browser_of, make_actor, site) -> None:
    browser = browser_of(make_actor("Ola Own", "owner"))
    assert browser.post(reverse("web:first-run-start"), {"start": "import"}).url == reverse("governance:import")
    assert "multipart/form-data" in browser.get(reverse("governance:import")).content.decode()
    file = SimpleUploadedFile("c.csv", TABLE.encode(), "text/csv")
    assert browser.post(reverse("governance:import"), {"site": site.pk, "file": file}).status_code == 302
    assert Characteristic.objects.count() == 2
    wrong = SimpleUploadedFile("c.csv", b"\xff\xfe", "text/csv")
    page = browser.post(reverse("governance:import"), {"site": site.pk, "file": wrong})
    assert page.status_code == 400
    assert "CSV UTF-8" in page.content.decode()
