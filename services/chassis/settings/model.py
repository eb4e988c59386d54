"""The settings themselves: what there is, its default, and which combinations are refused."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from services.chassis.settings.secret_files import PREFIX, SecretFiles

SERVICES = ("fund", "outcomes", "notify")
"""The names that have a database, an address and an audience of their own."""

_OIDC = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
_SOCKET_PATH_MAX = 100
_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
_Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """Where everything is and how it may be reached. All times in seconds, all sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path("var"), description="databases, keys, NATS store; made 0700"
    )
    fund_database_url: SecretStr | None = None
    outcomes_database_url: SecretStr | None = None
    outcomes_keys_database_url: SecretStr | None = Field(
        default=None, description="the children's keys, backed up apart from the rest"
    )
    notify_database_url: SecretStr | None = None
    migrate_at_start: bool | None = Field(
        default=None, description="unset: where the database is SQLite"
    )
    attachments_url: str | None = Field(
        default=None, description="s3://bucket/prefix; unset: a folder of data_dir"
    )
    nats_url: str | None = Field(
        default=None, description="a cluster; unset: a supervised nats-server"
    )
    nats_credentials_dir: Path | None = Field(
        default=None, description="a key `<service>.nk` for each"
    )
    nats_stream_bytes: Annotated[int, Field(ge=1_000_000)] = Field(
        default=1_000_000_000, description="the stream in a cluster; below its disks"
    )
    nats_replicas: Literal[1, 3, 5] = 1
    nats_server: Path | None = Field(default=None, description="another nats-server binary")

    fund_listen: str | None = Field(default=None, description="unix:/path or host:port")
    outcomes_listen: str | None = None
    notify_listen: str | None = None
    fund_target: str | None = Field(
        default=None, description="where others reach it; unset: fund_listen"
    )
    outcomes_target: str | None = None
    notify_target: str | None = None
    grpc_certificate_file: Path | None = Field(
        default=None, description="mutual TLS between processes"
    )
    grpc_key_file: Path | None = None
    grpc_ca_file: Path | None = None

    gateway_host: str = "127.0.0.1"
    gateway_port: _Port = 8080
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    public_url: str | None = Field(default=None, description="the address that people use")
    operations_host: str = Field(default="127.0.0.1", description="/metrics, /healthz and /readyz")
    operations_port: _Port = Field(default=9464, description="0: any free port")

    sign_in: Literal["demo", "oidc"] = "demo"
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_tenants: dict[str, str] = Field(
        default_factory=dict, description='{"E06000050": "Council\'s name"}: who is served'
    )
    oidc_tenant_claim: str = Field(default="", description="needed with several authorities")
    oidc_role_claim: str = "roles"
    oidc_roles: dict[str, str] = Field(
        default_factory=dict, description='{"LRF finance": "finance_officer"}; unset: our names'
    )
    oidc_schools_claim: str = Field(default="schools", description="URNs of a person's schools")
    oidc_api_audience: str | None = Field(
        default=None, description="whose bearer tokens the API takes; unset: of nobody"
    )
    token_keys_dir: Path | None = Field(
        default=None, description="unset: keys/tokens under data_dir"
    )

    smtp_url: str | None = Field(default=None, description="smtp://user@host:587; unset: no e-mail")
    smtp_password: SecretStr | None = None
    mail_from: str = "no-reply@localresponse.invalid"
    govuk_notify_key: SecretStr | None = None
    smtp_fallback_url: str | None = Field(default=None, description="used while smtp_url is away")
    smtp_fallback_password: SecretStr | None = None
    mail_per_s: Annotated[float, Field(gt=0)] = Field(default=50, description="most e-mails sent")
    govuk_notify_url: str = "https://api.notifications.service.gov.uk"
    govuk_notify_templates: dict[str, str] = Field(
        default_factory=dict, description='{"email": "<template id>", "sms": …, "letter": …}'
    )
    letters_dir: Path | None = Field(default=None, description="for the print room; unset: none")
    message_mode: Literal["live", "team", "test"] = "live"
    quiet_hours: str | None = Field(
        default=None, description="19:00-07:30, or off; unset: off in a demonstration"
    )
    message_days: Annotated[int, Field(ge=3, le=90)] = Field(
        default=7, description="after which addresses and values are erased"
    )
    messages_per_day: Annotated[int, Field(ge=1)] = Field(
        default=50, description="most e-mails, and most texts, to one person"
    )
    webhook_networks: tuple[str, ...] = Field(
        default=(), description="private networks that webhooks may reach, such as 10.1.0.0/16"
    )

    clock_file: Path | None = Field(
        default=None, description="a demonstration's clock; unset: the machine's own"
    )
    audit_dir: Path | None = Field(
        default=None, description="signed checkpoints; unset: under data_dir"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_s: Annotated[float, Field(gt=0, le=300)] = Field(
        default=10, description="for calls in flight"
    )

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # the rest are taken by **_
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments first, then secret files, then the environment."""
        return init_settings, SecretFiles(settings_cls), env_settings

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        if self.sign_in == "oidc":
            missing = [
                f"{PREFIX}{name.upper()}"
                for name in (*_OIDC, "oidc_tenants", "public_url")
                if not getattr(self, name)
            ]
            if missing:
                raise ValueError(f"{PREFIX}SIGN_IN=oidc also needs {', '.join(missing)}")
        if self.clock_file is not None and self.sign_in != "demo":
            raise ValueError(f"{PREFIX}CLOCK_FILE is for demonstrations: {PREFIX}SIGN_IN=demo")
        self._refuse_half(("tls_certificate_file", "tls_key_file"))
        self._refuse_half(("grpc_certificate_file", "grpc_key_file", "grpc_ca_file"))
        return self

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        """Refuse to be reachable from outside this machine without TLS and real sign-in."""
        if not is_loopback(self.gateway_host) and not (
            self.tls_certificate_file and self.sign_in == "oidc"
        ):
            raise ValueError(
                f"{PREFIX}GATEWAY_HOST={self.gateway_host} is reachable from other machines; that "
                f"needs {PREFIX}TLS_CERTIFICATE_FILE, {PREFIX}TLS_KEY_FILE and "
                f"{PREFIX}SIGN_IN=oidc, since demo sign-in asks for no password"
            )
        if not is_loopback(self.operations_host) and self.sign_in != "oidc":
            raise ValueError(
                f"{PREFIX}OPERATIONS_HOST={self.operations_host} is reachable from other machines; "
                f"that needs {PREFIX}SIGN_IN=oidc"
            )
        for service in SERVICES:
            address = self.listen(service)
            host = address.rpartition(":")[0].strip("[]")
            if (
                not address.startswith("unix:")
                and not is_loopback(host)
                and (not self.grpc_certificate_file)
            ):
                raise ValueError(
                    f"{PREFIX}{service.upper()}_LISTEN={address} is reachable from other machines; "
                    f"that needs {PREFIX}GRPC_CERTIFICATE_FILE, {PREFIX}GRPC_KEY_FILE and "
                    f"{PREFIX}GRPC_CA_FILE"
                )
        return self

    def _refuse_half(self, names: tuple[str, ...]) -> None:
        given = [name for name in names if getattr(self, name)]
        if given and len(given) < len(names):
            every = ", ".join(f"{PREFIX}{name.upper()}" for name in names)
            raise ValueError(f"{every} go together: set all of them or none")

    @property
    def keys_dir(self) -> Path:
        """Signing keys and other secrets made at first start; mode 0700."""
        return self.data_dir / "keys"

    @property
    def tokens_dir(self) -> Path:
        """The keys of internal tokens."""
        return self.token_keys_dir or self.keys_dir / "tokens"

    @property
    def checkpoints_dir(self) -> Path:
        """Where the signed ends of the audit chains are written, outside the databases."""
        return self.audit_dir or self.data_dir / "audit"

    @property
    def runtime_dir(self) -> Path:
        """Where unix sockets are; mode 0700.

        Under `data_dir`, or under the machine's temporary folder when that path would be longer
        than a socket's address may be (108 bytes on Linux, 104 on macOS).
        """
        preferred = self.data_dir / "run"
        longest = preferred / f"{max(SERVICES, key=len)}.sock"
        if len(os.fsencode(longest)) < _SOCKET_PATH_MAX:
            return preferred
        short = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"localresponse-{os.getuid()}-{short}"

    def database_url(self, service: str) -> str:
        """Return the SQLAlchemy URL of a service's own database; SQLite when none is set."""
        secret: SecretStr | None = getattr(self, f"{service}_database_url", None)
        if secret is not None:
            return secret.get_secret_value()
        return f"sqlite:///{self.data_dir / service}.sqlite3"

    def migrates(self, service: str) -> bool:
        """Return whether the process brings a service's database up to date when it starts."""
        if self.migrate_at_start is not None:
            return self.migrate_at_start
        return self.database_url(service).startswith("sqlite")

    def listen(self, service: str) -> str:
        """Return the address that a service's gRPC server binds."""
        address: str | None = getattr(self, f"{service}_listen", None)
        return address or f"unix:{self.runtime_dir / service}.sock"

    def target(self, service: str) -> str:
        """Return the address at which others call a service."""
        address: str | None = getattr(self, f"{service}_target", None)
        return address or self.listen(service)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`; an unknown name counts as reachable."""
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
