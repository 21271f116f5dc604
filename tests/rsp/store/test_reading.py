"""Answers from the record: as of any position, in one order, and texts that may be gone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rsp.errors import InputError, UnknownNameError
from rsp.store.gathering import ERASED, WITHHELD
from rsp.store.reading import entries, evidence, models, position
from rsp.store.session import Store
from rsp.store.verify import verify
from tests.rsp.store.dba import Dba
from tests.rsp.store.sample import content, fill, load_content


def test_an_unknown_model_is_told_with_near_names(store: Store) -> None:
    """Also one that was recorded later than the position asked about."""
    load_content(store, content())
    with store.read() as session:
        with pytest.raises(UnknownNameError, match="perhaps before") as caught:
            evidence(session, "befor")
        assert caught.value.near == ("before",)
    later = content() | {"models": [{"slug": "later", "name": "Later", "developer": "lab", "source": "card"}]}
    load_content(store, later)
    with store.read() as session:
        assert evidence(session, "later").position == 1
        with pytest.raises(UnknownNameError, match="'later' as of position 0"):
            evidence(session, "later", 0)


@pytest.mark.parametrize("wrong", [-1, 1, 99])
def test_a_position_the_log_has_not_reached_is_refused(store: Store, wrong: int) -> None:
    """Else a typo would be answered with less than was known."""
    load_content(store, content())
    with store.read() as session, pytest.raises(InputError, match="expected 0 to 0"):
        evidence(session, "m", wrong)


def test_an_answer_about_the_past_stays_the_same(store: Store) -> None:
    """Whatever is recorded later, evidence as of a position is equal to what it was then."""
    told = []
    held = content()
    load_content(store, held)
    for number in range(5):
        with store.read() as session:
            told.append(evidence(session, "m"))
        held["runs"][0]["scores"][0]["value"] = Decimal(f"0.6{number}")
        held["runs"].append(held["runs"][0] | {"slug": f"more-{number}"})
        load_content(store, held, supersede=f"round {number}")
    with store.read() as session:
        assert [evidence(session, "m", at) for at in range(5)] == told
        assert [len(each.runs) for each in told] == [2, 3, 4, 5, 6]  # one of them is registered and not reported
        assert [len(each.corrections) for each in told] == [0, *(evidence(session, "m", at).corrections.__len__() for at in range(1, 5))]


def test_one_models_evidence_holds_nothing_of_another(store: Store) -> None:
    """But every evaluation there is, so that a policy may name one that was never run."""
    held = content()
    held["runs"].append(held["runs"][0] | {"model": "before", "snapshot": None})
    load_content(store, held)
    with store.read() as session:
        assert len(evidence(session, "before").runs) == 1
        assert evidence(session, "before").trials == ()
        assert [each.slug for each in evidence(session, "before").evaluations] == ["plasmids"]


def test_models_are_listed_with_their_snapshots(store: Store) -> None:
    """By slug, as of a position."""
    load_content(store, content())
    with store.read() as session:
        assert [(each.slug, len(each.snapshots)) for each in models(session, 0)] == [("before", 0), ("m", 2)]


def test_an_entry_tells_its_act(store: Store) -> None:
    """File, digest, reason, but no rows."""
    fill(store)
    with store.read() as session:
        found = entries(session)
        assert [each.kind for each in found] == ["evidence", "evidence", "policy", "criteria", "token", "token"]
        assert found[1].act == {"file_name": "sample.yaml", "file_sha256": "ab" * 32, "reason": "the card was corrected"}
        assert [each.seq for each in entries(session, since=2, limit=1)] == [2]


SECRET = "the recipe nobody may read"


def hazardous() -> dict[str, object]:
    """The sample with a hazardous run whose scores do not say so themselves."""
    held = content()
    held["runs"][0] |= {"visibility": "hazardous", "tools": f"{SECRET} tools", "status_reason": f"{SECRET} reason"}
    held["runs"][0]["scores"][0] |= {"words": f"{SECRET} words", "visibility": "public"}
    held["trials"][0] |= {"visibility": "restricted"}
    held["trials"][0]["cohorts"][0]["arms"][0]["conditions"] = f"{SECRET} conditions"
    held["trials"][1] |= {"visibility": "restricted", "adjusted_for": f"{SECRET} covariate"}
    held["drop_answers"][0] |= {"visibility": "restricted", "words": f"{SECRET} words", "by": f"{SECRET} by", "note": f"{SECRET} note"}
    return held


def stored_texts(url: str) -> str:
    """Everything in the database but the texts laid aside."""
    with Dba(url, guarded="yes") as dba:
        names = [name for (name,) in dba.run(_TABLES[dba.engine]) if name != "sealed_text"]
        rows = [str(dba.run(f'SELECT * FROM "{name}"')) for name in names]
        bodies = [bytes(body).decode() for (body,) in dba.run("SELECT body FROM log_entry")]
    return "".join([*rows, *bodies])


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def test_hazardous_text_is_in_no_row_and_no_body(store: Store, database: str) -> None:
    """It comes back when read, children of a hazardous run included, whatever they say of themselves."""
    load_content(store, hazardous())
    with store.read() as session:
        held = evidence(session, "m")
    assert held.runs[0].tools == f"{SECRET} tools"
    assert held.runs[0].scores[0].words == f"{SECRET} words"
    assert held.trials[0].cohorts[0].arms[0].conditions == f"{SECRET} conditions"
    assert held.trials[1].adjusted_for == f"{SECRET} covariate"
    assert (held.drop_answers[0].words, held.drop_answers[0].by) == (f"{SECRET} words", f"{SECRET} by")
    assert held.drop_answers[0].note == f"{SECRET} note"
    assert SECRET not in stored_texts(database)
    assert load_content(store, hazardous()).status == "known"


def test_an_erased_text_leaves_every_proof_valid(store: Store, database: str) -> None:
    """Reading says that it is gone; verify counts it and finds no difference."""
    load_content(store, hazardous())
    with Dba(database, guarded="yes") as dba:
        count = len(dba.run("SELECT 1 FROM sealed_text"))
        dba.run("DELETE FROM sealed_text")
    with store.read() as session:
        assert evidence(session, "m").runs[0].tools == ERASED
        assert evidence(session, "m").trials[1].adjusted_for == ERASED
        assert evidence(session, "m").drop_answers[0].words == ERASED
        found = verify(session)
    assert (found.outcome, found.sealed, found.erased) == ("intact", 0, count)


def test_a_corrected_hazardous_text_is_told_nowhere_but_in_its_record(store: Store, database: str) -> None:
    """Not in the refusal, not in the receipt, not in the list of corrections."""
    load_content(store, hazardous())
    changed = hazardous()
    changed["runs"][0]["tools"] = f"{SECRET} corrected"  # type: ignore[index]  # the sample is plain content
    changed["drop_answers"][0]["words"] = f"{SECRET} corrected"  # type: ignore[index]  # as above
    with pytest.raises(Exception, match=WITHHELD) as caught:
        load_content(store, changed)
    assert SECRET not in str(caught.value)
    receipt = load_content(store, changed, supersede="wrong")
    with store.read() as session:
        held = evidence(session, "m")
        assert evidence(session, "m", 0).runs[0].tools == f"{SECRET} tools"
    assert held.runs[0].tools == f"{SECRET} corrected"
    assert held.drop_answers[0].words == f"{SECRET} corrected"
    assert SECRET not in str(receipt)
    assert SECRET not in str(held.corrections)
    assert SECRET not in stored_texts(database)


def test_an_empty_log_has_the_root_of_nothing(store: Store) -> None:
    """RFC 6962: the hash of an empty list."""
    with store.read() as session:
        found = position(session)
        assert models(session) == ()
    assert (found.position, found.size, found.recorded_at) == (-1, 0, None)
    assert found.root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
