"""A row that the road keeps of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HOLDING = (
    *("workflow_status", "workflow_input", "workflow_output", "operation_outputs", "notifications"),
    *("workflow_events", "workflow_events_history", "streams", "road_asked", "road_hung"),
    *("road_died", "road_loose"),
)
"""Tables in which something of a member may stand."""


@dataclass(frozen=True)
class Keepsake:
    """One row of one of these tables."""

    table: str
    row: dict[str, Any]
    """Plain values; what is JSON inside stays text."""
