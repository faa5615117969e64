"""How our processes log: one line per event on stderr, no addresses, no agents."""

from __future__ import annotations

import logging
import sys
import time

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
QUIET = (  # a line per request or task, or about their own inner life
    "celery.worker.strategy",
    "alembic",
    "celery.app.trace",
    "celery.beat",
    "httpcore",
    "kombu",
    "uvicorn",
)


def start_logging(level: int = logging.INFO) -> None:
    """Send every log line of this process to stderr, in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S+00:00")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
