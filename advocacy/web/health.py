"""Whether we live, whether we can work, and figures for an operator's monitoring."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from advocacy import jobs
from advocacy.clock import utc_now
from advocacy.db.migrations import is_up_to_date
from advocacy.db.session import Transactions
from advocacy.operation import figures_of_operation
from advocacy.web.deps import AppHouse

router = APIRouter()


@router.get("/healthz")
def alive() -> PlainTextResponse:
    """Say that the process answers; nothing else is asked."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def ready(house: AppHouse) -> JSONResponse:
    """Say whether the database, its tables and the broker are there."""
    broker = jobs.broker_answers(jobs.broker_url(house.settings))
    checks = {"database": False, "migrations": False, "broker": broker}
    try:
        with house.reading() as session:
            checks["database"] = True
            checks["migrations"] = is_up_to_date(session.connection())
    except SQLAlchemyError:
        pass
    return JSONResponse(checks, status_code=200 if all(checks.values()) else 503)


@router.get("/metrics")
def metrics(house: AppHouse) -> Response:
    """Give the figures of operation in Prometheus's words; none is about a person."""
    registry = CollectorRegistry()
    registry.register(_Operation(house.reading))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Operation(Collector):
    """Reads the figures of operation at every scrape."""

    def __init__(self, reading: Transactions) -> None:
        self.reading = reading

    def collect(self) -> list[GaugeMetricFamily]:
        """Give a gauge for each figure."""
        with self.reading() as session:
            figures = figures_of_operation(session, now=utc_now())
        families: dict[str, GaugeMetricFamily] = {}
        for figure in figures:
            family = families.setdefault(
                figure.name,
                GaugeMetricFamily(
                    f"advocacy_{figure.name}",
                    figure.meaning,
                    labels=list(figure.labels),
                ),
            )
            family.add_metric(list(figure.labels.values()), figure.value)
        return list(families.values())
