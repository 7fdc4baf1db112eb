"""Writes calendars as people's tools write them."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from reading import days_only, plain

ZONES = ["Europe/Bucharest", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC", "America/Sao_Paulo"]
OUTLOOK = {"Europe/Bucharest": "GTB Standard Time", "Europe/London": "GMT Standard Time", "America/New_York": "Eastern Standard Time",
           "Asia/Kolkata": "India Standard Time", "Pacific/Auckland": "New Zealand Standard Time", "UTC": "UTC",
           "America/Sao_Paulo": "E. South America Standard Time"}
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FLAG = "X-MICROSOFT-CDO-ALLDAYEVENT"


class Dates:
    """VALUE=DATE, as Google, Apple and most governments write days."""

    def __init__(self, draw, zone):
        self.bare = draw.random() < 0.2  # some leave VALUE=DATE out
        self.flags = []

    def parameters(self):
        return "" if self.bare else ";VALUE=DATE"

    def value(self, day):
        return plain(day)

    def until(self, day, draw, zone):
        if draw.random() < 0.6:
            return plain(day)
        end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ZoneInfo(zone))
        return end.astimezone(ZoneInfo("UTC")).strftime("%Y%m%dT%H%M%SZ")


class Midnights(Dates):
    """Outlook's: midnights of no zone, of a zone by its name for it, or in UTC, and a flag beside."""

    def __init__(self, draw, zone):
        self.zone = zone
        self.kind = draw.choice(["floating", "zone", "olson", "utc"])
        self.flags = [draw.choice([f"{FLAG}:TRUE", f"{FLAG}:TRUE", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT:TRUE", "X-FUNAMBOL-ALLDAY:1", f"{FLAG.lower()}:true"])]

    def parameters(self):
        return {"zone": f";TZID={OUTLOOK[self.zone]}", "olson": f';TZID="{self.zone}"'}.get(self.kind, "")

    def value(self, day):
        midnight = datetime(day.year, day.month, day.day)
        if self.kind == "utc":
            return midnight.replace(tzinfo=ZoneInfo(self.zone)).astimezone(ZoneInfo("UTC")).strftime("%Y%m%dT%H%M%SZ")
        return midnight.strftime("%Y%m%dT%H%M%S")


def any_day(draw, first=date(2025, 1, 1), last=date(2028, 9, 1)):
    return first + timedelta(days=draw.randrange((last - first).days))


def ordinal(draw, most):
    return draw.choice([n for n in range(-most, most + 1) if n != 0])


def rule_and_start(draw, style, zone):
    """A rule, and a day from which it begins, which is one of its days."""
    start = any_day(draw, date(draw.choice([1990, 2015, 2024, 2025]), 1, 1), date(2027, 6, 1))
    weekday = WEEKDAYS[start.weekday()]
    nth = (start.day - 1) // 7 + 1
    last_of_month = (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    from_end = -((last_of_month.day - start.day) // 7 + 1)
    day_of_year = start.timetuple().tm_yday
    wkst = draw.choice(["", "", ";WKST=SU", ";WKST=MO"])
    body = draw.choice([
        "FREQ=YEARLY",
        "FREQ=YEARLY",
        f"FREQ=YEARLY;BYMONTH={start.month};BYMONTHDAY={start.day}",
        f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={nth}{weekday}",
        f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={from_end}{weekday}",
        f"FREQ=YEARLY;BYMONTH={start.month},{start.month % 12 + 1};BYDAY=+{nth}{weekday}",
        f"FREQ=YEARLY;BYDAY={(day_of_year - 1) // 7 + 1}{weekday}" if day_of_year <= 63 else "FREQ=YEARLY",  # one digit: see days_of
        f"FREQ=YEARLY;BYYEARDAY={day_of_year},{ordinal(draw, 366)}",
        f"FREQ=YEARLY;BYWEEKNO={start.isocalendar()[1]},{draw.choice([-3, -2, -1, 1, 20, 53])};BYDAY={weekday};WKST=MO",
        f"FREQ=YEARLY;BYMONTH={start.month};BYDAY=MO,TU,WE,TH,FR;BYSETPOS={ordinal(draw, 5)}",
        f"FREQ=YEARLY;BYMONTHDAY={start.day},{ordinal(draw, 31)};BYDAY={weekday}",
        f"FREQ=YEARLY;INTERVAL={draw.randint(2, 4)}",
        "FREQ=MONTHLY",
        f"FREQ=MONTHLY;BYMONTHDAY={start.day},{ordinal(draw, 31)}",
        f"FREQ=MONTHLY;BYDAY={nth}{weekday}",
        f"FREQ=MONTHLY;BYDAY={from_end}{weekday};INTERVAL={draw.randint(1, 5)}",
        f"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={ordinal(draw, 3)}",
        f"FREQ=MONTHLY;BYDAY={weekday};BYMONTHDAY={','.join(str(n) for n in range(7, 14))}",
        "FREQ=WEEKLY",
        f"FREQ=WEEKLY;INTERVAL={draw.randint(2, 6)};BYDAY={weekday},{draw.choice(WEEKDAYS)}{wkst}",
        f"FREQ=WEEKLY;BYDAY={weekday};BYMONTH={start.month},{start.month % 12 + 1}",
        f"FREQ=DAILY;INTERVAL={draw.randint(2, 90)}",
        f"FREQ=DAILY;BYMONTH={start.month};BYMONTHDAY={start.day},{start.day % 28 + 1}",
        "FREQ=YEARLY;BYHOUR=0;BYMINUTE=0;BYSECOND=0",
    ])
    end = draw.random()
    if end < 0.3:
        body += f";COUNT={draw.randint(1, 60)}"
    elif end < 0.6:
        body += f";UNTIL={style.until(any_day(draw, date(2025, 6, 1), date(2028, 9, 1)), draw, zone)}"
    return body, start


def event(uid, style, start, length, draw, *more):
    lines = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20250101T000000Z", f"SUMMARY:{draw.choice(NAMES)}"]
    lines.append(f"DTSTART{style.parameters()}:{style.value(start)}")
    form = draw.random()
    if length > 1 or form < 0.6:
        if form < 0.85:
            lines.append(f"DTEND{style.parameters()}:{style.value(start + timedelta(days=length))}")
        else:
            lines.append(f"DURATION:P{length}D")
    lines += [*style.flags, *more, draw.choice(["TRANSP:TRANSPARENT", "CLASS:PUBLIC", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "SEQUENCE:0"])]
    if draw.random() < 0.3:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:Reminder", "END:VALARM"]
    return lines + ["END:VEVENT"]


NAMES = ["Crăciun", "Sfântul Andrei", "Bank holiday", "Boxing Day (substitute day)", "Winter freeze; all clinics\\, all wards",
         "日本の祝日 with a long name that does not fit in one line of seventy-five octets and is folded", 'Audit: "yearly"']


def events(draw, zone, number):
    style = draw.choice([Dates, Dates, Midnights])(draw, zone)
    uid = f"{number}@example.org"
    length = draw.choice([1, 1, 1, 2, 3, 8])
    kind = draw.choice(["single", "listed", "rule", "rule", "rule", "moved", "ranged", "orphan", "cancelled", "timed"])
    if kind == "single":
        return event(uid, style, any_day(draw), length, draw)
    if kind == "cancelled":
        return event(uid, style, any_day(draw), length, draw, "STATUS:CANCELLED")
    if kind == "timed":
        at = any_day(draw)
        return ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{plain(at)}T100000Z", f"DTEND:{plain(at)}T110000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "END:VEVENT"]
    if kind == "orphan":
        return event(uid, style, any_day(draw), length, draw, f"RECURRENCE-ID{style.parameters()}:{style.value(any_day(draw))}")
    if kind == "listed":
        start = any_day(draw)
        others = sorted({any_day(draw) for _ in range(draw.randint(1, 4))})
        return event(uid, style, start, length, draw, *listed(draw, style, "RDATE", others), *some_without(draw, style, [start, *others]))
    body, start = rule_and_start(draw, style, zone)
    days = [at.date() for at in rrulestr(days_only(body, zone), dtstart=datetime(start.year, start.month, start.day)).between(
        datetime(2025, 6, 1), datetime(2028, 6, 1), inc=True)][:40] or [start]
    more = [f"RRULE:{body}"]
    if draw.random() < 0.3:
        more += listed(draw, style, "RDATE", sorted({any_day(draw) for _ in range(2)}))
    if draw.random() < 0.5:
        more += some_without(draw, style, days)
    if draw.random() < 0.1:
        more += ["EXRULE:FREQ=YEARLY;BYMONTH=1,2"]
    lines = event(uid, style, start, length, draw, *more)
    if kind in ("moved", "ranged"):
        for at in draw.sample(days, min(len(days), draw.randint(1, 2))):
            form = draw.choice(["moved", "moved", "cancelled", "timed"])
            to = at + timedelta(days=draw.randint(-9, 9))
            replaced = f"RECURRENCE-ID{';RANGE=THISANDFUTURE' if kind == 'ranged' else ''}{style.parameters()}:{style.value(at)}"
            if form == "timed":
                lines += ["BEGIN:VEVENT", f"UID:{uid}", replaced, f"DTSTART:{plain(to)}T100000Z", "END:VEVENT"]
            else:
                lines += event(uid, style, to, draw.randint(1, 3), draw, replaced, *(["STATUS:CANCELLED"] if form == "cancelled" else []))
    return lines


def listed(draw, style, name, days):
    if name == "RDATE" and draw.random() < 0.15 and isinstance(style, Midnights) and style.kind == "utc":
        return [f"{name};VALUE=PERIOD:" + ",".join(f"{style.value(day)}/P1D" for day in days)]
    if draw.random() < 0.5:
        return [f"{name}{style.parameters()}:" + ",".join(style.value(day) for day in days)]
    return [f"{name}{style.parameters()}:{style.value(day)}" for day in days]


def some_without(draw, style, days):
    return listed(draw, style, "EXDATE", sorted(draw.sample(days, min(len(days), draw.randint(1, 3)))))


def folded(line, draw, break_):
    """At 75 octets, or wherever it pleases the writer; with a space or a tab."""
    most = draw.choice([75, 75, 75, 20, 5])
    parts, octets = [""], 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > most:
            parts.append("")
            octets = 1
        parts[-1] += letter
        octets += size
    return (break_ + draw.choice([" ", " ", "\t"])).join(parts)


def calendar(seed):
    draw = random.Random(seed)
    zone = draw.choice(ZONES)
    break_ = draw.choice(["\r\n", "\r\n", "\n"])
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", draw.choice(["METHOD:PUBLISH", "CALSCALE:GREGORIAN", f"X-WR-TIMEZONE:{zone}"])]
    if draw.random() < 0.3:
        lines += ["BEGIN:VTIMEZONE", f"TZID:{OUTLOOK[zone]}", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0300",
                  "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE"]
    for number in range(draw.randint(1, 5)):
        lines += events(draw, zone, number)
    lines.append("END:VCALENDAR")
    text = break_.join(folded(line, draw, break_) for line in lines)
    return zone, draw.choice(["", "", "\ufeff"]) + text + draw.choice([break_, break_, "", break_ * 3])
