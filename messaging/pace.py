"""One sender has a rate: a reservation in Redis says how long to wait. Without Redis there is no wait."""

from typing import cast

from runtime.deployment import deployment
from runtime.redis import RedisError, redis

# KEYS[1]: when this sender is free again, in microseconds. ARGV: cost of this message in microseconds.
_RESERVE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free < now then free = now end
redis.call('SET', KEYS[1], string.format('%.0f', free + ARGV[1]), 'PX', math.ceil((free + ARGV[1] - now) / 1000) + 1000)
return string.format('%.0f', free - now)
"""


def wait(provider: str, channel: str, segments: int) -> float:
    """Seconds to wait before this message may leave its sender."""
    if provider == "simulator":
        return 0.0
    rate = deployment().rates.whatsapp if channel == "whatsapp" else deployment().rates.sms
    cost = int(1_000_000 * max(segments, 1) / rate)
    try:
        # one pace per channel: the sender's number stays out of Redis
        waited = cast(bytes, redis().eval(_RESERVE, 1, f"pace:{provider}:{channel}", str(cost)))
        return float(waited) / 1_000_000
    except RedisError:
        return 0.0
