"""Calendars made by rule, with their days as another reader of iCalendar finds them.

    calendars.py FIRST_SEED COUNT   prints [{"seed", "zone", "text", "days"}, ...] as JSON

A calendar follows from its seed. calendars.json keeps those of `calendars.py 0 120`, formatted by `pnpm format`.
"""

import json
import sys

from reading import days_of
from writing import calendar


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    made = []
    for seed in range(first, first + count):
        zone, text = calendar(seed)
        made.append({"seed": seed, "zone": zone, "text": text, "days": days_of(text, zone)})
    print(json.dumps(made, ensure_ascii=True))


if __name__ == "__main__":
    main()
