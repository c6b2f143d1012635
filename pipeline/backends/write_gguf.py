"""Writers in GGUF files, by llama.cpp."""

from __future__ import annotations

import json
import secrets
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.backends.completion import shared_start
from pipeline.backends.grammar import grammar_of
from pipeline.backends.readable import reading
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.roles import Ask, Turn

CONTEXT_TOKENS = 2048
PIECE_BYTES = 160
"""Bytes of prompt read between two looks for a cancel: at most 64 tokens in every script."""
SAMPLING = {
    "top_p": 0.95,
    "min_p": 0.05,
    "repeat_penalty": 1.05,
    "repeat_last_n": 256,
    "dry_multiplier": 0.8,
    "dry_base": 1.75,
    "dry_allowed_length": 3,
    "dry_penalty_last_n": 600,
    "cache_prompt": True,
}
UNTHINKING = {"chat_template_kwargs": {"enable_thinking": False}}
"""Asks templates to leave a model's thoughts out; those that cannot ignore it."""
_MARK = "\u2063told\u2063"


def open_backend(weights: Mapping[str, Path], threads: int, drafts: int = 1) -> GgufWriter:
    """Open the entry's one GGUF member; half the threads are left to the narrator that works beside it."""
    path = next(path for name, path in weights.items() if name.endswith(".gguf"))
    return GgufWriter(path, max(1, threads // 2), drafts)


class GgufWriter:
    """One server inside this process; its brake is the streaming callback, or 64 tokens of prompt."""

    def __init__(self, path: Path, threads: int, drafts: int = 1) -> None:
        """`drafts` of a scene are made side by side, each in a slot of its own."""
        import xllamacpp

        self.key = secrets.token_hex(16)
        """Key that its server asks of every client, since others on this machine can reach it."""
        with reading(path.parent.name):  # a family that this llama.cpp does not know, or a file cut short
            self._server: Any = xllamacpp.Server(_parameters(xllamacpp, path, threads, drafts, self.key))
        self._slots = drafts
        self._heads: dict[tuple[str, str], str] = {}
        self._read = ""
        self._settled = ""
        """The prefix that lies in the cache as it was first read."""

    @property
    def address(self) -> str:
        """Address of its server, on this machine alone."""
        return str(self._server.listening_address)

    def settle(self, system: str) -> None:
        # Asked twice: the first brings the cache to the prefix, only the second leaves it the same from warm and cold.
        prefix = self._head(system, _MARK).split(_MARK)[0]
        # What another system's words share with these was computed beside others, and is not quite the same.
        anew = {"cache_prompt": prefix == self._settled}
        for more in (anew, {}):
            self._run(prefix, {"max_tokens": 1, "seed": 0} | more, None)
        self._read = self._settled = prefix

    def complete(self, turn: Turn, ask: Ask, check: Cancelled) -> Iterator[str]:
        prompt = self._prompt(turn)
        self._feed(prompt, check)
        pieces = self._run(prompt, _wish(turn, ask), check)[0]
        self._read = prompt + "".join(pieces)
        check()
        yield from pieces

    def drafts(self, turn: Turn, ask: Ask, count: int, check: Cancelled) -> list[str]:
        """Draft in batches as wide as there are slots."""
        prompt = self._prompt(turn)
        made: list[str] = []
        while len(made) < count:
            self._feed(prompt, check)
            together = {"n_cmpl": min(self._slots, count - len(made)), "seed": ask.seed + len(made)}
            made += ["".join(pieces) for pieces in self._run(prompt, _wish(turn, ask) | together, check)]
            self._read = prompt
            check()
        return made

    def close(self) -> None:
        self._server = None

    def _feed(self, prompt: str, check: Cancelled) -> None:
        """Read what is new of a long prompt piece by piece, since nothing can be stopped inside one."""
        known = shared_start(prompt, self._read)
        new = prompt[known:].encode()
        if len(new) <= 2 * PIECE_BYTES:
            return
        for end in range(PIECE_BYTES, len(new), PIECE_BYTES):
            check()
            self._read = prompt[:known] + new[:end].decode(errors="ignore")
            self._run(self._read, {"max_tokens": 0}, None)

    def _run(self, prompt: str, wish: dict[str, Any], check: Cancelled | None) -> list[list[str]]:
        """Return the pieces of each completion; of one, where the wish does not ask for more."""
        made: list[list[str]] = [[] for _ in range(wish.get("n_cmpl", 1))]
        faults: list[Any] = []

        def heard(chunk: Any) -> bool:
            faults.extend([chunk["error"]] if "error" in chunk else [])
            for choice in chunk.get("choices", ()):
                made[choice.get("index", 0)].append(choice["text"])
            return bool(check)

        answer = self._server.handle_completions({"prompt": prompt, "stream": True, **wish}, heard)
        if isinstance(answer, dict) and "error" in answer:
            faults.append(answer["error"])
        if faults:
            raise Unwell("writer_failed", why=str(faults[0].get("message", faults[0])))
        return made

    def _prompt(self, turn: Turn) -> str:
        return self._head(turn.system, turn.user) + turn.told

    def _head(self, system: str, user: str) -> str:
        """Return the prompt before the storyteller's own words, by the model's own template."""
        if (system, user) not in self._heads:
            self._heads = dict(list(self._heads.items())[-8:])
            self._heads[system, user] = self._templated(system, user).rsplit(_MARK, 1)[0]
        return self._heads[system, user]

    def _templated(self, system: str, user: str) -> str:
        roles = {"system": system, "user": user, "assistant": _MARK}
        messages = [{"role": role, "content": content} for role, content in roles.items()]
        request = urllib.request.Request(  # noqa: S310 - the server in this very process
            self.address + "/apply-template",
            data=json.dumps({"messages": messages, **UNTHINKING}).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            prompt: str = json.load(answer)["prompt"]
        return prompt


def _wish(turn: Turn, ask: Ask) -> dict[str, Any]:
    wish = {**SAMPLING, "max_tokens": ask.max_tokens, "temperature": ask.temperature, "seed": ask.seed}
    grammar = grammar_of(ask, turn.told)
    return wish | ({"grammar": grammar} if grammar else {})


def _parameters(xllamacpp: Any, path: Path, threads: int, drafts: int, key: str) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = drafts
    parameters.kv_unified = drafts > 1  # the slots share what they all read
    parameters.warmup = False
    parameters.verbosity = -1
    parameters.cache_ram_mib = 0  # a second cache would make the first one's state depend on older tales
    parameters.api_keys = [key]  # it listens on this machine; nobody else may ask
    for cpu in (parameters.cpuparams, parameters.cpuparams_batch):
        cpu.n_threads = threads
        cpu.poll = 0  # spinning on busy cores costs 25 times the speed
    return parameters
