"""Files made to exhaust a reader. Run as a program: each is read in a process of its own, which tells what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from evaluations.readers.csv_scores import CsvMapping
from evaluations.readers.formats import read
from evaluations.readers.log_file import LogFile

MEBIBYTE = 2**20
MAPPING = CsvMapping.model_validate(
    {"format": "rsp-csv-mapping/1", "delimiter": ",", "columns": {"item": "item", "score": "score"}, "model": "m", "task": "t"}
)
EVERY_EVAL_EVER = b'{"schema_version":"0.3.0","model_info":{"id":"m"},"evaluation_results":['
LM_EVAL = b'{"config":{"model":"m"},"results":{"t":'


def metr_rows(number: int, name: str = "") -> Iterator[bytes]:
    for n in range(number):
        row = {"alias": "a", "task_id": f"{name}t{n}", "score_binarized": 1, "human_minutes": n + 0.5, "task_family": f"{name}f{n}"}
        yield json.dumps({**row, "run_id": f"{name}{n}", "started_at": n}).encode() + b"\n"


CASES: dict[str, Callable[[], Iterable[bytes]]] = {
    "a list of nothings": lambda: [LM_EVAL, b"[", b"[]," * (5 * MEBIBYTE), b"[]]}}"],
    "as many values as may be": lambda: [LM_EVAL, b"{", b",".join(b'"k%d":%d.5' % (n, n) for n in range(395_000)), b"}}}"],
    "one wide character in a long text": lambda: [LM_EVAL, b'{"name":"', "😀".encode(), b"a" * (15 * MEBIBYTE), b'"}}}'],
    "wide characters in many texts": lambda: [LM_EVAL, b'{"name":["', b'","'.join(["😀".encode() + b"a" * 1_000] * 15_000), b'"]}}}'],
    "escaped quotes": lambda: [LM_EVAL, b'{"name":"', b'\\"' * (7 * MEBIBYTE), b'"}}}'],
    "nesting without end": lambda: [LM_EVAL, b"[" * (10 * MEBIBYTE)],
    "keys nested without end": lambda: [b'{"results":' * MEBIBYTE],
    "a text without end": lambda: [LM_EVAL, b'"', b"," * (15 * MEBIBYTE)],
    "a number without end": lambda: [LM_EVAL, b'{"acc":', b"9" * (10 * MEBIBYTE), b"}}}"],
    "a huge exponent": lambda: [LM_EVAL, b'{"acc":1e999999999}}}'],
    "one key again and again": lambda: [LM_EVAL, b"{", b",".join([b'"k":1'] * 390_000), b"}}}"],
    "many keys at the top": lambda: [b"{", b",".join(b'"%d":1' % n for n in range(500_000)), b"}"],
    "a document that is too large": lambda: [LM_EVAL, b'{"name":"', *[b"x" * MEBIBYTE] * 40],
    "a line of JSON without end": lambda: [next(metr_rows(1)), b'{"alias":"', *[b"x" * MEBIBYTE] * 40],
    "more runs than may be": lambda: metr_rows(150_100),
    "more rows than may be": lambda: [b"item,score\n", *(b"item%d,%d.5\n" % (n, n) for n in range(150_100))],
    "a row without end": lambda: [b"item,score\n", *[b"x" * MEBIBYTE] * 40],
    "a row of commas": lambda: [b"item,score\n", b"," * (15 * MEBIBYTE)],
    "a quote without end": lambda: [b'item,score\n"', *[b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" * (MEBIBYTE // 31)] * 30],
    "long names of runs": lambda: metr_rows(25_000, "n" * 480),
    "long wide names of items": lambda: [b"item,score\n", *(f"{'n' * 480}é{n},1\n".encode() for n in range(20_000))],
    "results of one name": lambda: [EVERY_EVAL_EVER, b",".join([b'{"evaluation_name":"a"}'] * 130_000), b"]}"],
    "results of many names": lambda: [EVERY_EVAL_EVER, b",".join(b'{"evaluation_name":"a%d"}' % n for n in range(130_000)), b"]}"],
    "as many results as may be": lambda: [EVERY_EVAL_EVER, b",".join(b'{"evaluation_name":"a%d"}' % n for n in range(9_999)), b",1]}"],
    "many tasks": lambda: [b'{"config":{"model":"m"},"results":{', b",".join(b'"t%d":{"acc":1}' % n for n in range(11_000)), b"}}"],
    "many metrics": lambda: [b'{"config":{"model":"m"},"results":{"t":{', b",".join(b'"acc,%d":1' % n for n in range(11_000)), b"}}}"],
    "groups of groups": lambda: [
        b'{"group_subtasks":{',
        b",".join(b'"g%d":["g%d","g%d"]' % (n, n + 1, n + 1) for n in range(60)),
        b'},"config":{"model":"m"},"results":{"g60":{"acc":1}}}',
    ],
    "groups in the wrong order": lambda: [
        b'{"group_subtasks":{',
        b",".join(b'"g%d":["g%d"]' % (n, n + 1) for n in range(50_000)),
        b'},"config":{"model":"m"},"results":{"g50000":{"acc":1}}}',
    ],
    "many tasks in many groups": lambda: [
        b'{"config":{"model":"m"},"configs":{},"group_subtasks":{',
        b",".join(b'"g%d":[%s]' % (n, b",".join(b'"t%d"' % task for task in range(9_000))) for n in range(30)),
        b'},"results":{',
        b",".join(b'"g%d":{"acc":1}' % n for n in range(30)),
        *(b',"t%d":{"acc":1}' % n for n in range(9_000)),
        b',"t9000":{"acc":1e999999999}}}',  # refused behind all others
    ],
    "spaces": lambda: [b" " * MEBIBYTE] * 40,
}


AT_LENGTH = frozenset({"more runs than may be", "more rows than may be", "long names of runs", "many tasks"})
"""Cases that take the longest; the suite leaves them out, and this program runs them when it is asked to (``--at-length``)."""
HARMLESS = frozenset(
    {
        "one wide character in a long text",
        "wide characters in many texts",
        "escaped quotes",
        "groups of groups",
        "groups in the wrong order",
    }
)
"""Cases that need not be refused: long texts that nobody keeps, and groups that are told of in a line."""


SECONDS, MEBIBYTES = 10, 200  # that refusing a file may take; issue, bad input


def amiss(*options: str) -> dict[str, str]:
    """Run this program on every case; return each that cost more than it may, or was taken where it must be refused."""
    command, at_length = [sys.executable, __file__, *options], "--at-length" in options
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=1_800 if at_length else 300)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    expected = CASES.keys() if at_length else CASES.keys() - AT_LENGTH
    found = dict.fromkeys(expected - {case["name"] for case in told}, "did not end")
    for case in told:
        refused = case["outcome"].startswith("LogError") or (case["name"] in HARMLESS and case["outcome"] == "accepted")
        if not refused or case["seconds"] > SECONDS or case["mebibytes"] > MEBIBYTES:
            found[case["name"]] = f"{case['seconds']} s, {case['mebibytes']} MiB: {case['outcome']}"
    return found


def largest() -> float:
    """Return the most memory this process ever held, in MiB."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def tell(name: str, path: Path) -> None:
    held, started = largest(), time.process_time()
    try:
        with path.open("rb") as content:
            read(LogFile("hostile", content), MAPPING)
        outcome = "accepted"
    except Exception as refused:
        outcome = f"{type(refused).__name__}: {refused}"[:200]
    cost = {"seconds": round(time.process_time() - started, 2), "mebibytes": round(largest() - held, 1)}
    sys.stdout.write(json.dumps({"name": name, **cost, "outcome": outcome}) + "\n")
    sys.stdout.flush()


def main(*, at_length: bool) -> None:
    for name, parts in CASES.items():
        if name in AT_LENGTH and not at_length:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "hostile"
            with path.open("wb") as file:
                file.writelines(parts())
            child = os.fork()  # so that what one case held is not counted for the next
            if child == 0:
                tell(name, path)
                os._exit(0)
            os.waitpid(child, 0)


if __name__ == "__main__":
    main(at_length="--at-length" in sys.argv)
