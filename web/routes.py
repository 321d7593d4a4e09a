"""Every address and who answers it. Names that end in .json are read by scripts: their refusals are JSON too."""

from aiohttp import web

from web import assets, health
from web.accounts import pages as accounts
from web.conferences import channels_desk, desk, pictures
from web.conferences import pages as conferences
from web.mailbox import pages as mailbox

SLUG = "[a-z0-9][a-z0-9-]{0,62}"
NUMBER = "[1-9][0-9]{0,17}"

ROUTES = [
    web.get("/", conferences.index),
    web.get("/sign-in", accounts.show_sign_in),
    web.post("/sign-in", accounts.sign_in),
    web.post("/sign-out", accounts.sign_out),
    web.post("/language", accounts.choose_language),
    web.get(f"/c/{{slug:{SLUG}}}", conferences.show_conference),
    web.get(f"/c/{{slug:{SLUG}}}/{{channel:{SLUG}}}", conferences.show_channel),
    web.get(f"/c/{{slug:{SLUG}}}/{{channel:{SLUG}}}/pass", conferences.give_pass, name="chat_pass.json"),
    web.get("/portraits/{speaker:[1-9][0-9]{0,17}}.svg", pictures.show_portrait),
    web.get("/pictures/{digest:[0-9a-f]{32}}", pictures.show),
    web.get("/desk", desk.show_conferences),
    web.get("/desk/new", desk.show_new),
    web.post("/desk/new", desk.add),
    web.get(f"/desk/{{slug:{SLUG}}}", desk.show_settings),
    web.post(f"/desk/{{slug:{SLUG}}}", desk.save_settings),
    web.post(f"/desk/{{slug:{SLUG}}}/publish", desk.publish),
    web.post(f"/desk/{{slug:{SLUG}}}/unpublish", desk.unpublish),
    web.post(f"/desk/{{slug:{SLUG}}}/frames", desk.save_frames),
    web.get(f"/desk/{{slug:{SLUG}}}/channels", channels_desk.show_channels),
    web.post(f"/desk/{{slug:{SLUG}}}/channels", channels_desk.add),
    web.post(f"/desk/{{slug:{SLUG}}}/channels/order", channels_desk.order),
    web.get(f"/desk/{{slug:{SLUG}}}/channels/{{id:{NUMBER}}}", channels_desk.show_channel),
    web.post(f"/desk/{{slug:{SLUG}}}/channels/{{id:{NUMBER}}}", channels_desk.save),
    web.post(f"/desk/{{slug:{SLUG}}}/channels/{{id:{NUMBER}}}/delete", channels_desk.delete),
    web.post(f"/desk/{{slug:{SLUG}}}/pictures", pictures.upload, name="picture.json"),
    web.get("/mailbox", mailbox.index),
    web.get("/mailbox/{name}", mailbox.show_letter),
    web.get("/healthz", health.healthz, name="health.json"),
    *assets.routes(),
]
