"""A format is told by bytes, never by a name; what is not known is refused in words that say what it looked like."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest

from evaluations.readers.csv_scores import CsvMapping
from evaluations.readers.formats import OwnFormat, read, told_format
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogFormat
from tests.evaluations.readers.logs import LOGS, made, real

MAPPING = CsvMapping.model_validate(
    {
        "format": "rsp-csv-mapping/1",
        "delimiter": ",",
        "columns": {"item": "Question", "attempt": "Try", "score": "Points", "model": "Model", "task": "Task"},
    }
)
FOLDERS = {
    "lm_eval": LogFormat.LM_EVAL,
    "lm_eval/pythia": LogFormat.LM_EVAL,
    "eee": LogFormat.EVERY_EVAL_EVER,
    "metr": LogFormat.METR_RUNS,
    "csv": LogFormat.CSV,
    "inspect": LogFormat.INSPECT,
}
FILES = {
    path.relative_to(LOGS).as_posix(): told
    for folder, told in FOLDERS.items()
    for path in sorted((LOGS / folder).iterdir())
    if path.suffix in {".json", ".jsonl", ".csv", ".eval"}
}


@pytest.mark.parametrize("path", FILES)
def test_every_real_file_is_told_whatever_it_is_called(path: str) -> None:
    content = (LOGS / path).read_bytes()
    assert told_format(LogFile("download", io.BytesIO(content))) is FILES[path]
    assert told_format(LogFile("download", io.BytesIO(b"\xef\xbb\xbf" + content))) is FILES[path] or path.endswith(".eval")


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".json")])
def test_the_order_of_keys_changes_nothing(path: str) -> None:
    document = json.loads((LOGS / path).read_bytes())
    for keys in (sorted(document), sorted(document, reverse=True)):
        assert told_format(made("f", {key: document[key] for key in keys})) is FILES[path]


@pytest.mark.parametrize("path", [path for path, told in FILES.items() if "samples" not in path and told is not LogFormat.INSPECT])
def test_a_file_is_read_by_the_reader_of_its_format(path: str) -> None:
    readings = read(real(path), MAPPING)
    assert {each.format for each in readings} == {FILES[path]}


@pytest.mark.parametrize("path", [path for path in FILES if "samples" in path and path.endswith("l")])
def test_samples_without_their_results_are_refused(path: str) -> None:
    with pytest.raises(LogError, match="samples alone"):
        read(real(path))


def test_a_table_without_a_mapping_is_refused() -> None:
    with pytest.raises(LogError, match="expected a mapping beside it"):
        read(real("csv/scores.csv"))


OWN = {
    "format: rsp-evidence/1\nmodels: []\n": OwnFormat.EVIDENCE,
    "# a comment, with a comma\nformat: 'rsp-evidence/1'\n": OwnFormat.EVIDENCE,
    '{"models": [], "format": "rsp-evidence/1"}': OwnFormat.EVIDENCE,
    "format: rsp-policy/1\n": OwnFormat.OTHER,
    '{"format": "rsp-csv-mapping/1"}': OwnFormat.OTHER,
}


@pytest.mark.parametrize("text", OWN)
def test_files_of_rsp_itself_are_told_apart(text: str) -> None:
    assert told_format(made("f", text)) is OWN[text]
    with pytest.raises(LogError, match="a file of rsp itself"):
        read(made("f", text))


def spreadsheet() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return content.getvalue()


UNKNOWN = {
    "a spreadsheet": (spreadsheet(), r"a zip archive whose first member is \[Content_Types\]"),
    "a gzip file": (gzip.compress(b"{}"), "a gzip file; unpack it first"),
    "UTF-16": ("item,score\n".encode("utf-16"), "UTF-16 text; save it as UTF-8"),
    "a PDF": (b"%PDF-1.7\n", "a PDF"),
    "nothing": (b" \n", "an empty file"),
    "bytes": (b"abc\x00def", "bytes that are no text"),
    "other JSON": (b'{"loss": [1, 2], "name": {"eval": 1, "status": 2}}', "the keys loss, name"),
    "a list": (b"[]", "JSON with no keys"),
    "a page": (b"<html><body>a, b</body></html>", "text that begins with '<html>"),
    "prose": (b"Dear reviewer", "text that begins with 'Dear reviewer'"),
    "another encoding": ("größe,b\n".encode("latin-1"), "no UTF-8 text"),
    "escapes": (b"\x1b[31mred", "text that begins with"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_not_known_is_refused_in_words_that_say_what_it_looked_like(case: str) -> None:
    content, words = UNKNOWN[case]
    with pytest.raises(LogError, match=words) as refused:
        told_format(made("results.json", content))
    assert "expected a log of Inspect AI, results of lm-evaluation-harness" in str(refused.value)
    assert str(refused.value).isprintable()
