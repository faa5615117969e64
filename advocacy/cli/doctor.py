"""`advocacy doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import click
import redis
from sqlalchemy import Engine, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import func

from advocacy import jobs, pulse
from advocacy.cli.context import json_option, say_json
from advocacy.clock import utc_now
from advocacy.config import Settings, decided_file, settings
from advocacy.db import migrations
from advocacy.db.engine import make_engine, read_only
from advocacy.db.session import transactions_on
from advocacy.errors import AdvocacyError
from advocacy.outbound.mail import MailRefused, Relay, SmtpSender

PREFIX = "ADVOCACY_"
NOT_SETTINGS = ("ADVOCACY_TEST_",)  # variables of the tests
FREE_MIN_BYTES = 500 * 1024 * 1024
CLOCK_OFF_MAX_S = 5.0
LOOKED_AT = (
    *("settings", "secret key", "database", "clock", "migrations"),
    *("workers", "broker", "mail", "disk"),
)


class Health(StrEnum):
    """How something is."""

    OK = "ok"
    NOTE = "note"  # works, but somebody should know
    WRONG = "wrong"


COLOURS = {Health.OK: "green", Health.NOTE: "yellow", Health.WRONG: "red"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    health: Health
    detail: str


@click.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(LOOKED_AT),
    metavar="WHAT",
    help="Look at this alone, as in: workers. May be given more than once.",
)
@json_option
def doctor(only: tuple[str, ...], *, as_json: bool) -> None:
    """Look at everything that this installation needs; exit 1 if something is wrong."""
    findings = examine(settings())
    if only:
        findings = [one for one in findings if one.what in only]
        for what in sorted(set(only) - {one.what for one in findings}):
            hidden = "cannot be seen; run the whole of: advocacy doctor"
            findings.append(Finding(what, Health.WRONG, hidden))
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = click.style(f"{finding.health:<5}", fg=COLOURS[finding.health])
            click.echo(f"{mark}  {finding.what:<10}  {finding.detail}")
    if any(finding.health is Health.WRONG for finding in findings):
        raise SystemExit(1)


def examine(current: Settings) -> list[Finding]:
    """Look at everything, one after the other; nothing is changed."""
    return [
        *look_at_variables(dict(os.environ), Path(".env")),
        look_at_secret(current),
        *look_at_data(current.database_url, utc_now()),
        look_at_broker(current),
        look_at_mail(current),
        look_at_disk(current.var_dir),
    ]


def look_at_variables(environment: dict[str, str], dotenv: Path) -> Iterator[Finding]:
    """Find variables that nobody reads: a misspelt one would be silently ignored."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = {name.upper() for name in environment} | set(_names_in(dotenv))
    unknown = sorted(
        name
        for name in given - known
        if name.startswith(PREFIX) and not name.startswith(NOT_SETTINGS)
    )
    for name in unknown:
        close = difflib.get_close_matches(name, known, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        yield Finding("settings", Health.WRONG, f"{name} is no setting.{meant}")
    if not unknown:
        decided = decided_file()
        more = f", and by `advocacy up` in {decided}" if decided.exists() else ""
        count = len(given & known)
        yield Finding("settings", Health.OK, f"{count} set in the environment{more}")


def _names_in(dotenv: Path) -> Iterator[str]:
    if not dotenv.is_file():
        return
    for line in dotenv.read_text(errors="replace").splitlines():
        name, equals, _ = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            yield name.strip().upper()


def look_at_secret(current: Settings) -> Finding:
    """See whether the key that signs cookies and links is there and long enough."""
    kept = current.var_dir / "secret_key"
    if not current.secret_key and current.on_sqlite and not kept.exists():
        return Finding("secret key", Health.OK, "made at the first start")
    try:
        length = len(current.secret)
    except ValueError as error:
        return Finding("secret key", Health.WRONG, str(error))
    if length < 32:  # noqa: PLR2004 - bytes, as openssl rand -hex 16 gives
        return Finding(
            "secret key",
            Health.WRONG,
            "ADVOCACY_SECRET_KEY is short; make one with: openssl rand -hex 32",
        )
    return Finding("secret key", Health.OK, f"{length} characters")


def look_at_data(url: str, now: datetime) -> list[Finding]:
    """Look at the database, and at what it knows of the others."""
    file = make_url(url).database or ""
    if url.startswith("sqlite") and not Path(file).exists():
        missing = f"{file} is not there yet; run: advocacy migrate"
        return [Finding("database", Health.WRONG, missing)]
    engine = make_engine(url)
    try:
        found = [look_at_database(engine)]
        if found[0].health is Health.OK:
            found += [look_at_clock(engine, now), look_at_migrations(engine)]
        if found[-1].health is Health.OK:
            found.append(look_at_workers(engine, now))
        return found
    finally:
        engine.dispose()


def look_at_database(engine: Engine) -> Finding:
    """See whether the database answers."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        with read_only(engine).connect():
            pass
    except (SQLAlchemyError, OSError) as error:
        return Finding("database", Health.WRONG, f"{where}: {_first_line(error)}")
    return Finding("database", Health.OK, where)


def look_at_migrations(engine: Engine) -> Finding:
    """See whether the database has the tables of this release."""
    try:
        has, wants = migrations.current(engine), migrations.newest()
    except SQLAlchemyError as error:
        return Finding("migrations", Health.WRONG, _first_line(error))
    if has == wants:
        return Finding("migrations", Health.OK, f"up to date ({has})")
    return Finding(
        "migrations",
        Health.WRONG,
        f"the database is at {has or 'nothing'}, this release wants {wants}; "
        "run: advocacy migrate",
    )


def look_at_clock(engine: Engine, now: datetime) -> Finding:
    """Compare this machine's clock with the database's, if that is another machine."""
    if engine.dialect.name == "sqlite":
        return Finding("clock", Health.OK, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    try:
        with read_only(engine).connect() as connection:
            theirs = connection.scalar(select(func.clock_timestamp()))
    except SQLAlchemyError as error:
        return Finding("clock", Health.WRONG, _first_line(error))
    assert isinstance(theirs, datetime)
    off_s = abs((theirs.astimezone(UTC) - now).total_seconds())
    if off_s > CLOCK_OFF_MAX_S:
        return Finding(
            "clock",
            Health.WRONG,
            f"{off_s:.0f} s from the database's; let both follow a time server",
        )
    return Finding("clock", Health.OK, f"{off_s:.1f} s from the database's")


def look_at_broker(current: Settings) -> Finding:
    """See whether the broker answers, and that it never throws messages away."""
    url = jobs.broker_url(current)
    where = "the embedded one" if not current.redis_url else "ADVOCACY_REDIS_URL"
    if not jobs.broker_answers(url):
        what_now = "start `advocacy up`" if not current.redis_url else "is it running?"
        return Finding("broker", Health.WRONG, f"{where} does not answer; {what_now}")
    try:
        policy = jobs.eviction_policy(url)
    except (redis.RedisError, OSError):
        policy = None  # a managed server may keep its settings to itself
    if policy not in {None, "noeviction"}:
        return Finding(
            "broker",
            Health.WRONG,
            f"maxmemory-policy is {policy}: messages can vanish; set it to noeviction",
        )
    return Finding("broker", Health.OK, f"{where} answers")


def look_at_workers(engine: Engine, now: datetime) -> Finding:
    """See whether workers did what the timetable asked, lately."""
    try:
        with transactions_on(read_only(engine))() as session:
            last = pulse.last_pulse(session)
    except SQLAlchemyError as error:
        return Finding("workers", Health.WRONG, _first_line(error))
    if last is None:
        return Finding(
            "workers",
            Health.WRONG,
            "never heard the timetable; run `advocacy worker` and `advocacy beat`",
        )
    ago_s = (now - last).total_seconds()
    if now - last > pulse.OVERDUE_AFTER:
        return Finding(
            "workers",
            Health.WRONG,
            f"last heard the timetable {ago_s / 60:.0f} minutes ago; "
            "see whether `advocacy worker` and `advocacy beat` run",
        )
    return Finding("workers", Health.OK, f"heard the timetable {ago_s:.0f} s ago")


def look_at_mail(current: Settings) -> Finding:
    """See whether the mail server lets us in; no mail is sent."""
    if not current.smtp_url:
        return Finding(
            "mail",
            Health.OK if current.demo else Health.NOTE,
            "no ADVOCACY_SMTP_URL: mail goes to the development mailbox",
        )
    try:
        relay = Relay.read(current.smtp_url)
        SmtpSender(relay).greet()
    except MailRefused as refused:
        return Finding("mail", Health.WRONG, refused.detail)
    except AdvocacyError as error:
        return Finding("mail", Health.WRONG, str(error))
    return Finding("mail", Health.OK, f"{relay.host}:{relay.port} lets us in")


def look_at_disk(var_dir: Path) -> Finding:
    """See whether the folder of state can be written, with room to spare."""
    folder = next(
        path for path in (var_dir, *var_dir.resolve().parents) if path.exists()
    )
    if not os.access(folder, os.W_OK):
        return Finding("disk", Health.WRONG, f"{folder} cannot be written")
    free = shutil.disk_usage(folder).free
    room = f"{free / 1024**3:.1f} GiB free for {var_dir}"
    if free < FREE_MIN_BYTES:
        return Finding("disk", Health.WRONG, f"only {room}")
    return Finding("disk", Health.OK, room)


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
