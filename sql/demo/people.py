"""Who can sign in to the demo. Everybody is invented and nobody's password is a secret: never used in production."""

from dataclasses import dataclass

PASSWORD = "veche-demo"  # printed by `make up` on purpose


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `role` is what they may do at the demo conference."""

    email: str
    name: str
    role: str
    language: str = "ru"


PEOPLE = (
    Person("organiser@demo.veche", "Наталья Корнеева", "organiser"),
    Person("moderator@demo.veche", "Мадина Оспанова", "moderator"),
    Person("speaker1@demo.veche", "Марина Вересова", "speaker"),
    Person("speaker2@demo.veche", "Ерлан Байжанов", "speaker", "kk"),
    Person("anna@demo.veche", "Анна Логинова", "attendee"),
    Person("boris@demo.veche", "Борис Гринь", "attendee"),
    Person("aigerim@demo.veche", "Айгерім Тұрсынова", "attendee", "kk"),
    Person("daniyar@demo.veche", "Данияр Әбенов", "attendee", "kk"),
    Person("vera@demo.veche", "Вера Платонова", "attendee"),
    Person("timur@demo.veche", "Timur Hasanov", "attendee", "en"),
)
