"""The commands that answer cases and measure."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from qms.core.management.commands.bench import table


def test_spc_prints_one_object_a_file_and_fails_when_one_has_an_error(tmp_path):
    case = {"id": "two", "kind": "no-such-kind", "input": {}}
    (tmp_path / "two.json").write_text(json.dumps(case))
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("spc", str(tmp_path / "two.json"), stdout=out)
    assert json.loads(out.getvalue())["id"] == "two"


def test_an_unknown_bench_names_those_there_are():
    with pytest.raises(CommandError, match="spc"):
        call_command("bench", "no_such_bench")


def test_the_table_of_a_bench_lines_up_and_says_what_missed_its_goal():
    row = {"id": "start", "value": 71.25, "unit": "s", "goal": 60.0, "beside": {"migrate": 9.5}, "met": False}
    heading, line = table([row])
    assert heading.index("unit") == line.index("s ", 6)
    assert "NO" in line
    assert "migrate 9.5" in line
