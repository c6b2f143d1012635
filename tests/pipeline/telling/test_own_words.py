"""Tales in the writer's own words."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unserved, Unwell
from pipeline.roles import Ask, Embedder, Turn
from pipeline.telling.let_run import let_run
from pipeline.telling.plan import plan
from pipeline.telling.studio import Studio, remembered
from pipeline.telling.write import Step, steps
from pipeline.words.jsonable import from_json, to_json
from pipeline.words.prompt import Prompt
from pipeline.words.story import Plan
from pipeline.writing.reins.asking import FREE, LOOSE
from pipeline.writing.told_lines import plain_text
from pipeline.writing.tongue import count_words, tongues
from tests.pipeline.telling.echo_writer import STORM, WISHES, Echo
from tests.pipeline.writing.telling import CALM, planned


def studio(writer: Any, reins: str, kept: dict[str, Any] | None = None, check: Cancelled | None = None) -> Studio:
    """One that lends this writer under these reins alone, and remembers in `kept` through JSON."""

    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        if role is Embedder or needs.get("reins") != reins or writer is None:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield writer

    def once(stage: str, unit: str, kind: Any, work: Callable[[], Any]) -> Any:
        if kept is None:
            return remembered(kind, work())
        if f"{stage}:{unit}" not in kept:
            kept[f"{stage}:{unit}"] = to_json(work(), kind)
        return from_json(kind, kept[f"{stage}:{unit}"])

    nothing = cast(Any, None)
    return Studio(
        cast(Any, borrow), nothing, cast(Any, once), lambda _event: None, Cancelled() if check is None else check
    )


def told(prompt: Prompt, lent: Studio) -> tuple[Plan, list[Step]]:
    plan = let_run(planned(prompt), prompt, lent)
    return plan, list(steps(prompt, plan, lent))


def text_of(made: list[Step]) -> str:
    return " ".join(one.passage.text for one in made)


@pytest.mark.parametrize("reins", [LOOSE, FREE])
@pytest.mark.parametrize("language", list(WISHES))
def test_a_whole_tale_is_told_under_both_reins_in_every_written_language(language: str, reins: str) -> None:
    assert set(WISHES) == set(tongues())
    prompt = replace(STORM, text=WISHES[language], language=language)
    plan, made = told(prompt, studio(Echo(), reins))
    assert plan.reins == reins
    assert [one.passage.index for one in made] == list(range(len(made)))
    assert [one.passage.closes_tale for one in made] == [False] * (len(made) - 1) + [True]
    assert {one.passage.scene for one in made if one.passage.closes_scene} == {beat.scene for beat in plan.beats}
    people = {"narrator", plan.facts.hero.name, *(one.name for one in plan.facts.people)}
    assert {line.speaker for one in made for line in one.passage.lines} <= people
    assert sum(one.own_words for one in made) > 20
    assert made[0].passage.text in text_of([*told(prompt, studio(None, "tight"))[1]]), "the opening is the frame's"


def test_loose_reins_keep_the_turn_and_the_last_line_word_for_word() -> None:
    tight, plain = told(STORM, studio(None, "tight"))
    asked = Echo()
    loose, made = told(STORM, studio(asked, LOOSE))
    assert (tight.reins, loose.reins) == ("tight", LOOSE)
    fixed = [beat.turns[at] for beat in loose.beats[1:] for at in beat.fixed]
    assert len(fixed) == 2
    for turn in fixed:
        shown = re.sub(r"@\{[^}]*\}(\([^)]*\))?\s*", "", turn).replace("“", '"').replace("”", '"')
        assert shown in text_of(made)
        assert all(shown[:40] not in turn.user.rpartition("\n")[2] for turn, _ in asked.asked)
    assert text_of(made).endswith(text_of(plain)[-40:])


def test_nothing_of_the_frame_but_its_opening_is_told_under_free_reins() -> None:
    plan, made = told(STORM, studio(Echo(), FREE))
    assert [beat.intent for beat in plan.beats] == ["prelude", "beginning", "trouble", "try", "turn", "end"]
    frame_people = {one.name for one in planned(STORM).facts.people} - {"the storm"}
    assert not any(name in text_of(made) for name in frame_people)
    for beat in plan.beats[1:]:
        assert not any(plain_text(turn)[:40] in text_of(made) for turn in beat.turns)
    assert count_words(text_of(made)) > 60


def test_a_writers_own_plan_is_asked_without_those_whom_only_the_frame_knows() -> None:
    asked = Echo()
    wish = replace(STORM, text="a ferryman who counts the same geese every evening", seed=9300)
    people = [one.name for one in planned(wish).facts.people]
    assert "the geese" in people
    told(wish, studio(asked, FREE))
    shown = [name for name in people if name in asked.asked[0][0].user]
    assert len(people) > 1
    assert shown == ["the geese"]


@pytest.mark.parametrize("reins", [LOOSE, FREE])
def test_the_first_sentence_waits_for_no_writer(reins: str) -> None:
    heard = threading.Event()

    class Waiting(Echo):
        def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
            assert heard.wait(60), "it is asked while nobody has heard a word"
            return super().complete(turn, ask, check)

    lent = studio(Waiting(), reins)
    walk = steps(STORM, let_run(planned(STORM), STORM, lent), lent)
    assert next(walk) == told(STORM, studio(None, "tight"))[1][0]
    heard.set()
    assert sum(one.own_words for one in walk) > 20


@pytest.mark.parametrize("words", [60, 220, 700])
def test_a_tale_has_about_its_length_under_loose_reins(words: int) -> None:
    prompt = replace(STORM, words=words)
    tight = count_words(text_of(told(prompt, studio(None, "tight"))[1]))
    assert abs(count_words(text_of(told(prompt, studio(Echo(), LOOSE))[1])) - tight) <= 0.1 * tight


LONG = "Mira and the storm sat down by the lamp and told each other of the sea, the ships and the night."
NEVER_HEARD = {
    "assistant": f"As an AI language model, I tell this. {LONG}",
    "thoughts": f"<think>A tale of a keeper.</think> {LONG}",
    "markup": f"## Mira\n\n**{LONG}**",
    "language": "A Mira e a tempestade sentaram-se à noite junto da lâmpada e falaram do mar, dos barcos e das ondas.",
    "loop": f"{LONG} {LONG} {LONG}",
}


@pytest.mark.parametrize("says", list(NEVER_HEARD.values()), ids=list(NEVER_HEARD))
@pytest.mark.parametrize("reins", [LOOSE, FREE])
def test_a_writer_that_never_passes_its_guards_is_never_heard(says: str, reins: str) -> None:
    plain = text_of(told(STORM, studio(None, "tight"))[1])
    plan, made = told(STORM, studio(Echo(says=says), reins))
    assert LONG not in text_of(made)
    assert says not in text_of(made)
    assert sum(one.own_words for one in made) == 0
    assert count_words(text_of(made)) == count_words(plain)
    assert plan.reins == reins


@pytest.mark.parametrize("reins", [LOOSE, FREE])
def test_a_writer_that_dies_in_the_middle_ends_no_tale_and_is_not_asked_again(reins: str) -> None:
    asked = Echo(fails_at=6 if reins == FREE else 3, error=Unwell("writer_unreachable", url="http://here", why="gone"))
    plan, made = told(STORM, studio(asked, reins))
    assert made[-1].passage.closes_tale
    assert plan.reins == reins
    failed = len(asked.asked)
    assert failed == (7 if reins == FREE else 4)
    assert [fault for one in made for fault in one.faults if fault == "writer_unreachable"] == ["writer_unreachable"]


def test_under_tight_reins_too_a_writer_that_is_gone_ends_no_tale() -> None:
    class Gone(Echo):
        def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
            raise Unwell("writer_unreachable", url="http://here", why="gone")

    @contextmanager
    def borrow(role: type[Any], **needs: Any) -> Iterator[Any]:
        if role is Embedder or "reins" in needs:
            raise Unserved("role_unserved", role=role.__name__, **needs)
        yield Gone()

    lent = replace(studio(None, "tight"), borrow=cast(Any, borrow))
    for seed in range(8):
        prompt = replace(STORM, text="once there was hardly anything and my gran and that was how the bell", seed=seed)
        planned_here = plan(prompt, None, CALM, lent)
        assert list(steps(prompt, planned_here, lent))[-1].passage.closes_tale


@pytest.mark.parametrize("reins", [LOOSE, FREE])
@pytest.mark.parametrize("language", list(WISHES))
def test_a_killed_tale_goes_on_to_the_same_words(language: str, reins: str) -> None:
    prompt, whole, first = replace(STORM, text=WISHES[language], language=language), dict[str, Any](), Echo()
    plan, made = told(prompt, studio(first, reins, whole))
    for gone in range(1, len(whole)) if language == "en" else (len(whole) // 2,):
        left = dict(list(whole.items())[: len(whole) - gone])
        asked = Echo(like=first)
        again = list(steps(prompt, plan, studio(asked, reins, left)))
        assert again == made
        before = {*(turn.user for turn, _ in asked.asked)}
        assert len(before) <= gone, "what was remembered is not written again"


def test_a_cancelled_tale_writes_no_further() -> None:
    check = Cancelled()
    lent = studio(Echo(), LOOSE, check=check)
    plan = let_run(planned(STORM), STORM, lent)
    walk = steps(STORM, plan, lent)
    next(walk)
    check.set()
    with pytest.raises(TaleCancelled):
        list(walk)


def test_words_for_grown_ups_are_no_words_for_all() -> None:
    rude = Echo(says="Mira said that the storm was a whore, and the whole house of the keeper laughed for a long time.")
    assert "whore" not in text_of(told(STORM, studio(rude, LOOSE))[1])
