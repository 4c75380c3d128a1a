"""Settings: what an operator may decide, read once from the environment by the entry points."""

import base64
import os
import secrets
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting with its default; the README lists them all."""

    model_config = SettingsConfigDict(env_prefix="BRAID_", env_file=".env", frozen=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    database_url: str | None = Field(None, validation_alias="DATABASE_URL")
    owner_database_url: str | None = Field(None, validation_alias="OWNER_DATABASE_URL")
    data_dir: Path = Path("data")
    content_dir: Path = Path("modules_content")
    secret_key: SecretStr = SecretStr("")
    secret_key_file: Path | None = None
    # By itself the one that this machine has with the port below.
    public_origin: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    demo: bool = True
    mail: Literal["mailbox", "smtp", "notify"] = "mailbox"
    mail_from: str = "no-reply@braid.invalid"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(25, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: bool = False
    notify_key: SecretStr = SecretStr("")
    notify_url: str = "https://api.notifications.service.gov.uk"
    notify_email_template: str = ""
    notify_sms_template: str = ""
    push_key: SecretStr = SecretStr("")
    push_key_file: Path | None = None
    push_contact: str = "mailto:no-reply@braid.invalid"
    push_hosts: str = "fcm.googleapis.com push.services.mozilla.com push.apple.com notify.windows.com"
    pool_size: int = Field(10, ge=1, le=100)
    scheduler_in_web: bool = True
    offline: bool = True
    leave_url: str = "https://www.bbc.co.uk/weather"

    @model_validator(mode="before")
    @classmethod
    def be_reached_at_the_port(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {"public_origin": f"http://127.0.0.1:{given.get('port', 8000)}"} | given

    @model_validator(mode="after")
    def refuse_what_production_must_not_have(self) -> Self:
        if self.environment != "production":
            return self
        if not self.database_url:
            raise ValueError("DATABASE_URL must name a PostgreSQL server in production")
        if not (self.secret_key.get_secret_value() or self.secret_key_file):
            raise ValueError("BRAID_SECRET_KEY or BRAID_SECRET_KEY_FILE must be set in production")
        if self.mail == "mailbox":
            raise ValueError("BRAID_MAIL must be smtp or notify in production: the mailbox page is for developers")
        if self.mail == "smtp" and self.mail_from.endswith((".invalid", ".invalid>")):
            raise ValueError("BRAID_MAIL_FROM must be an address of yours: letters come from it")
        if self.push_private_key() and self.push_contact.endswith(".invalid"):
            raise ValueError("BRAID_PUSH_CONTACT must be an address of yours: push services ask for one")
        if self.demo:
            raise ValueError("BRAID_DEMO must be false in production: the demo sign-ins are public")
        return self

    @model_validator(mode="after")
    def refuse_what_is_half_set(self) -> Self:
        if self.mail == "smtp" and not self.smtp_host:
            raise ValueError("BRAID_MAIL=smtp needs BRAID_SMTP_HOST")
        has_key = bool(self.notify_key.get_secret_value())
        if self.mail == "notify" and not (has_key and self.notify_email_template):
            raise ValueError("BRAID_MAIL=notify needs BRAID_NOTIFY_KEY and BRAID_NOTIFY_EMAIL_TEMPLATE")
        if self.notify_sms_template and not has_key:
            raise ValueError("BRAID_NOTIFY_SMS_TEMPLATE needs BRAID_NOTIFY_KEY")
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies may insist on it."""
        return self.public_origin.startswith("https://")

    def key(self) -> bytes:
        """The 32-byte key that seals free text and signs links; made once in the data folder in development."""
        text = self.secret_key.get_secret_value()
        if not text and self.secret_key_file:
            text = self.secret_key_file.read_text().strip()
        if not text:
            text = self._made_once("secret-key")
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(key) != 32:
            raise ValueError("The secret key must be 32 bytes in URL-safe base64")
        return key

    def push_private_key(self) -> str:
        """The key by which push services know us, or nothing; made once in the data folder in development."""
        text = self.push_key.get_secret_value()
        if not text and self.push_key_file:
            text = self.push_key_file.read_text().strip()
        return text or ("" if self.environment == "production" else self._made_once("push-key"))

    def _made_once(self, name: str) -> str:
        """32 random bytes in URL-safe base64, kept in the data folder."""
        path = self.data_dir / name
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        return path.read_text().strip()
