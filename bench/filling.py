"""Fills a throw-away demo plant to a full house: two more sites, more readings, thousands of records like its own.

Rows are copied set by set inside the database. Triggers and foreign keys rest meanwhile (`session_replication_role`),
so each copy brings the trail, events and search words of its original along. Never for a plant that anybody uses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg2

SITES = {1: "SD2", 2: "MU3"}
OPEN_EVERY = 25  # so many copies of the closed records to one of the open ones
PICTURE_EVERY = 32  # one copy in so many brings the frozen charts, which would fill the disk
TRAIL_EVERY = 8  # one copy in so many brings the trail of all its rows, the others that of the record alone
PEOPLE = 120

Refs = Mapping[str, str]


class Copier:
    """Copies the rows that hang on rows already copied; keeps old id -> new id for each copy."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def columns(self, table: str) -> dict[str, str]:
        """Column -> type."""
        self.cursor.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = 'public' and table_name = %s and is_generated = 'NEVER' order by ordinal_position",
            [table],
        )
        return dict(self.cursor.fetchall())

    def copy(
        self, table: str, *, per: str, of: str, refs: Refs | None = None, sets: Refs | None = None, where: str = "true"
    ) -> None:
        """Copy rows whose `per` is in the map `of`; `refs`: column -> map; `sets`: column -> SQL over t and me."""
        columns, key = self.columns(table), "id" if "id" in self.columns(table) else per
        if key == "id":
            self.cursor.execute(
                f"create temp table m_{table} as select t.id as old, m.k, m.shift,"
                f" nextval(pg_get_serial_sequence('{table}', 'id'))::bigint as new"
                f" from {table} t join m_{of} m on m.old = t.{per} where {where}"
            )
            self.cursor.execute(f"create index on m_{table} (old, k)")
            self.cursor.execute(f"analyze m_{table}")
        mapped = {per: of, **(refs or {})}
        words = {name: self._value(name, kind, key, mapped, sets or {}) for name, kind in columns.items()}
        joins = "".join(
            f" left join m_{name} r_{column} on r_{column}.old = t.{column} and r_{column}.k = me.k"
            for column, name in mapped.items()
        )
        own = table if key == "id" else of
        self.cursor.execute(
            f"insert into {table} ({', '.join(words)}) select {', '.join(words.values())}"
            f" from {table} t join m_{own} me on me.old = t.{key}{joins}"
        )

    def _value(self, name: str, kind: str, key: str, mapped: Refs, sets: Refs) -> str:
        if name in sets:
            return sets[name]
        if name == key:
            return "me.new"
        if name in mapped:
            return f"coalesce(r_{name}.new, t.{name})"
        return f"t.{name} - me.shift" if kind.startswith("timestamp") else f"t.{name}"


def fill(home: Path, *, readings: int, records: int) -> dict[str, float]:
    """Fill the plant of a running home; seconds of each stage and the rows there are afterwards."""
    link = psycopg2.connect(superuser(home))
    seconds: dict[str, float] = {}
    with link, link.cursor() as cursor:
        cursor.execute("set session_replication_role = replica; set local synchronous_commit = off")
        cursor.execute("set local work_mem = '64MB'; select setseed(0.42); set timezone = 'UTC'")
        copier = Copier(cursor)
        for name, stage in {
            "sites": lambda: _sites(copier),
            "readings": lambda: _readings(copier, readings),
            "records": lambda: _records(copier, records),
            "around records": lambda: _around(copier),
        }.items():
            began = time.monotonic()
            stage()
            seconds[name] = time.monotonic() - began
        # the copies carry the signatures of their originals, which nobody gave for them and nobody shall check
        cursor.execute(
            "update core_heartbeat set data = jsonb_build_object('trail', (select max(id) from core_trail))"
            " where name = 'signatures'"
        )
    link.autocommit = True
    began = time.monotonic()
    with link.cursor() as cursor:
        cursor.execute("vacuum analyze")
        seconds["vacuum"] = time.monotonic() - began
        for table in ("iot_reading", "iot_subgroup", "core_record", "core_task", "core_event", "core_trail"):
            cursor.execute(f"select count(*) from {table}")
            seconds[table] = cursor.fetchone()[0]
    link.close()
    return seconds


