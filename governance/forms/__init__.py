"""What people type about master data."""

from __future__ import annotations

from governance.forms.gages import (
    NAMES,
    CalibrationForm,
    GageEditForm,
    GageFields,
    GageForm,
    GageStatusForm,
    WithdrawForm,
)
from governance.forms.joint import JointEditForm, JointForm
from governance.forms.plant import (
    JUDGING,
    MOST_BYTES,
    CharacteristicForm,
    EquipmentEditForm,
    EquipmentForm,
    IgnoreForm,
    ImportForm,
    MappingForm,
    ParameterEditForm,
    PartEditForm,
    PartForm,
    ProcessEditForm,
    ProcessForm,
    RuleForm,
    SiteForm,
    StationForm,
    price_in_words,
)

__all__ = [
    "JUDGING",
    "MOST_BYTES",
    "NAMES",
    "CalibrationForm",
    "CharacteristicForm",
    "EquipmentEditForm",
    "EquipmentForm",
    "GageEditForm",
    "GageFields",
    "GageForm",
    "GageStatusForm",
    "IgnoreForm",
    "ImportForm",
    "JointEditForm",
    "JointForm",
    "MappingForm",
    "ParameterEditForm",
    "PartEditForm",
    "PartForm",
    "ProcessEditForm",
    "ProcessForm",
    "RuleForm",
    "SiteForm",
    "StationForm",
    "WithdrawForm",
    "price_in_words",
]
