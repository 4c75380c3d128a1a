"""Settings: what an operator may decide, read once from the environment by the entry points."""

import base64
import os
import secrets
from pathlib import Path
from typing import Literal, Self

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
    public_origin: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    demo: bool = True
    mail: Literal["mailbox", "smtp"] = "mailbox"
    mail_from: str = "no-reply@braid.invalid"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(25, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: bool = False
    pool_size: int = Field(10, ge=1, le=100)
    scheduler_in_web: bool = True
    leave_url: str = "https://www.bbc.co.uk/weather"

    @model_validator(mode="after")
    def refuse_what_production_must_not_have(self) -> Self:
        if self.environment != "production":
            return self
        if not self.database_url:
            raise ValueError("DATABASE_URL must name a PostgreSQL server in production")
        if not (self.secret_key.get_secret_value() or self.secret_key_file):
            raise ValueError("BRAID_SECRET_KEY or BRAID_SECRET_KEY_FILE must be set in production")
        if self.mail == "mailbox":
            raise ValueError("BRAID_MAIL must be smtp in production: the mailbox page is for developers")
        if self.demo:
            raise ValueError("BRAID_DEMO must be false in production: the demo sign-ins are public")
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
            text = self._development_key()
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(key) != 32:
            raise ValueError("The secret key must be 32 bytes in URL-safe base64")
        return key

    def _development_key(self) -> str:
        path = self.data_dir / "secret-key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        return path.read_text().strip()
