"""Announcements of the demo conference, as several files of tests leave them behind. It asserts nothing."""

from tests.browser.people import People

ANNOUNCEMENTS = "/desk/uchitel/announcements"


def withdraw_all(people: People) -> None:
    """None stands any more: those of one test would lie over what another one looks at."""
    organiser = people.new(scripts=False)
    organiser.sign_in("organiser", then=ANNOUNCEMENTS)
    standing = organiser.page.locator(".told").get_by_role("button", name="Снять")
    while standing.count():
        standing.first.click()
    organiser.context.close()
