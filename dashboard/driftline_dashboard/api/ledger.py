"""The ledger."""

from fastapi import APIRouter

from driftline_dashboard.parts import StoreOf
from driftline_dashboard.queries.ledger import Ledger, ledger

router = APIRouter(tags=["ledger"])


@router.get("/ledger")
def show_ledger(store: StoreOf) -> Ledger:
    """What became of every record and event that is stored, by partition and by emitter."""
    return ledger(store)
