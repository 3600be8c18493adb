"""Bring every ciphertext and every contact's hash under the newest key, a batch per transaction."""

from sqlalchemy import LargeBinary, select, type_coerce, update

from store.database import Base, changed, reading, transaction
from store.encryption import EncryptedBytes, EncryptedText, keyring

BATCH = 200


def rotate() -> int:
    """Re-encrypt what is under an older key. Returns how many values were written anew. May be repeated at any time."""
    count = 0
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText | EncryptedBytes):
                count += _rotate_column(table, column)
    return count


def _rotate_column(table, column) -> int:  # type: ignore[no-untyped-def]
    identifier, count, last = table.c.id, 0, 0
    while True:
        sealed = type_coerce(column, LargeBinary).label("sealed")
        with reading() as session:
            rows = session.execute(
                select(identifier, sealed)
                .where(identifier > last, column.is_not(None))
                .order_by(identifier)
                .limit(BATCH)
            ).all()
        if not rows:
            return count
        last = rows[-1][0]
        with transaction() as session:
            for row_id, old in rows:
                if keyring().is_current(bytes(old)):
                    continue
                plain = column.type.process_result_value(bytes(old), None)
                # only if nobody changed it in between
                count += changed(
                    session,
                    update(table)
                    .where(identifier == row_id, type_coerce(column, LargeBinary) == old)
                    .values({column.key: plain}),
                )
