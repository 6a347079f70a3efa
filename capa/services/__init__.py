"""Everything that writes in this room."""

from __future__ import annotations

from capa.services.analysing import (
    FIELDS,
    add_cause,
    change_cause,
    choose_cause,
    drop_cause,
    save_section,
    save_sections,
    set_team,
    verify_cause,
)
from capa.services.catalogue import add_defect_code, edit_defect_code, set_escalation_limits
from capa.services.containing import add_containment, change_containment, contain, verify_containment
from capa.services.copying import DESCRIBES, Copied, open_copy
from capa.services.deviating import ask_extension, book_use, open_deviation, save_deviation, tend_deviations
from capa.services.disposing import (
    add_cost,
    add_disposition,
    carry_out,
    dispose_rest,
    reinspect,
    save_nonconformity,
    withdraw_disposition,
)
from capa.services.escalating import reasons_for, reassess, refuse_escalation, rule_of
from capa.services.judging import judge, preview, window_of
from capa.services.opening import join_capa, open_capa, open_nonconformity, open_nonconformity_from_signal
from capa.services.planning import (
    add_action,
    cancel_action,
    carry_over,
    change_action,
    drop_criterion,
    finish_action,
    fix_criterion,
    move_action,
)
from capa.services.preventing import answer_document, answer_read_across, ask_read_across
from capa.services.several import SEVERAL, Several, told, tried

__all__ = [
    "DESCRIBES",
    "FIELDS",
    "SEVERAL",
    "Copied",
    "Several",
    "add_action",
    "add_cause",
    "add_containment",
    "add_cost",
    "add_defect_code",
    "add_disposition",
    "answer_document",
    "answer_read_across",
    "ask_extension",
    "ask_read_across",
    "book_use",
    "cancel_action",
    "carry_out",
    "carry_over",
    "change_action",
    "change_cause",
    "change_containment",
    "choose_cause",
    "contain",
    "dispose_rest",
    "drop_cause",
    "drop_criterion",
    "edit_defect_code",
    "finish_action",
    "fix_criterion",
    "join_capa",
    "judge",
    "move_action",
    "open_capa",
    "open_copy",
    "open_deviation",
    "open_nonconformity",
    "open_nonconformity_from_signal",
    "preview",
    "reasons_for",
    "reassess",
    "refuse_escalation",
    "reinspect",
    "rule_of",
    "save_deviation",
    "save_nonconformity",
    "save_section",
    "save_sections",
    "set_escalation_limits",
    "set_team",
    "tend_deviations",
    "told",
    "tried",
    "verify_cause",
    "verify_containment",
    "window_of",
    "withdraw_disposition",
]
