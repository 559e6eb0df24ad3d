"""How the worker says it is."""

import httpx

from driftline_schemas.settings import Settings

TIMEOUT_SECONDS = 2.0


def ask_worker(settings: Settings) -> str:
    """`ok`, or what is wrong: what its `/healthz` says, or that it does not answer.

    Where several workers run it is the one at `DRIFTLINE_WORKER_HOST` and `DRIFTLINE_WORKER_PORT`.
    """
    url = f"http://{settings.worker_host}:{settings.worker_port}/healthz"
    try:
        document = httpx.get(url, timeout=TIMEOUT_SECONDS, trust_env=False).json()
        status = str(document["status"])
    except httpx.HTTPError as error:
        return f"{url} does not answer ({error})"[:500]
    except (ValueError, KeyError, TypeError):
        return f"{url} is not a worker's"
    wrong = [f"{part}: {document[part]}" for part in ("kafka", "clickhouse") if document.get(part, "ok") != "ok"]
    return ", ".join((status, *wrong))[:500]
