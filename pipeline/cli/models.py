"""The weights, listed and looked after."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from pipeline.cli.pulling import ask_for, bring, bring_profile, go_on_pulling, size
from pipeline.cli.saying import EXIT_CODES, run
from pipeline.cli.writer_trial import try_writer
from pipeline.errors import Refused
from pipeline.places import Places
from pipeline.settings import Settings, read_settings
from pipeline.shelf.better_writer import decline_writer, tried_pace, want_writer, wanted_writer
from pipeline.shelf.hardware import look
from pipeline.shelf.manifest import Manifest, ModelEntry, read_manifest
from pipeline.shelf.profiles import choose, entries_of, hindrance, read_profiles
from pipeline.shelf.stick import export_to, import_from
from pipeline.shelf.weights import MEND, State, WeightStatus, accepted, bill, lacking, may, standing, sweep_changed

_FILE_COLUMNS = 160
DEFAULT_WRITER = "default"
UNASKED_BYTES = 1_500_000_000
"""More is never fetched for a better writer without somebody's word."""


@dataclass(frozen=True)
class ActionContext:
    """What every action needs."""

    manifest: Manifest
    places: Places
    settings: Settings
    args: argparse.Namespace


def main(argv: Sequence[str]) -> int:
    """The verb `models`."""
    args = _parser().parse_args(argv)
    return run(lambda: _act(args), as_json=args.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="echotales.py models", description="The weights: where they are, whose they are."
    )
    actions = parser.add_subparsers(dest="action", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one object")
    actions.add_parser("list", parents=[shared], help="every model, and whether it is here")
    pull = actions.add_parser("pull", parents=[shared], help="download what a profile or a model is missing")
    pull.add_argument("what", nargs="*", help="a profile or ids; the profile of this machine when not given")
    pull.add_argument("--yes", action="store_true", help="do not ask")
    pull.add_argument("--offline", action="store_true", help="open no connection")
    verify = actions.add_parser("verify", parents=[shared], help="read every byte and compare its hash")
    verify.add_argument("what", nargs="*", help="ids; all that is here when not given")
    actions.add_parser("licences", parents=[shared], help="whose the models are and what may be done with them")
    use = actions.add_parser("use", parents=[shared], help="switch to another writer: use writer NAME")
    use.add_argument("role", choices=("writer",))
    use.add_argument("name", help=f"its id, or `{DEFAULT_WRITER}` for the profile's own again")
    use.add_argument("--yes", action="store_true", help="do not ask, whatever its size")
    use.add_argument("--never", action="store_true", help="do not offer it again")
    use.add_argument("--wait", action="store_true", help="download it now, not in the background")
    for action, told in (("export", "copy weights to a folder"), ("import", "bring weights from such a folder")):
        carry = actions.add_parser(action, parents=[shared], help=told)
        carry.add_argument("folder", type=Path)
        carry.add_argument("what", nargs="*", help="ids; all that can be had when not given")
    return parser


def _act(args: argparse.Namespace) -> int:
    settings = read_settings()
    if getattr(args, "offline", False):
        settings = replace(settings, offline=True)
    desk = ActionContext(read_manifest(), Places.here(), settings, args)
    actions = {
        "list": _list,
        "pull": _pull,
        "verify": _verify,
        "licences": _licences,
        "export": _export,
        "import": _import,
        "use": _use,
    }
    return actions[args.action](desk)


def _list(desk: ActionContext) -> int:
    rows = [_row(desk, entry) for entry in desk.manifest]
    if desk.args.json:
        return _say({"folder": str(desk.places.weights), "models": rows})
    table = _table("model", "role", "languages", "size", "here", "licence")
    for row in rows:
        languages = " ".join(row["languages"]) or "-"
        table.add_row(row["id"], row["role"], languages, _size_said(row), row["state"], _licence_said(row))
    _print(table)
    print(f"Weights lie in {desk.places.weights}")
    return 0


def _pull(desk: ActionContext) -> int:
    args, profiles = desk.args, read_profiles()
    what = args.what or [choose(look(desk.places.weights), desk.settings, profiles).profile.name]
    entries = [desk.manifest[name] for name in what if name not in profiles]
    for entry in entries:
        may(entry, desk.settings)  # said before anything is billed
    named = [profiles[name] for name in what if name in profiles]
    firsts = [entry for profile in named for entry in entries_of(profile, desk.manifest, desk.settings)]
    sweep_changed([*entries, *firsts], desk.places, desk.manifest)
    sum_up = bill(lacking([*entries, *firsts], desk.places, desk.manifest), desk.places)
    bring(entries, desk.manifest, desk.places, desk.settings, yes=args.yes, quiet=args.json)
    for profile in named:
        entries += bring_profile(profile, desk.manifest, desk.places, desk.settings, yes=args.yes, quiet=args.json)
    wanted = wanted_writer(desk.manifest, desk.settings, desk.places)
    if wanted in entries:
        try_writer(desk.manifest, desk.settings, desk.places, wanted)
    here = list(dict.fromkeys(entry.id for entry in entries))
    if args.json:
        fetched = [model for model, _ in sum_up.models]
        return _say(
            {"models": here, "fetched": fetched, "fetch_bytes": sum_up.fetch_bytes, "folder": str(sum_up.folder)}
        )
    print(f"Here: {', '.join(here)}")
    return 0


def _use(desk: ActionContext) -> int:
    """Say once how large it is; the writer in use tells on until all of it is here."""
    args, places = desk.args, desk.places
    if args.name == DEFAULT_WRITER:
        want_writer(places, "")
        return _used(desk, "", 0)
    entry = desk.manifest[args.name]
    if args.never:
        decline_writer(places, entry.id)
        return _say({"declined": entry.id}) if args.json else 0
    if "Writer" not in entry.roles or not entry.members:
        writers = ", ".join(one.id for one in desk.manifest.of_role("Writer") if one.members)
        raise Refused("writer_unknown", model=args.name, known=writers)
    if desk.settings.writer:
        raise Refused("writer_set", model=entry.id, setting=desk.settings.writer)
    may(entry, desk.settings)
    sum_up = bill(lacking([entry], places, desk.manifest), places)
    somebody = sys.stdin is not None and sys.stdin.isatty()
    if sum_up.fetch_bytes > UNASKED_BYTES and not (args.yes or somebody):
        raise Refused("download_unasked", model=entry.id, gb=round(sum_up.fetch_bytes / 1e9, 2))
    if args.wait:
        bring([entry], desk.manifest, places, desk.settings, yes=args.yes, quiet=args.json)
        try_writer(desk.manifest, desk.settings, places, entry)
    elif not args.yes:
        ask_for(sum_up)
    want_writer(places, entry.id)
    go_on_pulling(desk.manifest, desk.settings, places)
    return _used(desk, entry.id, sum_up.fetch_bytes)


def _used(desk: ActionContext, model: str, fetch_bytes: int) -> int:
    here = not model or bool(tried_pace(desk.places, model))
    if desk.args.json:
        return _say({"writer": model, "here": here, "fetch_bytes": fetch_bytes})
    if not model:
        print("The profile's own writer writes again, from the next tale on.")
    elif here:
        print(f"{model} writes from the next tale on. Back: python3 echotales.py models use writer {DEFAULT_WRITER}")
    else:
        print(f"{model} comes in the background ({size(fetch_bytes)}) and takes over between two tales.")
    return 0


def _verify(desk: ActionContext) -> int:
    wished = [desk.manifest[name] for name in desk.args.what] or list(desk.manifest)
    looked = [one for entry in wished for one in standing(entry, desk.places, read=True)]
    found = [one for one in looked if desk.args.what or one.state is not State.ABSENT]
    bad = [one for one in found if one.state is not State.WHOLE]
    if desk.args.json:
        _say({"members": [_standing_said(one) for one in found], "damaged": len(bad)})
    else:
        for one in found:
            print(f"{one.state:<10} {one.model}/{one.member}")
    for one in bad:
        print(MEND.format(model=one.model), file=sys.stderr)
    return EXIT_CODES["weights_damaged"] if bad else 0


def _licences(desk: ActionContext) -> int:
    rows = [_licence_row(entry, desk.settings) for entry in desk.manifest]
    if desk.args.json:
        return _say({"models": rows})
    table = _table("model", "licence", "publishable", "credit")
    for row in rows:
        table.add_row(row["id"], _licence_said(row), row["publishable"].replace("_", " "), row["credit"])
    _print(table)
    print("\n".join(f"{row['licence']}: {row['terms']}" for row in rows if row["terms"]))
    return 0


def _export(desk: ActionContext) -> int:
    entries = [desk.manifest[name] for name in desk.args.what] or list(desk.manifest)
    return _carried(desk, export_to(entries, desk.places, desk.args.folder))


def _import(desk: ActionContext) -> int:
    entries = [desk.manifest[name] for name in desk.args.what] or list(desk.manifest)
    return _carried(desk, import_from(entries, desk.places, desk.args.folder))


def _carried(desk: ActionContext, files: list[Path]) -> int:
    if desk.args.json:
        return _say({"files": [str(file) for file in files]})
    print(f"{len(files)} files, {size(sum(file.stat().st_size for file in files))}")
    return 0


def _row(desk: ActionContext, entry: ModelEntry) -> dict[str, Any]:
    states = [one.state for one in standing(entry, desk.places)]
    lacks = bill(lacking([entry], desk.places, desk.manifest), desk.places)
    return {
        "id": entry.id,
        "role": entry.role,
        "languages": list(entry.languages),
        "bytes": entry.bytes,
        "fetch_bytes": lacks.fetch_bytes,
        "state": _state(states, entry, desk.settings),
        "licence": entry.licence,
        "accepted": _accepted(entry, desk.settings),
        "publishable": str(entry.publishable),
        "measured": entry.measured,
        "note": entry.note,
    }


def _state(states: Sequence[State], entry: ModelEntry, settings: Settings) -> str:
    hindered = hindrance(entry, settings)
    if State.TRUNCATED in states:
        return "damaged"
    if State.ABSENT in states:
        return f"no ({hindered})" if hindered else "no"
    return f"yes ({hindered})" if hindered else "yes"


def _accepted(entry: ModelEntry, settings: Settings) -> bool | None:
    """None where there is nothing to accept."""
    return entry.id in accepted(settings) if entry.accept else None


def _licence_said(row: dict[str, Any]) -> str:
    said = {None: "", True: " (accepted)", False: " (not accepted)"}[row["accepted"]]
    return f"{row['licence']}{said}"


def _size_said(row: dict[str, Any]) -> str:
    known, roughly = row["bytes"], row["fetch_bytes"]
    return size(known) if known else f"~{size(roughly)}" if roughly else "-"


def _standing_said(one: WeightStatus) -> dict[str, Any]:
    return {
        "model": one.model,
        "member": one.member,
        "file": str(one.path),
        "state": str(one.state),
        "bytes": one.bytes,
    }


def _licence_row(entry: ModelEntry, settings: Settings) -> dict[str, Any]:
    return {
        "id": entry.id,
        "licence": entry.licence,
        "publishable": str(entry.publishable),
        "accept": entry.accept,
        "accepted": _accepted(entry, settings),
        "terms": entry.terms,
        "credit": entry.credit,
    }


def _table(*columns: str) -> Table:
    return Table(*(Column(name, no_wrap=True) for name in columns), box=None)


def _print(table: Table) -> None:
    """As wide as it needs where nobody sits: a file can be scrolled."""
    console = Console()
    (console if console.is_terminal else Console(width=_FILE_COLUMNS)).print(table)


def _say(told: dict[str, Any]) -> int:
    print(json.dumps(told, ensure_ascii=False))
    return 0
