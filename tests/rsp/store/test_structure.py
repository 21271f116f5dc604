"""The structure is the one the migrations make, on both engines; what somebody changed in it is named."""

from __future__ import annotations

from sqlalchemy import text

from rsp.store.engines import WRITES
from rsp.store.session import Store
from rsp.store.structure import structure_differences


def test_a_migrated_database_has_the_structure_that_migrations_make(store: Store) -> None:
    with store.read() as session:
        assert structure_differences(session) == []


def test_a_dropped_guard_is_named(store: Store) -> None:
    with store._engine.connect().execution_options(**{WRITES: True}) as owner, owner.begin():
        if owner.dialect.name == "postgresql":
            owner.execute(text("DROP TRIGGER tr_score_guard ON score"))
        else:
            owner.execute(text("DROP TRIGGER tr_score_no_update"))
    with store.read() as session:
        assert ["tr_score" in each.key for each in structure_differences(session)] == [True]


def test_a_trigger_of_somebodys_own_is_named(store: Store) -> None:
    with store._engine.connect().execution_options(**{WRITES: True}) as owner, owner.begin():
        if owner.dialect.name == "postgresql":
            owner.execute(text("CREATE TRIGGER mine BEFORE INSERT ON score FOR EACH STATEMENT EXECUTE FUNCTION rsp_refuse_change()"))
        else:
            owner.execute(text("CREATE TRIGGER mine AFTER INSERT ON score BEGIN SELECT 1; END"))
    with store.read() as session:
        assert [each.kind for each in structure_differences(session)] == ["extra"]
