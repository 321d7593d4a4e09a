"""Who may look at the admin's page and who may press its buttons. Pure: the caller knows the clock and the request.

With a token (ADMIN_TOKEN): whoever shows it as a bearer, or typed it into the form and holds the ticket for it.
Without one: whoever is on the machine itself, asking by its own name, so that no page elsewhere can ask for them.
"""

import hashlib
import hmac

LOOPBACK = ("127.0.0.1", "::1", "localhost")
TICKET_LIFE = 12 * 3600  # seconds; a shift
BEARER = "Bearer "


class Gate:
    """The rules of one node."""

    def __init__(self, *, secret: str, token: str, on_loopback: bool) -> None:
        """`secret` is the installation's; a ticket outlives a reload, but not a change of the token."""
        self._token = token
        self._on_loopback = on_loopback
        self._key = hashlib.sha256(f"ops {secret} {token}".encode()).digest()

    @property
    def wants_token(self) -> bool:
        """Whether there is a token to be shown."""
        return bool(self._token)

    def refusal(self, *, host: str, bearer: str, ticket: str, now: float) -> tuple[str, str] | None:
        """Why somebody may not look: a code and a sentence. `host` is the name by which they asked for this page."""
        if not self._token:
            if not self._on_loopback:
                return "admin.closed", "Set ADMIN_TOKEN to open this page beyond the machine itself."
            if host not in LOOPBACK:
                return "admin.host", "Ask for this page as 127.0.0.1, or set ADMIN_TOKEN."
            return None
        if self.is_token(bearer.removeprefix(BEARER)) or self._is_ticket(ticket, now):
            return None
        return "admin.token", "This page needs the token in ADMIN_TOKEN."

    def may_press(self, *, bearer: str, ticket: str, shown: str) -> bool:
        """Whether a button was pressed on a page of ours: `shown` is what the page put into its form.

        A bearer is shown by programs only, never by a browser on somebody else's behalf.
        """
        if self._token and self.is_token(bearer.removeprefix(BEARER)):
            return True
        return hmac.compare_digest(shown.encode(), self.mark(ticket).encode())

    def is_token(self, shown: str) -> bool:
        """Whether this is the token; it takes as long whatever is shown."""
        return bool(self._token) and hmac.compare_digest(shown.encode(errors="replace"), self._token.encode())

    def ticket(self, now: float) -> str:
        """What a browser keeps instead of the token."""
        until = str(int(now) + TICKET_LIFE)
        return f"{until}.{self._sign(f'ticket {until}')}"

    def mark(self, ticket: str) -> str:
        """What a page with this ticket puts into its forms."""
        return self._sign(f"form {ticket if self._token else ''}")

    def _is_ticket(self, ticket: str, now: float) -> bool:
        until, _, sign = ticket.partition(".")
        good = hmac.compare_digest(sign.encode(errors="replace"), self._sign(f"ticket {until}").encode())
        return good and int(until) > now

    def _sign(self, what: str) -> str:
        return hmac.new(self._key, what.encode(errors="replace"), hashlib.sha256).hexdigest()