def superuser(home: Path) -> str:
    """The address of the database for the one role that may let triggers rest."""
    known = urlsplit(json.loads((home / "ready.json").read_text())["database_url"])
    password = json.loads((home / "passwords.json").read_text())["postgres"]
    return f"postgresql://postgres:{quote(password)}@{known.path}?{known.query}"


def _sites(copier: Copier) -> None:
    """Two sites like the first, with their people, equipment, characteristics, limits, signals and devices."""
    run = copier.cursor.execute
    run("create temp table m_site_first as select id as old, 0 as k, interval '0' as shift, id as new from core_site")
    run(
        "create temp table m_core_site as select id as old, k, interval '0' as shift,"
        " nextval(pg_get_serial_sequence('core_site', 'id'))::bigint as new from core_site, generate_series(1, 2) k"
    )
    names = ", ".join(f"({k}, '{code}')" for k, code in SITES.items())
    run(f"create temp table named as select * from (values {names}) v(k, code)")
    code = "(select code from named n where n.k = me.k)"
    columns = ", ".join(name for name in copier.columns("core_site") if name not in ("id", "code", "name", "demo"))
    run(
        f"insert into core_site (id, code, name, demo, {columns}) select me.new, {code}, 'Plant ' || {code}, false,"
        f" {columns} from core_site t join m_core_site me on me.old = t.id"
    )
    _people(copier)
    site: Any = {"per": "site_id", "of": "core_site"}
    copier.copy("governance_equipment", **site, refs={"parent_id": "governance_equipment"})
    for table in ("governance_process", "governance_part", "governance_numberrule", "capa_escalationrule"):
        copier.copy(table, **site)
    path = f"lower({code}) || substr(t.path, strpos(t.path, '/'))"
    copier.copy("governance_parameter", **site, refs={"station_id": "governance_equipment"}, sets={"path": path})
    parts = {"station_id": "governance_equipment", "part_id": "governance_part", "process_id": "governance_process"}
    copier.copy("governance_characteristic", **site, refs={**parts, "parameter_id": "governance_parameter"})
    prefix = f"lower({code}) || substr(t.topic_prefix, strpos(t.topic_prefix, '/'))"
    copier.copy("iot_device", **site, sets={"code": f"t.code || '-' || lower({code})", "topic_prefix": prefix})
    number = f"t.kind || '-' || {code} || '-' || t.id"
    copier.copy("core_record", **site, sets={"number": number}, where="t.kind = 'limits'")
    copier.copy("iot_controllimits", per="record_ptr_id", of="core_record",
                refs={"characteristic_id": "governance_characteristic"})  # fmt: skip
    of: Any = {"per": "characteristic_id", "of": "governance_characteristic"}
    copier.copy("iot_annotation", **of)
    copier.copy("iot_chartstate", **of, refs={"limits_id": "core_record"})
    copier.copy("iot_signal", **of, refs={"site_id": "core_site", "limits_id": "core_record"},
                sets={"subgroup_id": "null", "record_id": "null"})  # fmt: skip
    copier.copy("iot_signaldecision", per="signal_id", of="iot_signal", sets={"record_id": "null"})
    run("alter table m_core_record rename to m_limits")


def _people(copier: Copier) -> None:
    """People with one role at one site; everybody of the demo plant keeps that role at the new sites too."""
    run = copier.cursor.execute
    run("select id from core_user where email like 'mikael.lund@%'")
    pattern = copier.cursor.fetchone()[0]
    given = ("id", "email", "name", "password")
    columns = ", ".join(name for name in copier.columns("core_user") if name not in given)
    run(
        f"create temp table hired as with new as (insert into core_user (email, name, password, {columns})"
        f" select 'person' || n || '@norrvik.example', 'Person ' || n, '!', {columns} from core_user,"
        f" generate_series(1, {PEOPLE}) n where id = {pattern} returning id) select id from new"
    )
    run("insert into core_membership (user_id, site_id, role) select h.id, s.id,"
        " (array['engineer', 'operator', 'operator', 'approver', 'auditor'])[1 + h.id % 5]"
        " from hired h join (select id, row_number() over (order by id) - 1 as place from core_site) s"
        " on s.place = h.id % 3")  # fmt: skip
    run("insert into core_membership (user_id, site_id, role)"
        " select t.user_id, m.new, t.role from core_membership t join m_core_site m on m.old = t.site_id"
        " where t.user_id not in (select id from hired)")  # fmt: skip


