"""What one sender may carry, and what one contact should hear: kept in Redis, and forgotten with it."""

from dataclasses import dataclass
from typing import cast

from runtime.deployment import deployment
from runtime.redis import RedisError, redis

LOOP_COUNT, LOOP_SECONDS = 20, 300
"""More than so many identical messages to one contact in so many seconds is a loop with another machine."""

# KEYS: when this channel is free again, in microseconds; how often these words went to this contact.
# ARGV: cost of this message in microseconds; seconds that repetitions are counted.
_RESERVE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free < now then free = now end
redis.call('SET', KEYS[1], string.format('%.0f', free + ARGV[1]), 'PX', math.ceil((free + ARGV[1] - now) / 1000) + 1000)
local times = redis.call('INCR', KEYS[2])
if times == 1 then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return {string.format('%.0f', free - now), times}
"""


@dataclass(frozen=True)
class Leave:
    """Seconds to wait before the message may go, and whether it is part of a loop."""

    seconds: float = 0.0
    loops: bool = False


def ask(channel: str, segments: int, contact_id: int, body_hash: str | None) -> Leave:
    """Reserve a place on the channel. Without Redis there is neither wait nor loop."""
    rate = deployment().rates.whatsapp if channel == "whatsapp" else deployment().rates.sms
    cost = int(1_000_000 * max(segments, 1) / rate)
    # one pace per channel, and keyed hashes: no number and no word stands in Redis
    keys = (f"pace:{channel}", f"said:{contact_id}:{(body_hash or '')[:16]}")
    try:
        waited, times = cast("list[bytes | int]", redis().eval(_RESERVE, 2, *keys, str(cost), str(LOOP_SECONDS)))
    except RedisError:
        return Leave()
    return Leave(float(waited) / 1_000_000, int(times) > LOOP_COUNT)
