"""A recorded model or evaluation without what hangs below it, so that a child can be sent alone.

The rule kept here: the parent is told as it stands, corrections included, so that sending it back beside a new child changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from rsp.errors import UnknownNameError
from rsp.store.gathering import Gathering
from rsp.store.names import Names
from rsp.store.reading import position
from rsp.store.session import Session
from rsp.store.shapes import EVALUATION, MODEL, Shape


def recorded_model(session: Session, slug: str) -> dict[str, Any]:
    """Return the fields of a model, without its snapshots. Raises ``UnknownNameError``."""
    return _alone(session, MODEL, slug)


def recorded_evaluation(session: Session, slug: str) -> dict[str, Any]:
    """Return the fields of an evaluation, without its versions. Raises ``UnknownNameError``."""
    return _alone(session, EVALUATION, slug)


def _alone(session: Session, shape: Shape, slug: str) -> dict[str, Any]:
    columns = shape.row.__table__.c
    gathering = Gathering(session, position(session).position, Names(session))
    found = gathering.fetch(replace(shape, children={}), columns.slug == slug)
    if not found:
        raise UnknownNameError(shape.word, slug, session.execute(select(columns.slug)).scalars())
    gathering.overlay()
    return dict(next(iter(found.values())).fields)