def _readings(copier: Copier, target: int) -> None:
    """Points of the new characteristics, taken from the points of their originals, and a reading for each piece."""
    run = copier.cursor.execute
    run("select count(*), least(min(t), now() - interval '500 days') from iot_reading")
    stored, since = copier.cursor.fetchone()
    each = max(target - stored, 0) / stored / len(SITES)  # so many times what the original has
    run(
        "create temp table course as select s.*, m.new, m.k,"
        " row_number() over (partition by m.new order by r, s.n) as at,"
        " ceil(count(*) over (partition by m.new) / ceil(%(each)s::numeric) * %(each)s) as most from iot_subgroup s"
        " join m_governance_characteristic m on m.old = s.characteristic_id,"
        " generate_series(1, ceil(%(each)s::numeric)::int) r",
        {"each": each},
    )
    run("delete from course where at > most")
    when = "%(since)s::timestamptz + (now() - %(since)s::timestamptz) * (at / (most + 1))"
    run(
        "insert into iot_subgroup (characteristic_id, n, t, first_t, size, values, mean, spread, limits_id, mask,"
        f" state, reason, lot) select c.new, at, {when}, {when} - size * interval '12 s', size, values, mean, spread,"
        " l.new, mask, state, reason, lot from course c left join m_limits l on l.old = c.limits_id and l.k = c.k"
        " order by c.new, at",
        {"since": since},
    )
    run(
        "insert into iot_reading (t, value, received, parameter_id, seq, flags, lot)"
        " select s.t - (s.size - p.place) * interval '12 s', p.value, s.t, c.parameter_id, 0, 16, s.lot"
        " from iot_subgroup s join governance_characteristic c on c.id = s.characteristic_id"
        " join m_governance_characteristic m on m.new = c.id, unnest(s.values) with ordinality p(value, place)"
        " on conflict do nothing"
    )
    run(
        "insert into iot_rollupmark (parameter_id, width, bucket, holder, made)"
        " select distinct parameter_id, 3600, date_bin('1 hour', t, '2000-01-01Z'), 0, now() from iot_reading"
        " on conflict do nothing"
    )
    run(
        "update iot_chartstate t set last_point = p.n, last_t = p.t from m_governance_characteristic m,"
        " lateral (select n, t from iot_subgroup where characteristic_id = m.new order by n desc limit 1) p"
        " where t.characteristic_id = m.new"
    )


def _records(copier: Copier, target: int) -> None:
    """Nonconformities and CAPAs: copies of the plant's own, spread over the sites, the people and two years."""
    run = copier.cursor.execute
    run("select count(*), count(*) filter (where closed_at is not null) from core_record where kind in ('ncr', 'capa')")
    own, closed = copier.cursor.fetchone()
    copies = max(round((target - own) / (closed + (own - closed) / OPEN_EVERY)), 1)
    run(
        "create temp table m_core_record as select t.id as old, k, nextval(pg_get_serial_sequence('core_record', 'id'))"
        "::bigint as new, case when closed_at is null then k * interval '1 minute' else k * interval '17 hours' end"
        " as shift, t.kind from core_record t, generate_series(1, %s) k where t.kind in ('ncr', 'capa')"
        f" and (t.closed_at is not null or k %% {OPEN_EVERY} = 0)",
        [copies],
    )
    run("create index on m_core_record (old, k); analyze m_core_record")
    for name in ("core_site", *(f"governance_{x}" for x in ("characteristic", "equipment", "part", "process"))):
        run(
            f"create temp table r_{name} as select m.old, k.k, m.new from m_{name} m,"
            f" generate_series(1, {copies}) k(k) where m.k = k.k % 3"
        )
        run(f"drop table m_{name}; alter table r_{name} rename to m_{name}; create index on m_{name} (old, k)")
    person = _somebody(copier)
    columns = copier.columns("core_record")
    moments = {name for name, kind in columns.items() if kind.startswith("timestamp")}
    words = {
        **{name: f"t.{name} - me.shift" if name in moments else f"t.{name}" for name in columns},
        "id": "me.new", "number": "upper(t.kind) || '-' || to_char(t.opened_at - me.shift, 'YYYY') || '-C' || me.new",
        "site_id": "coalesce(s.new, t.site_id)", "title": "left(t.title, 180) || ', lot K' || me.k", "owner_id": person,
    }  # fmt: skip
    run(
        f"insert into core_record ({', '.join(words)}) select {', '.join(words.values())} from core_record t"
        " join m_core_record me on me.old = t.id left join m_core_site s on s.old = t.site_id and s.k = me.k"
    )
    where = {"characteristic_id": "governance_characteristic", "station_id": "governance_equipment",
             "part_id": "governance_part", "process_id": "governance_process"}  # fmt: skip
    record: Any = {"per": "record_ptr_id", "of": "core_record"}
    copier.copy("capa_nonconformity", **record, refs=where, sets={"signal_id": "null", "lot": "'K' || me.k"})
    about = {"source_ncr_id": "core_record", "characteristic_id": "governance_characteristic"}
    copier.copy("capa_capa", **record, refs=about)


