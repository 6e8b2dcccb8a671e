"""The shape of a “no”.

A policy answers with None (yes) or with a `Refusal`: the rule, the sentence, the instant since when, the
article of the règlement and what the family can do instead. Doors render it; nothing here knows about HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Rule(StrEnum):
    """Which rule says no. The value is a stable code: it goes into JSON, audit lines and CSS classes."""

    DEADLINE_PASSED = "deadline_passed"
    NOT_YET_OPEN = "not_yet_open"
    NEVER_ONLINE = "never_online"
    DAY_PAST = "day_past"
    FULL = "full"
    CLOSED_DAY = "closed_day"
    PUBLIC_HOLIDAY = "public_holiday"
    SCHOOL_HOLIDAY = "school_holiday"
    TERM_TIME = "term_time"
    NOT_OFFERED = "not_offered"
    BEFORE_OPENING = "before_opening"
    AFTER_END = "after_end"
    NOT_ENROLLED = "not_enrolled"
    OUTSIDE_ENROLMENT = "outside_enrolment"
    ALREADY_ENROLLED = "already_enrolled"
    ENROLMENT_CLOSED = "enrolment_closed"
    NO_RIGHT = "no_right"
    ALREADY_BOOKED = "already_booked"
    NOT_BOOKED = "not_booked"
    AGE = "age"
    LEVEL = "level"
    SCHOOL = "school"
    EXCLUSIVE = "exclusive"
    DEPENDENT = "dependent"
    SOLIDARY = "solidary"
    OVERLAPPING = "overlapping"
    DAY_LIMIT = "day_limit"
    WEEK_LIMIT = "week_limit"
    PERIOD_LIMIT = "period_limit"
    MINIMUM = "minimum"
    NO_PRICE = "no_price"
    READ_ONLY_ACTIVITY = "read_only_activity"
    DRAFT_EXPIRED = "draft_expired"
    CHANGED_MEANWHILE = "changed_meanwhile"
    STOP = "stop"
    LATE_PRICE = "late_price"
    INCOMPLETE_FILE = "incomplete_file"
    UNKNOWN = "unknown"


class WayOutKind(StrEnum):
    """What the family can do instead. A door maps it to a link or a button."""

    CONTACT_SERVICE = "contact_service"
    LATE_REQUEST = "late_request"
    DECLARE_ABSENCE = "declare_absence"
    WAITING_LIST = "waiting_list"
    ENROL = "enrol"
    CHOOSE_OTHER_DAY = "choose_other_day"
    COME_BACK_LATER = "come_back_later"
    COMPLETE_FILE = "complete_file"
    START_AGAIN = "start_again"


@dataclass(frozen=True, slots=True)
class WayOut:
    """One thing to do instead.

    `label` is the text of the link or button, in French, with its object (“Déclarer une absence”).
    `url_name` and `params` are a name and its arguments that only a door resolves; an empty name means that
    the door chooses by `kind`.
    """

    kind: WayOutKind
    label: str
    url_name: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A “no” with its reasons.

    `sentence` is complete French, typography included, ready to show.
    `since` is the instant from which the answer is no (closing instant), or None when it never was yes; for
    `Rule.NOT_YET_OPEN` it is the instant from which the answer will be yes.
    `article` names the règlement (“règlement intérieur, article 5”), or is empty.
    """

    rule: Rule
    sentence: str
    since: datetime | None = None
    article: str = ""
    way_out: WayOut | None = None

    def __post_init__(self) -> None:
        if not self.sentence:
            raise ValueError("a refusal always says why")
        if self.since is not None and self.since.tzinfo is None:
            raise ValueError("an aware instant is expected")

    def __str__(self) -> str:
        return self.sentence
