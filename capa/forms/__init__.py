"""What people type on the room's pages; services save it."""

from __future__ import annotations

from capa.forms.catalogue import DefectCodeEditForm, DefectCodeForm, LimitsForm
from capa.forms.copying import CapaCopyForm, DeviationCopyForm, NonconformityCopyForm
from capa.forms.corrective import (
    ActionForm,
    AnswerForm,
    AskForm,
    CapaForm,
    CauseForm,
    CriterionForm,
    DocumentForm,
    MoveForm,
    ProblemForm,
    SectionForm,
    VerifyForm,
)
from capa.forms.deviation import DeviationForm, ExtensionForm, NewDeviationForm, UseForm
from capa.forms.fields import FieldsForm, people_choices, present
from capa.forms.nonconformity import (
    ContainmentForm,
    CostForm,
    DispositionForm,
    NonconformityForm,
    QuickContainForm,
    QuickForm,
    ReasonForm,
)

__all__ = [
    "ActionForm",
    "AnswerForm",
    "AskForm",
    "CapaCopyForm",
    "CapaForm",
    "CauseForm",
    "ContainmentForm",
    "CostForm",
    "CriterionForm",
    "DefectCodeEditForm",
    "DefectCodeForm",
    "DeviationCopyForm",
    "DeviationForm",
    "DispositionForm",
    "DocumentForm",
    "ExtensionForm",
    "FieldsForm",
    "LimitsForm",
    "MoveForm",
    "NewDeviationForm",
    "NonconformityCopyForm",
    "NonconformityForm",
    "ProblemForm",
    "QuickContainForm",
    "QuickForm",
    "ReasonForm",
    "SectionForm",
    "UseForm",
    "VerifyForm",
    "people_choices",
    "present",
]