def _somebody(copier: Copier) -> str:
    """SQL for one of the new people, another for each copy."""
    copier.cursor.execute("select array_agg(id) from hired")
    hired = copier.cursor.fetchone()[0]
    return f"(array{hired})[1 + me.new % {len(hired)}]"


def _around(copier: Copier) -> None:
    """What hangs on the records: rows of both kinds, tasks, signatures, comments, links, search, events, trail."""
    person = _somebody(copier)
    record: Any = {"per": "record_id", "of": "core_record"}
    capa: Any = {"per": "capa_id", "of": "core_record"}
    copier.copy("core_frozenevidence", **record, where=f"m.k % {PICTURE_EVERY} = 0")
    for table in ("capa_containment", "capa_costline", "capa_costtotal", "core_signature", "core_comment"):
        copier.copy(table, **record)
    asked = {"key": "t.key || ':' || me.new", "owner_id": f"case when t.owner_id is not null then {person} end"}
    copier.copy("core_task", **record, refs={"site_id": "core_site"}, sets=asked)
    copier.copy("core_link", per="source_id", of="core_record", refs={"target_id": "core_record"})
    copier.copy("capa_disposition", per="nonconformity_id", of="core_record")
    for table in ("capa_teammember", "capa_documentupdate", "capa_readacross"):
        copier.copy(table, **capa)
    copier.copy("capa_cause", **capa, refs={"frozen_id": "core_frozenevidence", "parent_id": "capa_cause"})
    copier.copy("capa_action", **capa, refs={"cause_id": "capa_cause"})
    copier.copy("capa_criterion", **capa, refs={"characteristic_id": "governance_characteristic"})
    copier.copy("capa_verdict", **capa, refs={"criterion_id": "capa_criterion"})
    copier.copy("core_searchentry", **record, sets={"words": "t.words || to_tsvector('simple', 'K' || me.k)"})
    _history(copier)


def _history(copier: Copier) -> None:
    """A task of each record, done with it; three events; the trail of the original."""
    run = copier.cursor.execute
    run(
        "insert into core_task (key, kind, title, detail, url, role, priority, due, created_at, done_at, done_by,"
        " warned, owner_id, record_id, site_id) select 'work:' || r.id, 'task', 'Work on ' || r.number, '', '', '', 2,"
        " r.due, r.opened_at, r.closed_at, case when r.closed_at is null then '' else 'Mikael Lund' end, 0, r.owner_id,"
        " r.id, r.site_id from core_record r join m_core_record m on m.new = r.id"
    )
    run(
        "insert into core_event (uid, at, type, record, key, act, actor, data) select gen_random_uuid(), r.opened_at,"
        " 'qms.core.' || e, r.id, 'record:' || r.id, 'copy:' || m.k, 'Mikael Lund', jsonb_build_object('record', r.id,"
        " 'kind', r.kind, 'number', r.number) from core_record r join m_core_record m on m.new = r.id,"
        " unnest(array['RecordOpened', 'StepTaken', 'RecordChanged']) e"
    )
    run(
        "insert into core_trail (act, at, actor, reason, source, known, tbl, op, pk, record, image)"
        " select t.act || ':' || m.k, t.at - m.shift, t.actor, t.reason, t.source, t.known, t.tbl, t.op,"
        " case when t.pk = t.record then m.new else t.pk end, m.new, t.image from core_trail t join m_core_record m"
        f" on m.old = t.record where t.pk = t.record or m.k % {TRAIL_EVERY} = 0"
    )
