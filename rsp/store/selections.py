"""What a submission makes the store look for, as statements built once and asked again with other names.

The rule kept here: a submission looks only for what it names, so that its cost does not grow with the database; where it names more than
a statement takes, whatever is there of these models is looked through.

Left out: what is done with what is found (``rsp.store.merging``).
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from sqlalchemy import bindparam, select, true
from sqlalchemy.sql.elements import ColumnElement

from rsp.store.gathering import KeptSelection
from rsp.store.prepared import Prepared
from rsp.store.shapes import FILE_SHAPES, RUN, SCORE, Shape
from rsp.store.tables import ModelRow

Named = Literal["named", "many"]
"""Whether a file names few enough records to list them in a statement; of many, whatever is there is looked through."""


@cache
def every(name: str) -> KeptSelection:
    """Return what selects every record of a list."""
    return KeptSelection(FILE_SHAPES[name], true())


@cache
def named_ones(name: str, named: Named) -> KeptSelection:
    """Return what selects those named by ``slugs``."""
    return KeptSelection(FILE_SHAPES[name], _by_name(FILE_SHAPES[name], named, "slugs"))


@cache
def of_the_models(name: str, named: Named) -> KeptSelection:
    """Return what selects those named by ``slugs`` of the models named by ``models``."""
    return KeptSelection(FILE_SHAPES[name], _by_model(FILE_SHAPES[name]) & _by_name(FILE_SHAPES[name], named, "slugs"))


@cache
def added_to(runs: Named, scores: Named) -> KeptSelection:
    """Return what selects the runs that additions name, and of their scores those named by ``scores``."""
    return KeptSelection(RUN, _by_model(RUN) & _by_name(RUN, runs, "slugs"), only={"scores": _by_name(SCORE, scores, "scores")})


def _by_name(shape: Shape, named: Named, parameter: str) -> ColumnElement[bool]:
    return shape.row.__table__.c[shape.key].in_(bindparam(parameter, expanding=True)) if named == "named" else true()


def _by_model(shape: Shape) -> ColumnElement[bool]:
    models = select(ModelRow.__table__.c.id).where(ModelRow.__table__.c.slug.in_(bindparam("models", expanding=True)))
    return shape.row.__table__.c.model_id.in_(models)


SCORES_OF_MODELS = Prepared(
    select(SCORE.row.__table__.c.slug)
    .join(RUN.row.__table__, RUN.row.__table__.c.id == SCORE.row.__table__.c.run_id)
    .where(_by_model(RUN), _by_name(SCORE, "named", "scores"))
    .distinct()
)
