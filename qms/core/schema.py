"""Making many tables in one step of a migration."""

from __future__ import annotations

from typing import ClassVar

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """The tables of a room at once.

    A `CreateModel` of its own makes Django build the classes of every related model anew, and records relate to nearly
    all: a room would take as many times longer as it has tables. Foreign keys are made when the migration ends, so the
    tables may point to each other; only a child has to come after its parent.
    """

    reversible = True
    reduces_to_sql = True
    serialization_expand_args: ClassVar = ["tables"]

    def __init__(self, tables: list[CreateModel]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models; their classes are built once, when somebody asks for one."""
        vars(state).pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the tables in their order."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop them, the last one first."""
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """The line `migrate --plan` shows."""
        return f"Create {len(self.tables)} tables"
