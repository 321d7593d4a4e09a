"""Conferences, their channels and sessions, as pages. It never speaks in a live room.

The schedule: a session row is the organiser's draft; what visitors see are the slots of the newest release.

    schedule_rules.py  warnings, the difference between two versions, a shift: pure
    releases.py        versions are made here and nowhere else, each in one transaction
    schedule_desk.py   the draft and its release; now_desk.py: on air by hand, shifts; import_desk.py: from a file
    schedule.py        for visitors, with stars.py; grid_rules.py draws it as a table
    calendars.py       files and feeds for other programs; ical.py writes them
"""
