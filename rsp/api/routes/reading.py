"""All operations that read, in one router. Left out: who may ask for them, which the app puts before it."""

from __future__ import annotations

from fastapi import APIRouter

from rsp.api.routes import decisions, log, records, rules

router = APIRouter()
for each in (records, decisions, rules, log):
    router.include_router(each.router)
