"""A grid that an agent publishes from a date: proved, confirmed where it is strange, never under what has served.

The grid itself is a value of `tariffs.engine`; here it meets the versions of its tariff and what is booked at them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.enums import AccountOrigin
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.models import BasketLine, Booking
from portal.domain.families.scope import is_limited
from portal.domain.kernel.french import long_date, plural, typography
from portal.domain.tariffs.engine import Grid
from portal.domain.tariffs.engine.data import flat_data, grid_from_data, grid_to_data
from portal.domain.tariffs.engine.methods import Flat
from portal.domain.tariffs.engine.proof import Finding, examine
from portal.domain.tariffs.models import Tariff, TariffVersion

ADD, CHANGE, READ = "tariffs.add_tariffversion", "tariffs.change_tariffversion", "tariffs.view_tariffversion"


class GridRefused(ValueError):
    """Nothing was written: why, in French, and the field that it is about (empty: the grid)."""

    def __init__(self, *reasons: str, field: str = "") -> None:
        self.reasons, self.field = tuple(typography(reason) for reason in reasons), field
        super().__init__(" ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class WantedGrid:
    """What an agent wants to publish: the data of a grid, from which day, by which vote."""

    data: dict[str, Any]
    valid_from: date
    deliberation: str = ""
    deliberation_url: str = ""

    def grid(self) -> Grid:
        """Raises InvalidGrid for data that are no grid."""
        return grid_from_data(
            self.data,
            valid_from=self.valid_from,
            deliberation=self.deliberation,
            deliberation_url=self.deliberation_url,
        )


def count_uses(version: TariffVersion) -> int:
    """How many bookings and lines of drafts were priced by it: from the first one on, it does not change."""
    return (
        Booking.objects.filter(tariff_version=version).count()
        + BasketLine.objects.filter(tariff_version=version).count()
    )


def judge(wanted: WantedGrid) -> tuple[Finding, ...]:
    """What is wrong and what is strange, in reading order. Raises InvalidGrid."""
    return examine(wanted.grid())


@transaction.atomic
def publish_grid(
    *,
    tariff: Tariff,
    wanted: WantedGrid,
    confirmed: bool,
    by: User,
    at: datetime,
    version: TariffVersion | None = None,
) -> TariffVersion:
    """Write a version, or replace one (`version`) at which nobody booked; `confirmed`: what is strange is wanted.

    Families see it on the days from `valid_from` on; what is booked keeps its price. Raises PermissionDenied,
    InvalidGrid, GridRefused (a fault, a doubt not confirmed, a version that served, two versions on one day).
    """
    require(by, ADD if version is None else CHANGE)
    grid = wanted.grid()
    found = examine(grid)
    if reasons := [str(each) for each in found if each.fault or not confirmed]:
        raise GridRefused(*reasons)
    # One writer of versions per tariff: the day is still free, the version still unused when it is written.
    Tariff.objects.select_for_update(of=("self",), no_key=True).get(pk=tariff.pk)
    same_day = TariffVersion.objects.filter(tariff=tariff, valid_from=wanted.valid_from)
    if version is not None:
        same_day = same_day.exclude(pk=version.pk)
    if same_day.exists():
        raise GridRefused(
            f"Le tarif « {tariff.name} » a déjà une version à partir du {long_date(wanted.valid_from)} : "
            "modifiez-la, ou choisissez une autre date.",
            field="valid_from",
        )
    price = _flat_price(grid)
    values = {
        "valid_from": wanted.valid_from,
        "unit_price": price,
        "grid": None if price is not None else grid_to_data(grid),
        "deliberation": wanted.deliberation,
        "deliberation_url": wanted.deliberation_url,
    }
    if version is None:
        made = TariffVersion.objects.create(tariff=tariff, **values)
        record(verb="publish_grid", target=made, by=by, at=at, after=_told(made))
        return made
    # Alone, a booking that is being written included: its foreign key waits for this lock, and this one for it.
    locked = TariffVersion.objects.select_for_update(of=("self",)).get(pk=version.pk, tariff=tariff)
    if used := count_uses(locked):
        raise GridRefused(why_used(used))
    before = _told(locked)
    for name, value in values.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(values))
    if (after := _told(locked)) != before:
        record(verb="change_grid", target=locked, by=by, at=at, before=before, after=after)
    return locked


def why_used(used: int) -> str:
    """Why a version that served does not change, and what to do instead."""
    return typography(f"Cette version a servi à {plural(used, 'réservation')} : publiez une nouvelle version.")


def require(by: User, permission: str) -> None:
    """Raise PermissionDenied unless this agent writes the tariffs of the whole town, or the portal's own account does
    (whoever runs the server).
    """
    if by.origin == AccountOrigin.SYSTEM:
        return
    if not by.has_perm(permission) or is_limited(by):
        raise PermissionDenied


def data_of(version: TariffVersion) -> dict[str, Any]:
    """The data of the grid of a version, whether it keeps one or a price for everybody."""
    data: dict[str, Any] = flat_data(version.unit_price) if version.unit_price is not None else version.grid or {}
    return data


def _flat_price(grid: Grid) -> Decimal | None:
    """The price of a grid that says nothing else, which is kept as a plain price."""
    method = grid.parts[0].method if grid.parts else None
    if not isinstance(method, Flat) or grid_to_data(grid) != flat_data(method.price):
        return None
    return method.price if method.price == method.price.quantize(Decimal("0.01")) else None


def _told(version: TariffVersion) -> dict[str, Any]:
    """A version as the journal keeps it."""
    return {
        "tariff": version.tariff.name,
        "valid_from": version.valid_from.isoformat(),
        "deliberation": version.deliberation,
        "deliberation_url": version.deliberation_url,
        "grid": data_of(version),
    }
