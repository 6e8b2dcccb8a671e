"""Two addresses for a load balancer: `live` touches nothing, `ready` asks the database and the cache."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"état": "vivant"})


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL and Redis answer, 503 otherwise, naming the one that does not."""
    parts = {"base de données": _database(), "cache": _cache()}
    working = all(parts.values())
    answer = {name: "prêt" if ok else "en panne" for name, ok in parts.items()}
    return JsonResponse(answer, status=200 if working else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("the database does not answer")
        return False
    return True


def _cache() -> bool:
    try:
        cache.get("sante")
    except (RedisError, OSError):
        logger.exception("the cache does not answer")
        return False
    return True
