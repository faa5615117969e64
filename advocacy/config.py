"""Settings: environment variables that begin with ADVOCACY_, or a .env file."""

from __future__ import annotations

import secrets
from functools import cache, cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Everything an administrator can set; each is explained in docs/operating.md."""

    model_config = SettingsConfigDict(
        env_prefix="ADVOCACY_", env_file=".env", extra="ignore", frozen=True
    )

    var_dir: Path = Path("var")  # state of the embedded default, spool, sockets
    database_url: str = Field(  # sqlite:///… or postgresql+psycopg://…
        default_factory=lambda known: f"sqlite:///{known['var_dir']}/advocacy.db"
    )
    redis_url: str = ""  # empty: `advocacy up` starts a server of its own
    base_url: str = "http://localhost:8000"
    share_url: str = ""  # empty: the base URL
    smtp_url: str = ""  # empty: mail goes to the development mailbox
    mail_from: str = "Advocacy <advocacy@localhost>"
    secret_key: str = ""  # empty: var/secret_key, on SQLite only
    fetch_allow: Annotated[tuple[Network, ...], NoDecode] = ()
    default_locale: str = "nl"
    timezone: ZoneInfo = ZoneInfo("Europe/Amsterdam")
    org_name: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""

    demo: bool = False  # set by `advocacy up --demo`
    trusted_proxies: int = Field(default=0, ge=0, le=5)  # hops in X-Forwarded-For
    link_fallback_url: str = ""  # where withdrawn share links lead; empty: 410 page
    digest_weekday: int = Field(default=1, ge=1, le=7)  # ISO: 1 is Monday
    digest_hour: int = Field(default=9, ge=0, le=23)  # local to each employee
    digest_items_max: int = Field(default=5, ge=1, le=20)  # per letter
    small_group: int = Field(default=5, ge=2)  # people; fewer are never shown apart
    hits_kept_days: int = Field(default=400, ge=30)
    worker_concurrency: int = Field(default=2, ge=1)  # processes

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _read_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(
                ip_network(part.strip()) for part in value.split(",") if part.strip()
            )
        return value

    @field_validator("base_url", "share_url", "link_fallback_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and (
            urlsplit(value).scheme not in {"http", "https"}
            or not urlsplit(value).netloc
        ):
            raise ValueError("give a whole address, as in https://advocacy.example.com")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError(
                "give sqlite:///path/to/file.db or postgresql+psycopg://user:pass@host/name"
            )
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_mail_scheme(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"smtp", "smtps"}:
            raise ValueError("give smtp://user:pass@host:587?starttls=1 or smtps://…")
        return value

    @model_validator(mode="after")
    def _say_who_you_are(self) -> Self:
        if self.org_name or self.demo:
            return self
        raise ValueError("set ADVOCACY_ORG_NAME to the name of your organisation")

    @property
    def on_sqlite(self) -> bool:
        """Tell whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def organisation(self) -> str:
        """Name the organisation on pages and in mail."""
        return self.org_name or "Waterland Techniek"

    @property
    def link_base(self) -> str:
        """Give the address in front of `/s/{slug}`, without a slash at its end."""
        return self.share_url or self.base_url

    @property
    def https(self) -> bool:
        """Tell whether people reach us over TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")

    @cached_property
    def secret(self) -> bytes:
        """Give the key that signs cookies and links, made at first use on SQLite.

        Raises:
            ValueError: No key is set and several machines would each make their own.
        """
        if self.secret_key:
            return self.secret_key.encode()
        if not self.on_sqlite:
            raise ValueError(
                "set ADVOCACY_SECRET_KEY; make one with: openssl rand -hex 32"
            )
        return _read_or_make(self.var_dir / "secret_key")


def _read_or_make(path: Path) -> bytes:
    """Read a secret from a file, or make it there, readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        try:
            path.hardlink_to(fresh)  # atomic, and fails if another process was first
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes().strip()


@cache
def settings() -> Settings:
    """Read the settings once per process.

    What `advocacy up` decided by itself (a free port, the demo) counts where neither
    the environment nor .env says anything, so that commands in another terminal agree.
    """
    return Settings(_env_file=(decided_file(), ".env"))


def decided_file() -> Path:
    """Say where `advocacy up` writes down what it decided."""
    return _Place().var_dir / "up.env"


class _Place(BaseSettings):
    """Where the state is; asked before the other settings, which may lie there."""

    model_config = SettingsConfigDict(
        env_prefix="ADVOCACY_", env_file=".env", extra="ignore"
    )

    var_dir: Path = Path("var")
