"""The record: engine, transactions, encrypted columns, Alembic migrations."""

from store.database import Base, reading, transaction
from store.encryption import EncryptedText, keyring

__all__ = ["Base", "EncryptedText", "keyring", "reading", "transaction"]
