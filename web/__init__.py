"""What people see: pages of a conference, made by aiohttp from Postgres; live matters are only shown the door to.

A tour, in the order a request walks:

    __main__.py    starts the process and ends it gracefully
    app.py         puts the application together: settings, pool, Redis, templates, the middlewares below
    routes.py      every address and who answers it
    headers.py     what each response carries: security headers, caching, compression
    sessions.py    who is signed in: a cookie that names a record in Redis
    explain.py     every refusal and fault becomes an error page; refusals.py holds the one exception for them
    forms.py       what a browser posted, read once and checked for shape
    csrf.py        a form must come from a page of ours
    reader.py      who reads and in which language
    page.py        a template, and what every template is given
    permissions.py who may see and do what: the only place that knows
    assets.py      scripts, styles and fonts, packed, at addresses that are kept for ever; typeface.py cuts the typeface
    health.py      whether Postgres and Redis answer
    throttle.py    how much is too much: wrong passwords, what strangers send
    markdown.py    what organisers write, as HTML that can only be read; qr.py draws addresses as pictures
    moments.py     what many ask for at once is asked for once, and known for a second
    keys.py        under which names the application keeps what it is made of

    accounts/      sign in, sign out, language         pages.py acts, rules.py decides, passwords.py does the slow sums
    conferences/   the organiser's desk, the landing page, the schedule, channels; it has a tour of its own
    moderation/    the moderators' console, their log and word lists
    mailbox/       letters not sent: development only

To follow the sign-in: routes.py -> accounts/pages.py -> accounts/rules.py -> ../sql/queries/accounts.sql.
"""
