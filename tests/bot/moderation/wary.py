"""An executor that finds danger in everything."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pipeline.artifacts import Artifacts
from pipeline.errors import Refused
from pipeline.executor import ExecutorOptions, serve
from pipeline.log import set_up_logging
from pipeline.telling.studio import Studio
from pipeline.words.prompt import Harm
from pipeline.words.request import Request
from pipeline.words.sound import Artifact
from tests.faults.stand_in import NoModels

WARY = "tests.bot.moderation.wary"
"""The module, for whoever starts it as a process."""


class Wary:
    """Refuses as the line does where its head is sure."""

    lender = NoModels()

    def make(self, request: Request, studio: Studio) -> Artifact:
        """Never."""
        raise Refused("prompt_harmful", kind=Harm.DANGER.value)


def main(argv: list[str]) -> int:
    """An executor process with it."""
    told: dict[str, Any] = json.loads(argv[0])
    folder = Path(told.pop("artifacts"))
    told.pop("marks", None)
    set_up_logging()  # as the verb does: a bare logger would write down every local variable
    return serve(ExecutorOptions(**told | {"state": Path(told["state"])}), Wary(), Artifacts(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
