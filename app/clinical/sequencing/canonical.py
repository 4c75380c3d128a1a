"""One way of writing a rule down, so that its hash says whether it is the same rule."""

import hashlib
import json

from pydantic import BaseModel


def canonical_json(value: BaseModel) -> str:
    """The one way a value is written: sorted keys, no spaces, every field given (as RFC 8785 asks)."""
    return json.dumps(value.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def rule_hash(rule: BaseModel) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal; for one rule or a whole pathway."""
    return hashlib.sha256(canonical_json(rule).encode()).hexdigest()
