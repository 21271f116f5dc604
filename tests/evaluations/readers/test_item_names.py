"""Names of items: the same spelling gives the same name, and two spellings never give one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from evaluations.readers.item_names import NAME, item_slug


@given(st.text(max_size=200))
def test_every_spelling_gives_a_name_that_is_left_alone_when_it_comes_back(spelled: str) -> None:
    assert NAME.fullmatch(item_slug(spelled))
    assert item_slug(item_slug(spelled)) == item_slug(spelled)


def test_spellings_that_differ_never_share_a_name() -> None:
    spelled = ["q1", "Q1", " q1", "q1 ", "q-1", "q 1", "q/1", "Ω", "ω", "", "item", "\ud800", "q" * 100, "q" * 101, "q" * 102]
    assert len({item_slug(each) for each in spelled}) == len(spelled)


def test_a_name_stays_as_it_is_spelled() -> None:
    assert [item_slug(each) for each in ("0", "q1", "gsm8k-test_17.b")] == ["0", "q1", "gsm8k-test_17.b"]


def test_a_question_used_as_an_identifier_is_not_kept() -> None:
    question = "How would one go about the following matter that nobody should read about, namely " + "x" * 400
    assert re.fullmatch(r"how-would-one-go-about-the-following-mat-[0-9a-f]{16}", item_slug(question))
