"""A tale's rights follow its makers."""

from __future__ import annotations

from pipeline.settings import Settings
from pipeline.shelf.manifest import read_manifest
from pipeline.telling.provenance import rights_of
from pipeline.words.tale import Publishable

MANIFEST = read_manifest()
EMBEDDED = {"Writer": "qwen2.5-coder-1.5b", "Narrator": "kokoro-82m", "Composer": "score"}


def test_open_licences_let_a_tale_be_published_with_every_credit() -> None:
    rights = rights_of(EMBEDDED, MANIFEST, Settings())
    assert rights.publishable is Publishable.YES
    assert len(rights.credits) == 4
    assert any("Fluid" in line for line in rights.credits)


def test_one_non_commercial_model_decides_and_is_named() -> None:
    rights = rights_of({**EMBEDDED, "Narrator": "xtts-v2"}, MANIFEST, Settings())
    assert rights.publishable is Publishable.NO
    assert rights.why == "Coqui Public Model License 1.0"


def test_terms_are_weaker_than_a_no_and_stronger_than_a_yes() -> None:
    rights = rights_of({**EMBEDDED, "Writer": "llama-2-7b"}, MANIFEST, Settings())
    assert rights.publishable is Publishable.WITH_TERMS
    both = rights_of({**EMBEDDED, "Writer": "llama-2-7b", "Composer": "musicgen-small"}, MANIFEST, Settings())
    assert both.publishable is Publishable.NO


def test_the_operators_soundfont_is_used_on_its_own_terms() -> None:
    rights = rights_of(EMBEDDED, MANIFEST, Settings(soundfont="/fonts/Mine.sf2"))
    assert rights.publishable is Publishable.WITH_TERMS
    assert any("Mine.sf2" in line for line in rights.credits)
    assert not any("Fluid" in line for line in rights.credits)


def test_a_voice_of_its_own_licence_counts() -> None:
    free = rights_of(EMBEDDED, MANIFEST, Settings(), {"bm_fable": "Apache-2.0"})
    bound = rights_of(EMBEDDED, MANIFEST, Settings(), {"somebody": "CC-BY-NC-SA-4.0"})
    assert (free.publishable, bound.publishable) == (Publishable.YES, Publishable.NO)


def test_a_model_from_outside_is_not_promised_to_be_free() -> None:
    rights = rights_of({"Writer": "a-strangers-model"}, MANIFEST, Settings())
    assert rights.publishable is Publishable.WITH_TERMS


def test_the_same_model_in_two_roles_is_credited_once() -> None:
    rights = rights_of({"TextReader": "e5-small", "Embedder": "e5-small"}, MANIFEST, Settings())
    assert len(rights.credits) == 1
