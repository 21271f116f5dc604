"""Evaluations for the hook's tests, run by Inspect with its mock model in a process of their own: ``python evals.py SCENARIO``.

It imports Inspect and nothing of rsp: the hook comes in by its entry point, as it does for users.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
from inspect_ai import Task, eval, eval_set, task  # noqa: A004  # Inspect's own name
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import match
from inspect_ai.solver import generate

QUESTIONS = 12  # as many as the version of the evaluation has that the alias means
FIFTH = "question 5"


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def model(snapshot: str, answer: Callable[..., object]) -> Model:
    return get_model(f"mockllm/{snapshot}", custom_outputs=answer, memoize=False)


async def ignorant(*_: object) -> ModelOutput:
    told = ModelOutput.from_content("mockllm", "I do not know")
    told.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else Inspect downloads a tokenizer to count them
    return told


def breaking_until(flag: str) -> Callable[..., object]:
    """Return a model that fails at the fifth question as long as the file is absent, and makes it."""

    async def answer(asked: list[object], *_: object) -> ModelOutput:
        if FIFTH in str(asked) and not Path(flag).exists():
            Path(flag).touch()
            raise RuntimeError("the model broke")
        return await ignorant()

    return answer


async def waiting(asked: list[object], *_: object) -> ModelOutput:
    """Say so at the fifth question, and wait until the file is there."""
    while FIFTH in str(asked) and not Path("go").exists():
        Path("waits").touch()
        await anyio.sleep(0.05)
    return await ignorant()


def asked() -> Task:
    samples = [Sample(id=f"q{place:02}", input=f"question {place}?", target="yes") for place in range(1, QUESTIONS + 1)]
    return Task(dataset=MemoryDataset(samples, name="questions"), solver=[generate()], scorer=match())


@task
def protocol_questions() -> Task:
    return asked()


@task
def questions_nobody_named() -> Task:
    return asked()


def run(one: Task, snapshot: str, answer: Callable[..., object] = ignorant, log_dir: str = "logs") -> None:
    logs = eval(one, model=model(snapshot, answer), log_dir=log_dir, display="none", max_samples=1)
    say(snapshot, *(log.status for log in logs))


def history() -> None:
    """Success, failure, a task that nobody named, a set with a retry, the set again, and a run that goes on until it is cancelled."""
    run(protocol_questions(), "final")
    run(protocol_questions(), "candidate-1", breaking_until("first"))
    run(questions_nobody_named(), "final")
    for _ in range(2):
        mock = model("candidate-1", breaking_until("second"))
        say("set", eval_set([protocol_questions()], model=mock, log_dir="set", display="none", max_samples=1, retry_attempts=2)[0])
    run(protocol_questions(), "candidate-1", waiting, log_dir="elsewhere")


def switched() -> None:
    """One run that somebody has time to interfere with, one offline, and one disabled: the environment is read anew for each."""
    run(protocol_questions(), "final", waiting)
    os.environ["RSP_MODE"] = "offline"
    run(protocol_questions(), "candidate-1")
    os.environ["RSP_MODE"] = "disabled"
    run(protocol_questions(), "candidate-1")


def long() -> None:
    """One run that goes on."""
    run(protocol_questions(), "final", waiting, log_dir="later")


if __name__ == "__main__":
    {each.__name__: each for each in (history, switched, long)}[sys.argv[1]]()
    say("the evaluation ended")
