"""The cache of what everybody reads: the site works without it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: Seconds during which a server that failed is not asked again by this process.
REST = 5.0


class ForgivingRedisCache(RedisCache):
    """Redis, or nothing: a server that is down or slow gives what an empty cache gives, and is left in peace 5 s.

    For what can always be made again. Throttles and sessions use the ordinary one, which says that it failed.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._quiet_until = 0.0

    def _try(self, call: Callable[..., Any], default: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self._quiet_until:
            return default
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + REST
            logger.warning("Le cache public ne répond pas : %s", error)
            return default

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try(super().get, default, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._try(super().get_many, {}, keys, version)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self._try(super().set, None, key, value, *args, **kwargs)

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return self._try(super().set_many, list(data), data, *args, **kwargs)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try(super().add, False, key, value, *args, **kwargs))

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try(super().touch, False, key, *args, **kwargs))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._try(super().delete, False, key, version))
