"""How the workers say they are."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from driftline_schemas.settings import Settings

TIMEOUT_SECONDS = 2.0


def ask_workers(settings: Settings) -> Mapping[str, str]:
    """By `host:port`, `ok` or what is wrong: what its `/healthz` says, or that it does not answer.

    They are those that `DRIFTLINE_DASHBOARD_WORKERS` names, or else the one at `DRIFTLINE_WORKER_HOST` and
    `DRIFTLINE_WORKER_PORT`.
    """
    places = settings.dashboard.workers or (f"{settings.worker_host}:{settings.worker_port}",)
    with ThreadPoolExecutor(len(places)) as pool:
        return dict(zip(places, pool.map(_ask, places), strict=True))


def _ask(place: str) -> str:
    try:
        document = httpx.get(f"http://{place}/healthz", timeout=TIMEOUT_SECONDS, trust_env=False).json()
        status = str(document["status"])
    except httpx.HTTPError as error:
        return f"does not answer ({error})"[:500]
    except (ValueError, KeyError, TypeError):
        return "what answers is not a worker"
    wrong = [f"{part}: {document[part]}" for part in ("kafka", "clickhouse") if document.get(part, "ok") != "ok"]
    return ", ".join((status, *wrong))[:500]
