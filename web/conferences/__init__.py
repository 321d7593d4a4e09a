"""Conferences, their channels and sessions, as pages. It never speaks in a live room.

The schedule: a session row is the organiser's draft; what visitors see are the slots of the newest release.

    schedule_rules.py  warnings, the difference between two versions, a shift: pure
    differences_rules.py  what differs between two texts, short enough to be read: pure
    releases.py        versions are made here and nowhere else, each in one transaction
    schedule_desk.py   the draft and its release; now_desk.py: on air by hand, shifts; import_desk.py: from a file
    tables.py          a file that is imported, read row by row; import_words.py knows the names of its columns,
                       import_cells_rules.py and import_places_rules.py what its cells say, import_rules.py which
                       sessions they mean and what becomes of them; import_take.py saves it, all or nothing
    schedule.py        for visitors, with stars.py; grid_rules.py draws it as a table
    calendars.py       files and feeds for other programs; ical.py writes them

The organiser's desk: forms that work without JavaScript, refuse as a whole, and are written down.

    at_desk.py         who may come in, and the frame around each page (templates/desk/base.html, fields.html)
    form_rules.py      a posted form being read, and what is wrong with it field by field: pure
    changes.py         what a form changed, before and after, in the same transaction; a form sent twice;
                       changes_rules.py has the log's words for it: pure
    merge_rules.py     a form that was open while somebody else saved: merged by field, what both changed is asked: pure
    desk.py            founding, settings, publishing; people_desk.py: who is what
    rehearsal_desk.py  what the team said before the public comes, and clearing it
    channels_desk.py   channels; streams_rules.py understands what people paste as an address
    speakers_desk.py   speakers; pictures.py keeps what they send, picture_rules.py draws it anew; monogram.py: initials
    recordings_desk.py where each session is seen afterwards; recordings_rules.py reads their one form
    lists_desk.py      lists as tables for other programs; lists_rules.py writes them
    figures_desk.py    a day as curves and sums; figures_rules.py draws them
    sessions_desk.py   sessions; zones_rules.py knows which hours clocks leave out or show twice

The landing page: blocks that organisers lay out, in the theme of the conference.

    landing_rules.py   the kinds of blocks, what each holds, how its form is read and its words are shown: pure
    landing.py         the page, for everybody; glance_rules.py: the short programme and the doors of the opening
    landing_desk.py    forms, order, theme, and the real page as a preview of what is not saved; ../markdown.py

Live: each page begins with where.py (which conference, who asks) and opens rooms by door.py (passes). What all readers
share, where.py asks for once a second (../moments.py).

    channel.py         a channel's page and chat window; player.py: its streams; votes.py: upvotes and emoji
    polls.py           polls as visitors meet them; polls_desk.py writes, opens and closes them
    screens_desk.py    screens are made and revoked
    screens.py         pages on walls and in OBS, by token; hall.py: phones in the hall, device.py tells them apart
    head.py            what stands over pages without a room of their own: announced.py, and the inbox' bell
    session.py         a session for good, with its questions; speak.py: the speaker's view
    sentences.py       words for scripts, and channel_words.py, stage_words.py; *_rules.py decide, pure
"""
