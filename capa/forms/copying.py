"""A draft like another record: what described that one, to be changed before it is opened."""

from __future__ import annotations

from capa.forms.fields import FieldsForm
from capa.models import Capa, Deviation, Nonconformity
from capa.services.copying import DESCRIBES


class NonconformityCopyForm(FieldsForm):
    """The same defect on other pieces, which are named anew."""

    model = Nonconformity
    names = (*DESCRIBES[Nonconformity], "lot", "quantity_nonconforming")


class CapaCopyForm(FieldsForm):
    """The same problem elsewhere or again; its questions (D2) come along."""

    model = Capa
    names = DESCRIBES[Capa]


class DeviationCopyForm(FieldsForm):
    """The same terms, without their bounds."""

    model = Deviation
    names = DESCRIBES[Deviation]
