"""A released policy or criteria file never changes: its bytes are pinned here. A fix is a new file and a new line."""

from __future__ import annotations

import hashlib

from tests.examples.reading import CRITERIA, POLICIES

RELEASED = {
    "anthropic-rsp-2.0.yaml": "7abc6275360eeeba0279f6741a179a0a4dcf741e609011039f9e4742648ce9f4",
    "fictional-lab-1.0.yaml": "b6c455e51fed539ee51bb757c90d394ef62ff5c58cbd21f7c842160836662bc2",
    "claude-3-7-card.yaml": "a26f1b6ef74804807a18c5944645de83139fc7b44c3777e1dbe1d56be3606e71",
    "fictional-lab-1.0-criteria.yaml": "962559a0b20c8ca1d3a890f42e21724ee3dacc8b9d0f80cb420a9b7ba05a654f",
}


def test_a_released_file_never_changes() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (*POLICIES, *CRITERIA)}
    assert found == RELEASED
