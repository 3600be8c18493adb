"""Very many messages of one contact: each waits a little, none is lost, the person is told once. Counted in Redis."""

import time
from typing import cast

from runtime.deployment import deployment
from runtime.redis import RedisError, redis

TOLD_FOR = 3600
"""Seconds for which a person who was told is not told again."""

# KEYS: the contact's messages by time; whether this message has waited; whether the contact was told.
# ARGV: message id, present, start of the span, its seconds, most messages, seconds for which one is not told again
_COUNT = """
redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
if redis.call('ZCARD', KEYS[1]) <= tonumber(ARGV[5]) then return {0, 0} end
if not redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[4]) then return {0, 0} end
return {1, redis.call('SET', KEYS[3], 1, 'NX', 'EX', ARGV[6]) and 1 or 0}
"""


def waits(contact_id: int, message_id: int) -> tuple[bool, bool]:
    """Whether this message must wait (once), and whether the person is to be told. Without Redis nothing waits."""
    limits = deployment().promises.flood
    span = max(1, int(limits.within.total_seconds()))
    present = time.time()
    keys = (f"flood:{{{contact_id}}}", f"waited:{{{contact_id}}}:{message_id}", f"slowed:{{{contact_id}}}")
    values = (message_id, present, present - span, span, limits.messages, TOLD_FOR)
    try:
        slow, tell = cast("list[int]", redis().eval(_COUNT, 3, *keys, *(str(value) for value in values)))
    except RedisError:
        return False, False
    return bool(slow), bool(tell)
