"""A channel's page in a browser, as several files of tests use it: asking, and acts on a wire beside its own."""

import json
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator

from tests.browser.people import Someone

# A socket beside the page's own, with the page's pass: what the console of a moderator will do.
ACT = """async (command) => {
  const { url, token, room } = JSON.parse(document.getElementById("live").textContent);
  const socket = new WebSocket(url, "veche.1");
  await new Promise((opened) => (socket.onopen = opened));
  const ask = (message) => new Promise((answered) => {
    socket.onmessage = ({ data }) => JSON.parse(data).re === message.id && answered(JSON.parse(data));
    socket.send(JSON.stringify(message));
  });
  await ask({ id: 1, do: "hello", token });
  // What moderators do with questions, they do at the desk; to others it stays closed.
  await ask({ id: 2, do: "join", room: command.room ?? room });
  await ask({ id: 3, do: "join", room: `${command.room ?? room}:desk` });
  const answer = await ask({ id: 4, room, ...command });
  socket.close();
  return answer;
}"""


def act(someone: Someone, do: str, **fields: object) -> dict[str, Any]:
    """Send one command as this person; what is agreed."""
    answer = someone.page.evaluate(ACT, {"do": do, "key": str(uuid4()), **fields})
    assert "ok" in answer, answer
    ok: dict[str, Any] = answer["ok"]
    return ok


def refusal(someone: Someone, do: str, **fields: object) -> dict[str, Any]:
    """Send one command as this person; why it is refused."""
    answer = someone.page.evaluate(ACT, {"do": do, "key": str(uuid4()), **fields})
    no: dict[str, Any] = answer["no"]
    return no


# What waits at the desk, by its text.
WAITING = """async (text) => {
  const { url, token, room } = JSON.parse(document.getElementById("live").textContent);
  const socket = new WebSocket(url, "veche.1");
  await new Promise((opened) => (socket.onopen = opened));
  const found = new Promise((answered) => {
    const held = (events) => events.find((event) => event.is === "chat.held" && event.text === text);
    socket.onmessage = ({ data }) => {
      const said = JSON.parse(data);
      const one = held(Array.isArray(said) ? said : said.ok?.events ?? []);
      if (one) answered(one.item);
    };
  });
  socket.send(JSON.stringify({ id: 1, do: "hello", token }));
  socket.send(JSON.stringify({ id: 2, do: "join", room: `${room}:desk` }));
  const item = await found;
  socket.close();
  return item;
}"""


def waiting(moderator: Someone, text: str) -> str:
    """The name of a message that waits at the desk."""
    item: str = moderator.page.evaluate(WAITING, text)
    return item


def given(someone: Someone, name: str) -> str:
    """What the page was given."""
    return str(json.loads(someone.page.locator("#live").inner_text())[name])


def ask(someone: Someone, text: str, *, anonymous: bool = False) -> str:
    """Ask a question; its text, made unlike any other."""
    unique = f"{text} {uuid4().hex[:8]}"
    someone.show("questions")
    someone.page.locator(".ask-anonymous input").set_checked(anonymous)
    someone.page.fill("#question", unique)
    someone.page.press("#question", "Enter")
    return unique


def move(moderator: Someone, asked: str, verb: str, **more: str) -> None:
    """One step of a question, as the moderators' console does it."""
    room = given(moderator, "stage")
    events = moderator.page.evaluate(ACT, {"do": "join", "room": f"{room}:desk"})["ok"]["events"]
    item = next(one["item"] for one in reversed(events) if one.get("text") == asked)
    act(moderator, "question.move", room=room, item=item, verb=verb, **more)


def question(someone: Someone, text: str) -> Locator:
    """A question that everybody has, on somebody's page."""
    return someone.page.locator(".question:not(.own-question)", has_text=text)
