"""How often one caller may ask: a token bucket each, in this process's memory.

Several gateways behind one balancer each keep their own buckets, so the true limit is the sum.
Header fields: RateLimit draft 10 (draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_BUCKETS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Policy:
    """`quota` requests in any `window_s` seconds; a burst may take the whole quota at once."""

    quota: int = 30_000
    window_s: int = 60


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left for one caller: whole requests, and seconds until the bucket is full."""

    policy: Policy
    remaining: int
    reset_s: int
    allowed: bool

    def headers(self) -> dict[str, str]:
        """Return the RateLimit fields, and Retry-After when refused."""
        fields = {
            "RateLimit-Policy": f'"default";q={self.policy.quota};w={self.policy.window_s}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset_s}',
        }
        if not self.allowed:
            fields["Retry-After"] = str(self.reset_s)
        return fields


class Limits:
    """The buckets of all callers; the ten thousand seen last are kept.

    Args:
        policy: The same for everybody.
        monotonic: Seconds that never go back, such as `time.monotonic`.
    """

    def __init__(self, policy: Policy, monotonic: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> Quota:
        """Take one request from a caller's bucket, if there is one."""
        policy, now = self._policy, self._monotonic()
        rate = policy.quota / policy.window_s
        level, since = self._buckets.pop(caller, (float(policy.quota), now))
        level = min(policy.quota, level + (now - since) * rate)
        allowed = level >= 1
        if allowed:
            level -= 1
        self._buckets[caller] = (level, now)
        if len(self._buckets) > _BUCKETS_MAX:
            self._buckets.popitem(last=False)
        missing = policy.quota - level if allowed else 1 - level
        return Quota(policy, int(level), max(1, math.ceil(missing / rate)), allowed)
