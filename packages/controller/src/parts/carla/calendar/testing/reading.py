"""Reads the days of calendars: properties by Debian's python3-icalendar, rules by its python3-dateutil."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar

FIRST, LAST = date(2025, 6, 1), date(2028, 6, 1)
FLAGS = ["X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY"]


def plain(day):
    return day.strftime("%Y%m%d")


def day_of(value, zone):
    """The day that is written; of a moment in UTC the one that begins nearest in the calendar's zone."""
    if isinstance(value, tuple):
        value = value[0]
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is not None and str(value.tzinfo) in ("UTC", "Etc/UTC"):
        return (value.astimezone(ZoneInfo(zone)) + timedelta(hours=12)).date()
    return value.date()


def days_only(rule, zone):
    """A rule of dates: without times of day, and UNTIL as a date."""
    parts = []
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            continue
        if name == "UNTIL":
            if value.endswith("Z"):
                at = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=ZoneInfo("UTC"))
                value = plain(at.astimezone(ZoneInfo(zone)).date())
            value = value[:8] + "T000000"
        parts.append(f"{name}={value}")
    return ";".join(parts)


def every(component, name):
    found = component.get(name)
    return found if isinstance(found, list) else [] if found is None else [found]


def listed_days(component, name, zone):
    return [day_of(one.dt, zone) for many in every(component, name) for one in many.dts]


def is_all_day(component):
    return not isinstance(component["DTSTART"].dt, datetime) or any(str(component.get(flag, "")).upper() in ("TRUE", "1") for flag in FLAGS)


def counts(component):
    return is_all_day(component) and str(component.get("STATUS", "")) != "CANCELLED"


def length_of(component, zone):
    start = day_of(component["DTSTART"].dt, zone)
    if "DTEND" in component:
        return max(1, (day_of(component["DTEND"].dt, zone) - start).days)
    return max(1, component["DURATION"].dt.days) if "DURATION" in component else 1


def begins_on(component, zone):
    start = day_of(component["DTSTART"].dt, zone)
    noon = datetime(start.year, start.month, start.day)
    found = rruleset()
    rules = [rule.to_ical().decode() for rule in every(component, "RRULE")]
    for rule in rules:
        found.rrule(rrulestr(days_only(rule, zone), dtstart=noon))
    for rule in every(component, "EXRULE"):
        text = rule.to_ical().decode() if hasattr(rule, "to_ical") else str(rule)
        found.exrule(rrulestr(days_only(text.replace("\\,", ",").replace("\\;", ";"), zone), dtstart=noon))
    if not rules:
        found.rdate(noon)
    for day in listed_days(component, "RDATE", zone):
        found.rdate(datetime(day.year, day.month, day.day))
    for day in listed_days(component, "EXDATE", zone):
        found.exdate(datetime(day.year, day.month, day.day))
    return [at.date() for at in found.between(datetime(2023, 1, 1), datetime(2030, 1, 1), inc=True)]


def days_of(text, zone):
    """python3-icalendar leaves out what it cannot read, such as BYDAY=20MO, and says so in `errors`."""
    components = [one for calendar in Calendar.from_ical(text.lstrip("\ufeff"), multiple=True) for one in calendar.walk("VEVENT")]
    assert not any(one.errors for one in components), [one.errors for one in components]
    days = set()
    changes = [one for one in components if "RECURRENCE-ID" in one]

    def add(begins, length):
        days.update(begins + timedelta(days=n) for n in range(length))

    def replaced(component):
        return day_of(component["RECURRENCE-ID"].dt, zone)

    for component in components:
        if "RECURRENCE-ID" in component or not counts(component):
            continue
        own = [one for one in changes if one["UID"] == component["UID"]]
        ranges = sorted((one for one in own if one["RECURRENCE-ID"].params.get("RANGE") == "THISANDFUTURE"), key=replaced)
        for day in begins_on(component, zone):
            if any(replaced(one) == day for one in own):
                continue
            before = [one for one in ranges if replaced(one) < day]
            if not before:
                add(day, length_of(component, zone))
            elif counts(before[-1]):
                add(day + (day_of(before[-1]["DTSTART"].dt, zone) - replaced(before[-1])), length_of(before[-1], zone))
    for one in changes:
        if counts(one):
            add(day_of(one["DTSTART"].dt, zone), length_of(one, zone))
    return sorted(day.isoformat() for day in days if FIRST <= day <= LAST)
