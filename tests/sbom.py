"""The locks as a bill of materials."""

from __future__ import annotations

import argparse
import json
import re
import tomllib
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.places import CHECKOUT
from tests.locks import LOCKS

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main(argv: list[str]) -> int:
    """`python -m tests.sbom [--out FILE]`: CycloneDX 1.5, the same bytes from the same locks; asks nobody."""
    parser = argparse.ArgumentParser(prog="tests.sbom", description=__doc__)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args(argv)
    text = json.dumps(bill(sorted(LOCKS.glob("*.txt"))), indent=1, sort_keys=True) + "\n"
    if args.out is None:
        print(text, end="")
        return 0
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(text, encoding="utf-8")
    return 0


def bill(locks: Iterable[Path]) -> dict[str, Any]:
    """Each package once, with every layer that wants it and every file's hash."""
    parts: dict[str, dict[str, Any]] = {}
    for lock in locks:
        for entry in re.split(r"^(?=\S)", lock.read_text("utf-8"), flags=re.MULTILINE):
            if pin := _PIN.match(entry):
                _add(parts, pin[1], pin[2], lock.stem, _HASH.findall(entry))
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    whole = {"type": "application", "name": project["name"], "version": project["version"], "bom-ref": "echotales"}
    components = [parts[name] for name in sorted(parts)]
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components, sort_keys=True))
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{number}", "version": 1,
        "metadata": {"component": whole}, "components": components,
        "dependencies": [{"ref": "echotales", "dependsOn": [one["bom-ref"] for one in components]}],
    }  # fmt: skip


def _add(parts: dict[str, dict[str, Any]], name: str, version: str, layer: str, hashes: list[str]) -> None:
    url = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version.partition('+')[0]}"
    one = parts.setdefault(
        url, {"type": "library", "name": name, "version": version, "purl": url, "bom-ref": url, "properties": []}
    )
    one["properties"].append({"name": "echotales:layer", "value": layer})
    # A component's own hashes would be one file's: a package has a wheel for each machine.
    one["properties"] += [{"name": "echotales:wheel:sha256", "value": digest} for digest in sorted(hashes)]


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
