"""The simulated organisation as a source for the service: directory, limits, usage and bill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.bill import SimulatedBill
from meterdeck.service.simulated.catalog import (
    ARCHIVED,
    CONSOLE,
    DEFAULT,
    api_key_id,
    streams,
    workloads,
    workspace_id,
)
from meterdeck.service.simulated.draws import Draws
from meterdeck.service.simulated.incidents import ALL
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.prices import LIST_PRICES, PriceTable
from meterdeck.service.simulated.usage import SimulatedUsage
from meterdeck.service.source import CostFact, UsageFact

Row = dict[str, Any]

_ADMIN = {"id": "user_01SimAdminUser0000000001", "type": "user"}
_LIMITS = {
    "requests_per_minute": 4000,
    "input_tokens_per_minute": 4_000_000,
    "output_tokens_per_minute": 800_000,
}
_OVERRIDDEN = {"prod-chat": 0.8, "evals": 0.1}
_PERSONAL_KEYS = frozenset({"jane-laptop"})


class SimulatedOrganization:
    """Acme: about a dozen workspaces, eight models, a launch and a key that runs away."""

    def __init__(self, options: Options) -> None:
        self._options = options
        draws = Draws(options.seed)
        incidents = [incident for incident in ALL if incident.name in options.incidents]
        self._usage = SimulatedUsage(streams(options.size), incidents, draws)
        self._bill = SimulatedBill(self._usage, PriceTable(options.discount, options.price_steps), draws)
        self.organization: Row = {
            "id": f"00000000-0000-4000-8000-{options.seed % 10**12:012}",
            "name": "Acme",
            "type": "organization",
        }
        loads = workloads(options.size)
        names = list(dict.fromkeys(load.workspace for load in loads if load.workspace != DEFAULT))
        self.workspaces: Sequence[Row] = [_workspace(name) for name in names] + [
            _workspace(ARCHIVED, archived_at="2026-02-01T08:00:00.000000Z")
        ]
        self.default_workspace: Row = _workspace(DEFAULT)
        keys = dict.fromkeys((load.workspace, load.key) for load in loads if load.key != CONSOLE)
        by_service = {
            (load.workspace, load.key): load.service_account for load in loads if load.service_account
        }
        self.api_keys: Sequence[Row] = [
            _api_key(workspace, key, draws, service_account=by_service.get((workspace, key)))
            for workspace, key in keys
        ]
        self.rate_limits: Sequence[Row] = _rate_limits()

    def usage(self, start: datetime, width: BucketWidth, as_of: datetime) -> Iterator[UsageFact]:
        """Usage of a bucket as far as it is visible."""
        return self._usage.visible(start, width, as_of)

    def bill(self, day: datetime, as_of: datetime) -> Sequence[CostFact] | None:
        """A day's lines; of the running day what the options say."""
        if day == BucketWidth.DAY.floor(as_of) and self._options.today != "partial":
            return () if self._options.today == "empty" else None
        return self._bill.lines(day, as_of)

    def bill_end(self, as_of: datetime) -> datetime:
        """Tomorrow, or today where the running day is refused."""
        today = BucketWidth.DAY.floor(as_of)
        # Far ends are accepted, as long as they are not refused outright: the report just ends earlier.
        return today if self._options.today == "refused" else datetime.max.replace(tzinfo=today.tzinfo)

    def workspace_limits(self, wanted: str) -> Sequence[Row]:
        """Two workspaces have overrides; the default one can't have any (api-facts 6.6)."""
        share = next((s for name, s in _OVERRIDDEN.items() if workspace_id(name) == wanted), None)
        if share is None:
            return ()
        return [
            {
                "type": "workspace_rate_limit",
                "group_type": row["group_type"],
                "models": row["models"],
                "limits": [
                    {"type": limit["type"], "value": int(limit["value"] * share), "org_limit": limit["value"]}
                    for limit in row["limits"]
                ],
            }
            for row in self.rate_limits
            if row["group_type"] == "model_group"
        ]


def _workspace(name: str, archived_at: str | None = None) -> Row:
    return {
        "id": workspace_id(name),
        "type": "workspace",
        "name": name,
        "created_at": "2025-03-04T09:15:27.427722Z",
        "archived_at": archived_at,
        "display_color": "#6C5BB9",
        "data_residency": {
            "workspace_geo": "us",
            "default_inference_geo": "us" if name == "partner-api" else "global",
            "allowed_inference_geos": ["us"] if name == "partner-api" else "unrestricted",
        },
        "compartment_id": None,
        "external_key_id": None,
        "tags": {},
    }


def _api_key(workspace: str, key: str, draws: Draws, *, service_account: str | None) -> Row:
    """A key of a workspace; those of the default one have a null ``workspace_id``, and so has an unbound key."""
    is_personal = key in _PERSONAL_KEYS
    of_default = workspace == DEFAULT
    key_id = api_key_id(workspace, key)
    lot = draws.octets(f"hint {key_id}", 0, 0, 8).hex()
    principal: Row | None = None
    if is_personal:
        principal = {"type": "user_actor", "user_id": _ADMIN["id"]}
    elif service_account:
        principal = {"type": "service_account_actor", "service_account_id": service_account}
    return {
        "id": key_id,
        "type": "api_key",
        "name": key,
        "status": "active",
        "created_at": "2025-09-12T14:10:00.000000Z",
        "created_by": _ADMIN,
        "expires_at": None,
        "partial_key_hint": f"sk-ant-api03-{lot[:3]}...{lot[-4:-2]}AA",
        "workspace_id": None if of_default else workspace_id(workspace),
        "scope": {"type": "organization"}
        if is_personal
        else {"type": "workspace", "workspace_id": workspace_id(workspace)},
        "principal": principal,
    }


def _rate_limits() -> list[Row]:
    families: dict[str, list[str]] = {}
    for model in LIST_PRICES:
        families.setdefault(model.split("-")[1], []).append(model)
    groups = [
        {
            "type": "rate_limit",
            "group_type": "model_group",
            "models": models,
            "limits": [{"type": name, "value": value} for name, value in _LIMITS.items()],
        }
        for models in families.values()
    ]
    batch = {
        "type": "rate_limit",
        "group_type": "batch",
        "models": None,
        "limits": [{"type": "enqueued_batch_requests", "value": 500_000}],
    }
    return [*groups, batch]
