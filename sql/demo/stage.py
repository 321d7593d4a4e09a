"""What the demo's hall has asked and what it is asked in return: questions with what became of them, and polls. Pure.

A question: who (a name before the @, or "" for the hall), seconds ago, the words, how many want it answered, and the
steps of moderators and speakers. It belongs to the session of a channel that begins so many minutes from the anchor.
"""

from dataclasses import dataclass

from sql.demo.speakers import Text

Step = tuple[str, str]  # verb, text


@dataclass(frozen=True, slots=True)
class Question:
    """One question and its life so far."""

    who: str
    ago: int  # seconds
    words: str
    votes: int
    steps: tuple[Step, ...]
    session: tuple[str, int] = ("main", -25)


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll; `votes` of each option are cast by devices of the hall."""

    channel: str
    session: tuple[str, int]
    status: str
    kind: str
    question: Text
    options: tuple[tuple[Text, int], ...]
    secret: bool = True


APPROVED: tuple[Step, ...] = (("approve", ""),)
QUESTIONS = (
    Question(
        "anna", 2600, "Что вы говорите учителю, который решил уйти именно в декабре?", 9,
        (*APPROVED, ("answered", "Прошу дожить до марта и вместе считаю, что держит, а что гонит. Из сорока человек "
        "после такого разговора остались двадцать шесть.")), ("main", -75),
    ),
    Question("boris", 2450, "А данные по малым городам есть?", 5, (*APPROVED, ("answered", "")), ("main", -75)),
    Question(
        "daniyar", 2300, "Ауыл мектебінде жалғыз мұғалім болса, тәлімгерді қайдан табуға болады?", 7, APPROVED,
        ("main", -75),
    ),
    Question(
        "anna", 900, "А если ответа нет и у учителя, что тогда видит класс?", 9,
        (("edit", "Что видит класс, когда ответа нет и у самого учителя?"), *APPROVED, ("pin", "")),
    ),
    Question(
        "boris", 830, "ГДЕ СЛАЙДЫ???", 0,
        (("reject", "Слайды лягут на страницу доклада через час после его конца, они не пропадут."),),
    ),
    Question("vera", 780, "Как оценивать урок, на котором ответа ещё нет? Завуч спросит про отметки.", 14, APPROVED),
    Question(
        "timur", 640, "How long do you wait in silence before you give up and answer yourself?", 8,
        (*APPROVED, ("answering", "")),
    ),
    Question("aigerim", 560, "Ұялшақ оқушыны осындай сабаққа қалай қосуға болады?", 6, APPROVED),
    Question("", 470, "Что делать, если телефон отвечает лучше учителя?", 11, APPROVED),
    Question("anna", 380, "Можно ли так вести алгебру, или это только про литературу?", 4, (*APPROVED, ("answered", ""))),
    Question("timur", 310, "Does it work online, when half of the class has its cameras off?", 3, APPROVED),
    Question("boris", 150, "Будет ли список вопросов к «Капитанской дочке»?", 0, ()),
    Question("daniyar", 70, "Абайдың қай өлеңінен бастаған дұрыс?", 0, ()),
    Question("vera", 35, "Можно ли приехать к вам в Казань на открытый урок? Нас трое, расходы наши.", 0, ()),
)  # fmt: skip

POLLS = (
    Poll(
        "main", ("main", -75), "closed", "single",
        {
            "ru": "Что удержало бы вас в первый год?",
            "en": "What would have kept you in your first year?",
            "kk": "Бірінші жылы сізді не ұстап қалар еді?",
        },
        (
            ({"ru": "Наставник, который не проверяет", "en": "A mentor who does not inspect", "kk": "Тексермейтін тәлімгер"}, 31),
            ({"ru": "Меньше часов", "en": "Fewer lessons", "kk": "Сабақ сағатының аздығы"}, 17),
            ({"ru": "Зарплата", "en": "The salary", "kk": "Жалақы"}, 24),
            ({"ru": "Ничто, я остался бы и так", "en": "Nothing, I would have stayed", "kk": "Ештеңе, бәрібір қалар едім"}, 6),
        ),
    ),
    Poll(
        "main", ("main", -25), "open", "single",
        {
            "ru": "Разрешаете ли вы телефон на уроке?",
            "en": "Do you allow phones in your lessons?",
            "kk": "Сабақта телефонға рұқсат бересіз бе?",
        },
        (
            ({"ru": "Да, как инструмент", "en": "Yes, as a tool", "kk": "Иә, құрал ретінде"}, 22),
            ({"ru": "Только когда прошу сам", "en": "Only when I ask for it", "kk": "Өзім сұрағанда ғана"}, 35),
            ({"ru": "Нет, телефоны в коробке", "en": "No, they lie in a box", "kk": "Жоқ, телефон қорапта"}, 13),
        ),
        secret=False,
    ),
    Poll(
        "main", ("main", 50), "draft", "multiple",
        {
            "ru": "Что заберёте на завтрашний урок?",
            "en": "What will you take into tomorrow's lesson?",
            "kk": "Ертеңгі сабаққа не алып кетесіз?",
        },
        (
            ({"ru": "Голосовые задания", "en": "Voice tasks", "kk": "Дауыстық тапсырмалар"}, 0),
            ({"ru": "Семь секунд тишины", "en": "Seven seconds of silence", "kk": "Жеті секунд тыныштық"}, 0),
            ({"ru": "Вопрос без ответа", "en": "A question without an answer", "kk": "Жауабы жоқ сұрақ"}, 0),
        ),
    ),
)  # fmt: skip
