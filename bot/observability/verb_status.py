"""The bot's health, at a terminal."""

from __future__ import annotations

import argparse
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from bot.observability.serving import OFF
from bot.wording import said
from pipeline.settings import read_settings
from pipeline.wording import terminal_locale

WITHIN_S = 5.0
ILL, AWAY = 1, 4


def main(argv: Sequence[str]) -> int:
    """Run the verb `status`: 0 where all is well, 1 where something is not, 4 where no bot answers."""
    parser = argparse.ArgumentParser(prog="echotales.py status", description="Whether the bot runs and is well.")
    parser.add_argument("--json", action="store_true", help="one object, for programs")
    args = parser.parse_args(argv)
    locale, address = terminal_locale(), read_settings().seen_at
    found = None if address == OFF else asked(address)
    if found is None:
        print(json.dumps({"well": False, "running": False}) if args.json else said("seen.away", locale, at=address))
        return AWAY
    print(json.dumps(found | {"running": True}) if args.json else "\n".join(lines(found, locale)))
    return 0 if found["well"] else ILL


def asked(address: str) -> dict[str, Any] | None:
    """Ask a running bot for its health; None where none answers."""
    try:
        with urllib.request.urlopen(f"http://{address}/health", timeout=WITHIN_S) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as ill:  # 503 with the same object: the bot runs and is not well
        return dict(json.load(ill))
    except (OSError, ValueError):
        return None


def lines(found: dict[str, Any], locale: str) -> list[str]:
    """Return a line for each fact, the worst news first."""
    told = [said("seen.well" if found["well"] else "seen.ill", locale)]
    told += [] if found["ready"] else [said("seen.unready", locale)]
    told += [] if found["executor"] else [said("seen.no_executor", locale)]
    weights = round(found["weights_share"] * 100)
    figures = {name: found[name] for name in ("servers", "calls", "open_tales", "free_gb", "profile")}
    told.append(said("seen.figures", locale, **figures, latency_ms=found["latency_ms"] or "?", weights=weights))
    return told + [f"  {role}: {model}" for role, model in found["models"].items()]
