"""Every knob, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import Refused
from pipeline.places import CHECKOUT

PREFIX = "ECHOTALES_"
POSTGRES_WAITS = {
    "connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}  # fmt: skip
"""Seconds, and milliseconds: by default a host that drops packets is waited for a quarter of an hour."""
_HUB_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@dataclass(frozen=True)
class Settings:
    """What an operator may turn: ECHOTALES_<NAME> in the environment or in .env, the environment first."""

    token: str = ""
    """The bot's, from Discord's developer pages; a secret."""
    shards: int = 0
    """Gateway connections of the bot; 0 for as many as Discord advises."""
    profile: str = ""
    """`tiny`, `embedded`, `gpu-8gb`, `gpu-24gb`; empty to look at the hardware."""
    offline: bool = False
    """Open no connection but Discord's."""
    soundfont: str = ""
    """Path of an sf2 or sf3 file to play the score with; empty for the manifest's."""
    writer: str = ""
    """Id of a writer in data/models.toml to use instead of the profile's."""
    writer_url: str = ""
    """An OpenAI-compatible endpoint that writes, with its /v1: vLLM, llama.cpp's server, Ollama."""
    writer_model: str = ""
    """The model's name at that endpoint; empty for the first it lists."""
    writer_key: str = ""
    """Its key, where it asks for one."""
    reins: Literal["", "tight", "loose", "free"] = ""
    """How freely the writer writes: `tight`, `loose`, `free`; empty for the model's own."""
    accept: str = ""
    """Ids of models whose terms the operator accepts, joined by commas: `xtts-v2,llama-2-7b`."""
    budget_gb: float = 0.0
    """Memory the models may take together, in GB; 0 for the profile's."""
    gpu_polite: bool = False
    """Leave the graphics card to whoever else works on it, a game say, and tell on the processor meanwhile."""
    database_url: str = ""
    """Postgres URL of queue and library; empty for SQLite beside the artifacts."""
    artifacts_url: str = ""
    """Any fsspec URL for sounds and pictures; empty for the local folder."""
    artifacts_gb: float = 10.0
    """Ceiling of kept sounds and pictures, in GB."""
    data_key: str = ""
    """Seals members' words where they are kept; lost, they are lost."""
    log_level: str = "INFO"
    seen_at: str = "127.0.0.1:9464"
    """Where the bot shows /metrics and /health, as host:port; `off` for nowhere."""
    web_at: str = "127.0.0.1:8090"
    """Where the open door listens, as host:port; other machines reach it only where a host of theirs is named."""
    web_url: str = ""
    """How others call it, with https:// and without a slash at its end; empty for web_at."""
    web_client_id: str = ""
    """Of the bot's application at Discord, by which members may sign in at the studio; empty for keys alone."""
    web_client_secret: str = ""
    """Its OAuth2 secret. A secret."""
    audiobookshelf_url: str = ""
    """Of an Audiobookshelf to which finished tales are pushed; empty for none."""
    audiobookshelf_token: str = ""
    """Its API key. A secret."""
    audiobookshelf_library: str = ""
    """Id of its library."""
    audiobookshelf_folder: str = ""
    """Id of the library's folder."""
    webhook_hosts: str = ""
    """Hosts of the own network that a webhook may reach, joined by commas; all public ones may be reached."""
    sentry_dsn: str = ""
    """Where errors are told, without any words of members; needs the extra `sentry`. A secret."""
    extra: str = ""
    """`gpu` to install the big stack."""


def secrets_of(settings: Settings, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """What no log may show; the hub's client reads its token itself, from the environment."""
    password = urlsplit(settings.database_url).password or ""
    hub = (environ.get(name, "") for name in _HUB_TOKENS)
    all_of_them = (
        settings.token,
        settings.data_key,
        settings.writer_key,
        settings.sentry_dsn,
        settings.web_client_secret,
        settings.audiobookshelf_token,
        password,
        *hub,
    )
    return tuple(one for one in all_of_them if one)


def sentry_of(settings: Settings) -> str:
    """Where errors are told; nowhere offline."""
    return "" if settings.offline else settings.sentry_dsn


def read_settings(environ: Mapping[str, str] | None = None, file: Path = CHECKOUT / ".env") -> Settings:
    """The settings of this process; a value that does not fit is refused with its key and where it stands."""
    env = os.environ if environ is None else environ
    found = {**_dotenv(file), **{key: value for key, value in env.items() if key.startswith(PREFIX)}}
    known = {PREFIX + field.name.upper(): field.name for field in fields(Settings)}
    values = {known[key]: value for key, value in found.items() if key in known and value != ""}
    try:
        return TypeAdapter(Settings).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = PREFIX + str(first["loc"][0]).upper()
        where = "environment" if key in env else str(file)
        raise Refused("setting_invalid", key=key, where=where, why=first["msg"]) from error


def _dotenv(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    pairs = (line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("'\"") for key, value in pairs if not key.lstrip().startswith("#")}
