"""How the evidence is written: YAML that a person can read, and JSON with one run a line."""

from __future__ import annotations

import json
from typing import Any


def as_yaml(value: Any, indent: str = "") -> str:
    """Return ``value`` as YAML: blocks for what holds other lists and mappings, one line for what does not. Text is always quoted."""
    if isinstance(value, dict) and _is_deep(value):
        lines = []
        for key, inner in value.items():
            deep = _is_deep(inner)
            lines.append(f"{indent}{key}:\n{as_yaml(inner, indent + '  ')}" if deep else f"{indent}{key}: {as_yaml(inner)}")
        return "\n".join(lines)
    if isinstance(value, list) and _is_deep(value):
        return "\n".join(f"{indent}- {as_yaml(inner, indent + '  ').lstrip()}" for inner in value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {as_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_yaml(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _is_deep(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(each, dict | list) and bool(each) for each in inner)


def as_json(value: dict[str, Any]) -> str:
    """Return an evidence file of runs as JSON with one run a line: small, and a diff still names the run."""
    fields = [f'"{key}": {json.dumps(each)}' for key, each in value.items() if key != "runs"]
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in value["runs"])
    return "{" + ",\n".join(fields) + ',\n"runs": [\n' + lines + "\n]}"
