"""Many followers of one tale, fed once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from pipeline.log import log_of
from pipeline.road.door import Door, EventAt
from pipeline.words.event import Done, Failed, Felt, Planned, Queued, StageFinished, Stopped
from pipeline.words.jsonable import event_to_json

AHEAD = 1_000
"""Events that wait for a follower who does not read; one who is further behind comes back by its last number."""
LATE = "late"
"""Kind of the last message to a follower who was too slow."""
log = log_of("web")


@dataclass(frozen=True)
class Message:
    """One event, written once for everybody."""

    number: int
    """From which a follower goes on after it."""
    kind: str
    data: str
    last: bool = False


@dataclass(eq=False)
class _Room:
    """All that was said of one tale, and who listens."""

    said: list[Message] = field(default_factory=list)
    queues: set[asyncio.Queue[Message]] = field(default_factory=set)
    task: asyncio.Task[None] | None = None


class Audience:
    """Follows each tale once, however many listen, and turns each event into text once."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._rooms: dict[str, _Room] = {}

    async def close(self) -> None:
        """Stop following."""
        tasks = [room.task for room in self._rooms.values() if room.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def messages(self, job: str, since: int = 0) -> AsyncGenerator[Message]:
        """Give what was said from that number on, then what comes, to the last word."""
        room = self._rooms.get(job)
        if room is None:
            room = self._rooms[job] = _Room()
            room.task = asyncio.create_task(self._feed(job, room), name=f"audience {job}")
        queue: asyncio.Queue[Message] = asyncio.Queue(AHEAD)
        # Both within one step of the loop: nothing is said between the copy and the listening.
        earlier = [one for one in room.said if one.number > since]
        room.queues.add(queue)
        try:
            for message in earlier:
                yield message
            if earlier and earlier[-1].last:
                return
            while True:
                message = await queue.get()
                if message.number > since or message.last:
                    yield message
                if message.last:
                    return
        finally:
            room.queues.discard(queue)
            if not room.queues:
                self._leave(job, room)

    def _leave(self, job: str, room: _Room) -> None:
        """Stop following a tale that nobody listens to."""
        if self._rooms.get(job) is room:
            del self._rooms[job]
        if room.task is not None:
            room.task.cancel()

    async def _feed(self, job: str, room: _Room) -> None:
        async for told in self._door.follow(job):
            message = _written(told)
            if not isinstance(told.event, Queued):
                room.said.append(message)  # a place in line is true only now
            for queue in tuple(room.queues):
                _put(queue, message)


def _put(queue: asyncio.Queue[Message], message: Message) -> None:
    try:
        queue.put_nowait(message)
    except asyncio.QueueFull:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(Message(message.number - 1, LATE, "{}", last=True))


def _written(told: EventAt) -> Message:
    event = told.event
    data = event_to_json(event)
    match event:
        # What moved a reading of feeling is for the asker's own eyes, and where files lie is nobody's.
        case Felt(feeling=feeling, scene=scene):
            data = {"scene": scene, "mood": feeling.mood.emotion, "certainty": feeling.mood.certainty}
        case Planned(plan=plan):
            data = {"title": plan.title, "language": plan.language, "shape": plan.shape, "notes": plan.notes}
        case Done():
            data = {}
        case StageFinished(stage=stage, scene=scene, passage=passage):
            data = {"stage": stage, "scene": scene, "passage": passage}
    data = {name: value for name, value in data.items() if name not in ("kind", "schema")}
    last = isinstance(event, (Done, Failed, Stopped))
    return Message(told.next, event.kind, json.dumps(data, ensure_ascii=False), last)
