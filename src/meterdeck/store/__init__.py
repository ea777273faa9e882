"""The local database: what was read, when, and who may read next. The only package that knows sqlite3."""

from meterdeck.store.database import Store, Transaction
from meterdeck.store.errors import StoreError

__all__ = ["Store", "StoreError", "Transaction"]
