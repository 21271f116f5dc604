"""``python -m benchmarks``: print what the project promises about speed, beside what was measured here and now."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.assessing import assess_example
from benchmarks.clustering import cluster_items
from benchmarks.copying import submit_copied
from benchmarks.ingesting import submit_as_peer, submit_batches, submit_bulk, submit_singles
from benchmarks.judging import judge_policies
from benchmarks.loading import load_items
from benchmarks.reading_logs import read_log
from benchmarks.reporting import report_example
from benchmarks.resampling import resample_clusters
from benchmarks.serving import serve_idle
from benchmarks.starting import start_help


def main() -> None:
    """Run every benchmark in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for promise, bench in PROMISES:
            print(f"{bench(Path(folder))}\n    promised: {promise}\n", flush=True)


PROMISES = (
    ("no scipy, matplotlib or SQLAlchemy is imported (a test checks it); the ratio is for the eye", start_help),
    ("under 50 ms once the process is up", assess_example),
    ("deciding is at most as dear as estimating; ten times the snapshots take ten times as long", judge_policies),
    ("under 3 x", report_example),
    ("under 3 x", load_items),
    ("ready in under 3 s, under 150 MB idle", serve_idle),
    ("at least half of FastAPI's, a third of Starlette's", submit_singles),
    ("at least a quarter of SQLAlchemy's, a third of Starlette's", submit_batches),
    ("at least a quarter of executemany's, a third of Starlette's", submit_bulk),
    ("at least a quarter of COPY's", submit_copied),
    ("at least ten times MLflow's", submit_as_peer),
    ("under 3 x", cluster_items),
    ("under a tenth", resample_clusters),
    ("no slower than inspect_ai and a quarter of its memory; the header alone in milliseconds", read_log),
)

if __name__ == "__main__":
    main()
