"""What is let go leaves the log."""

from __future__ import annotations

import time
from pathlib import Path

import sqlalchemy as sa

from pipeline.road.desk import Desk
from pipeline.road.engine import connect
from pipeline.road.keepsakes import halt, let_go
from pipeline.road.ledger import Ledger, asked, loose
from tests.faults.stage import wish

SOON_S = 10.0
"""Less than SQLite itself would wait for a reader, and keep all writers waiting meanwhile."""


def test_who_reads_an_older_state_is_waited_for_while_others_write(tmp_path: Path) -> None:
    ledger = Ledger(connect(f"sqlite:///{tmp_path}/road.db"))
    ledger.make()
    Desk(ledger.engine.url.render_as_string()).ask(wish("gone"))
    ledger.write(sa.update(asked).values(member="canary"))
    halt(ledger, ["gone"], sleep=lambda _: None)
    since_s, waited = time.monotonic(), list[float]()
    with ledger.engine.connect() as reading:
        reading.exec_driver_sql("begin")
        assert reading.execute(sa.select(asked.c.job)).all()

        def others_write(seconds: float) -> None:
            ledger.write(sa.delete(loose))
            reading.rollback()
            waited.append(seconds)

        assert let_go(ledger, ["gone"], sleep=others_write)
    assert waited
    assert time.monotonic() - since_s < SOON_S
    assert b"canary" not in b"".join(file.read_bytes() for file in tmp_path.glob("road.db*"))
    ledger.engine.dispose()
