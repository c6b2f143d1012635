"""Forms fit Discord in every language."""

from __future__ import annotations

import pytest

from bot.actions.settings_schema import FORMS
from bot.wording import said
from tests.faults.hostile.eyes import LOCALES

MOST_CHARS, MOST_FIELDS = 45, 5
"""Of a form's title and of each label; and how many it may have."""
KEYS = (
    *("retelling.onward", "retelling.next", "openings.sheet", "openings.about", "tales.search", "tales.words"),
    *(f"settings.form.{form}" for form in FORMS),
    *(f"settings.label.{name}" for names in FORMS.values() for name in names),
)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_title_and_no_label_is_longer_than_discord_takes(locale: str) -> None:
    told = {key: said(key, locale) for key in KEYS}
    assert not {key: text for key, text in told.items() if not 0 < len(text) <= MOST_CHARS or text == key}


def test_no_form_has_more_fields_than_discord_takes() -> None:
    assert not {form: names for form, names in FORMS.items() if len(names) > MOST_FIELDS}
