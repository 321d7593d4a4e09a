"""What happens later: letters, the archive of what was said live. It never answers a browser.

Start with loop.py (who runs what, again and again), then follow one letter: outbox.py (a promise is taken)
-> kinds.py (who keeps it) -> mail.py (what it says, where it goes).

    loop.py       owns every task; a job that fails rests and comes again, the others never notice
    outbox.py     promises of committed transactions, taken one by one
    kinds.py      the table: kind of promise -> the function that keeps it
    mail.py       letters leave by SMTP, or into var/mailbox on a laptop
    letters/      what each letter says, in the reader's language
    chat.py       words promised to a live room
    questions.py  questions promised to its moderators
    words.py      word lists promised to a conference's rooms
    rehearsal.py  what a team said before the public came, cleared
    passes.py     the end of passes, promised when somebody may no longer come in
    polls.py      rooms hear which polls are open, and how they stand
    audience.py   how many watch each channel, minute by minute
    tallies.py    ... and how many voted for their questions and messages
    streams.py    live rooms, read as a consumer group
    archive.py    chats and questions -> Postgres
    stage.py      channels hear what is on
    askers.py     people hear what became of their questions
    schedule.py   whoever starred a session hears that it moved or was cancelled
    reminders.py  ... and that it begins in five minutes
    notices.py    how people are told something in their inbox
    aside.py      what is for a server that is away waits, and nothing else does
    sweep.py      what was done long ago is thrown away

Everything here happens at least once: a process may die after the deed and before it is noted. So each deed can be
repeated: a word in a chat has its key, a row of the archive its place, a letter its Message-ID and file name.
"""
