"""The landing page of the demo conference: its blocks from top to bottom, in three languages. Pure; invented partners."""

from typing import Any

Block = tuple[str, dict[str, Any]]  # kind, and what web/conferences/landing_rules.py says that kind holds

BLOCKS: tuple[Block, ...] = (
    (
        "hero",
        {
            "lead": {
                "ru": "Два дня о том, чему учить, когда ответы знает телефон",
                "en": "Two days on what to teach when the phone has all the answers",
                "kk": "Жауаптың бәрін телефон білетін заманда не үйрету керегі туралы екі күн",
            },
        },
    ),
    (
        "text",
        {
            "title": {"ru": "Зачем мы собираемся", "en": "Why we meet", "kk": "Неге жиналамыз"},
            "body": {
                "ru": "Учителя, директора школ и психологи из России, Казахстана и не только рассказывают, что у них "
                "получилось, что нет и что они сделают завтра утром на первом уроке.\n\n"
                "Без президиума и без слайдов на сорок строк. Доклады короткие, вопросы длинные: их можно задать из любого "
                "города, и каждый дойдёт до спикера, даже если в зале уже гасят свет. **Ответы останутся на странице "
                "доклада**, записи — у вас.",
                "en": "Teachers, heads of schools and psychologists from Russia, Kazakhstan and beyond tell what worked, what "
                "did not, and what they will do in the first lesson tomorrow morning.\n\n"
                "No presidium and no slides of forty lines. Talks are short and questions are long: ask from any town, and "
                "yours will reach the speaker even after the lights in the hall go out. **The answers stay on the "
                "page of the talk**, the recordings stay with you.",
                "kk": "Ресей, Қазақстан және басқа елдердің мұғалімдері, мектеп директорлары мен психологтары өздерінде не "
                "шыққанын, не шықпағанын және ертең таңғы бірінші сабақта не істейтінін айтады.\n\n"
                "Төралқа да, қырық жолды слайд та жоқ. Баяндама қысқа, сұрақ көп: кез келген қаладан сұрай аласыз, залдың "
                "жарығы сөнсе де, сұрағыңыз спикерге жетеді. **Жауаптар баяндаманың бетінде қалады**, жазбалар — "
                "өзіңізде.",
            },
        },
    ),
    (
        "speakers",
        {
            "lead": {
                "ru": "Все они завтра снова войдут в класс, поэтому говорят о том, что проверили сами.",
                "en": "Each of them will be back in a classroom tomorrow, so they speak of what they have tried themselves.",
                "kk": "Бәрі де ертең сыныпқа қайта кіреді, сондықтан өздері сынап көрген нәрсені айтады.",
            },
        },
    ),
    (
        "programme",
        {
            "lead": {
                "ru": "Три зала идут одновременно. Отметьте своё, и мы напомним за пять минут.",
                "en": "Three halls run side by side. Mark what is yours, and we will remind you five minutes before.",
                "kk": "Үш зал қатар жүреді. Керегіңізді белгілеңіз, бес минут бұрын еске саламыз.",
            },
        },
    ),
    (
        "prices",
        {
            "lead": {
                "ru": "Одна цена для всех городов. Никаких доплат за записи.",
                "en": "One price for every town. No extra charge for the recordings.",
                "kk": "Барлық қалаға бір баға. Жазбалар үшін қосымша төлем жоқ.",
            },
            "rows": [
                {
                    "name": {"ru": "Два дня онлайн", "en": "Two days online", "kk": "Екі күн онлайн"},
                    "price": {"ru": "1 900 ₽", "en": "1,900 ₽", "kk": "10 900 ₸"},
                    "about": {
                        "ru": "Все три зала, чат и вопросы спикерам, записи на год.",
                        "en": "All three halls, the chat and questions to speakers, recordings for a year.",
                        "kk": "Үш залдың бәрі, чат және спикерлерге сұрақтар, жазбалар бір жылға.",
                    },
                },
                {
                    "name": {
                        "ru": "Учительская целиком",
                        "en": "The whole staff room",
                        "kk": "Бүкіл мұғалімдер бөлмесі",
                    },
                    "price": {"ru": "14 900 ₽", "en": "14,900 ₽", "kk": "84 900 ₸"},
                    "about": {
                        "ru": "До двадцати коллег из одной школы, один счёт и закрывающие документы.",
                        "en": "Up to twenty colleagues from one school, one invoice and all the papers.",
                        "kk": "Бір мектептен жиырмаға дейін әріптес, бір шот және барлық құжат.",
                    },
                },
                {
                    "name": {
                        "ru": "Сельским школам и студентам",
                        "en": "Village schools and students",
                        "kk": "Ауыл мектептері мен студенттерге",
                    },
                    "price": {"ru": "бесплатно", "en": "free", "kk": "тегін"},
                    "about": {
                        "ru": "По письму от школы или студенческому билету. Мест хватит всем.",
                        "en": "With a letter from the school or a student card. There is room for everybody.",
                        "kk": "Мектептің хатымен немесе студенттік билетпен. Орын бәріне жетеді.",
                    },
                },
            ],
        },
    ),
    (
        "partners",
        {
            "title": {"ru": "С нами", "en": "With us", "kk": "Бізбен бірге"},
            "rows": [
                {"name": {"ru": "Читаем вслух", "en": "Reading Aloud", "kk": "Дауыстап оқимыз"}},
                {"name": {"ru": "Фонд «Большая перемена»", "en": "Long Break Fund", "kk": "«Үлкен үзіліс» қоры"}},
                {"name": {"ru": "Ауыл LAB", "en": "Auyl LAB", "kk": "Ауыл LAB"}},
                {"name": {"ru": "Педагогический вестник", "en": "The Teacher's Herald", "kk": "Ұстаз жаршысы"}},
                {"name": {"ru": "Мел и доска", "en": "Chalk & Board", "kk": "Бор мен тақта"}},
                {"name": {"ru": "Двор", "en": "The Yard", "kk": "Аула"}},
            ],
        },
    ),
    (
        "faq",
        {
            "rows": [
                {
                    "question": {
                        "ru": "Я не успею на начало. Что я пропущу?",
                        "en": "I cannot be there at the start. What will I miss?",
                        "kk": "Басына үлгермеймін. Нені жіберіп аламын?",
                    },
                    "answer": {
                        "ru": "Ничего. Запись появляется на странице доклада через час после его конца, а вопросы и ответы "
                        "останутся там же навсегда.",
                        "en": "Nothing. The recording is on the page of the talk an hour after it ends, and the questions and "
                        "answers stay there for good.",
                        "kk": "Ештеңені. Жазба баяндама біткеннен кейін бір сағатта оның бетінде пайда болады, сұрақтар мен "
                        "жауаптар да сонда қалады.",
                    },
                },
                {
                    "question": {
                        "ru": "На каком языке доклады?",
                        "en": "Which language are the talks in?",
                        "kk": "Баяндамалар қай тілде?",
                    },
                    "answer": {
                        "ru": "На русском, казахском и английском: язык указан у каждого доклада. Спрашивать можно на любом из "
                        "трёх.",
                        "en": "In Russian, Kazakh and English; the programme says which. Ask your questions in any of the "
                        "three.",
                        "kk": "Орыс, қазақ және ағылшын тілдерінде: тілі бағдарламада жазылған. Сұрақты үшеуінің кез "
                        "келгенінде қоюға болады.",
                    },
                },
                {
                    "question": {
                        "ru": "Дадите документ о повышении квалификации?",
                        "en": "Will there be a certificate?",
                        "kk": "Біліктілікті арттыру құжаты беріле ме?",
                    },
                    "answer": {
                        "ru": "Да, на 16 часов. Для него нужно:\n\n- быть на шести докладах или посмотреть их записи;\n"
                        "- ответить на короткую анкету в конце второго дня.",
                        "en": "Yes, for 16 hours. For that you:\n\n- watch six talks, live or recorded;\n"
                        "- fill in a short form at the end of the second day.",
                        "kk": "Иә, 16 сағатқа. Ол үшін:\n\n- алты баяндамаға қатысу немесе жазбасын көру;\n"
                        "- екінші күннің соңында қысқа сауалнаманы толтыру керек.",
                    },
                },
                {
                    "question": {
                        "ru": "Интернет в школе слабый. Получится смотреть?",
                        "en": "Our school has a weak connection. Will it work?",
                        "kk": "Мектепте интернет әлсіз. Көре аламыз ба?",
                    },
                    "answer": {
                        "ru": "Получится. Видео само подстроится под связь, а чат и вопросы не потеряются, даже если она "
                        "пропадёт на минуту.",
                        "en": "It will. The picture adapts to the connection by itself, and the chat and your questions are "
                        "not lost even when it is gone for a minute.",
                        "kk": "Көресіз. Бейне байланысқа өзі бейімделеді, ал чат пен сұрақтар байланыс бір минутқа үзілсе де "
                        "жоғалмайды.",
                    },
                },
            ],
        },
    ),
)
