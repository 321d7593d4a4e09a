"""Who speaks at the demo conference. Everybody is invented; texts come in three languages, faces as features."""

from dataclasses import dataclass

from sql.demo.portraits import Features

Text = dict[str, str]  # by language: ru, en, kk


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker; `email` when the person can sign in."""

    key: str
    name: Text
    about: Text
    features: Features
    email: str | None = None


SPEAKERS = (
    Speaker(
        "veresova",
        {"ru": "Марина Вересова", "en": "Marina Veresova", "kk": "Марина Вересова"},
        {
            "ru": "Учитель литературы и завуч гимназии в Казани. Тридцать один год в школе, автор курса «Читаем вслух».",
            "en": "Teaches literature in Kazan, thirty-one years at school. Author of the course “Reading Aloud”.",
            "kk": "Қазан қаласындағы гимназияның әдебиет мұғалімі. Мектепте отыз бір жыл, «Дауыстап оқимыз» курсының авторы.",
        },
        Features(
            ground="#ece2d0", disc="#dccdb4", skin="#f0cdb0", shade="#dfb292", hair="bun", tint="#b9b1a6", brow="#8d857b",
            clothes="jacket", cloth="#3a3f45", accent="#d5402b", eyes="lashes", mouth="smile", glasses="red", years=True,
        ),
        email="speaker1@demo.veche",
    ),
    Speaker(
        "baizhanov",
        {"ru": "Ерлан Байжанов", "en": "Yerlan Baizhanov", "kk": "Ерлан Байжанов"},
        {
            "ru": "Директор сельской школы под Талдыкорганом. За шесть лет собрал в ней лучшую физлабораторию области.",
            "en": "Head of a village school near Taldykorgan that built the best physics lab of its region in six years.",
            "kk": "Талдықорған маңындағы ауыл мектебінің директоры. Алты жылда облыстағы ең үздік физика зертханасын жасақтады.",
        },
        Features(
            ground="#dfe3e1", disc="#c3cbc8", skin="#dcae86", shade="#c69368", hair="short", tint="#4a4541",
            clothes="jacket", cloth="#5d4a3c", accent="#e2c48d", beard="moustache", mouth="calm", years=True, wide=True,
        ),
        email="speaker2@demo.veche",
    ),
    Speaker(
        "whitfield",
        {"ru": "Ханна Уитфилд", "en": "Hannah Whitfield", "kk": "Ханна Уитфилд"},
        {
            "ru": "Исследует обратную связь в школе, Лидс. Десять лет вела математику и до сих пор проверяет тетради.",
            "en": "Studies feedback in schools, Leeds. Taught maths for ten years and still marks a stack of books a week.",
            "kk": "Мектептегі кері байланысты зерттейді, Лидс. Он жыл математикадан сабақ берген, әлі де дәптер тексереді.",
        },
        Features(
            ground="#f2e3d5", disc="#e6c9b2", skin="#f6d9c4", shade="#e8bfa5", hair="curls", tint="#a9512d", brow="#84401f",
            clothes="turtleneck", cloth="#39524c", accent="#39524c", eyes="laughing", mouth="laugh",
        ),
    ),
    Speaker(
        "galeev",
        {"ru": "Камиль Галеев", "en": "Kamil Galeev", "kk": "Кәміл Галеев"},
        {
            "ru": "Учит информатике в Уфе. Его ученики сделали школьный журнал без бумаги и научили ему учителей.",
            "en": "Teaches computing in Ufa, where his pupils built a paperless school journal and taught the teachers.",
            "kk": "Уфада информатикадан сабақ береді. Оқушылары қағазсыз журнал жасап, оны мұғалімдерге өздері үйретті.",
        },
        Features(
            ground="#e4e0d8", disc="#cfc8bb", skin="#e9c19d", shade="#d5a67f", hair="quiff", tint="#2a211c",
            clothes="jumper", cloth="#d9a950", accent="#f7f1e6", beard="short", glasses="round", mouth="smile",
        ),
    ),
    Speaker(
        "rakhimova",
        {"ru": "Зульфия Рахимова", "en": "Zulfiya Rakhimova", "kk": "Зүлфия Рахымова"},
        {
            "ru": "Начальные классы, Астрахань. Ведёт уроки на трёх языках и собирает игры дворов Каспия.",
            "en": "Primary school, Astrakhan. Teaches in three languages and collects the yard games of the Caspian coast.",
            "kk": "Бастауыш сынып мұғалімі, Астрахан. Үш тілде сабақ береді, Каспий жағалауының аула ойындарын жинайды.",
        },
        Features(
            ground="#efe4d6", disc="#e0cfba", skin="#e8bd97", shade="#d3a07a", hair="headscarf", tint="#2a211c",
            clothes="shawl", cloth="#5f7a80", accent="#41585e", eyes="lashes", mouth="smile",
        ),
    ),
    Speaker(
        "nikitin",
        {"ru": "Олег Никитин", "en": "Oleg Nikitin", "kk": "Олег Никитин"},
        {
            "ru": "Школьный психолог, Екатеринбург. Говорит с подростками так, что они отвечают.",
            "en": "School psychologist, Yekaterinburg. Speaks with teenagers in a way that makes them answer.",
            "kk": "Мектеп психологы, Екатеринбург. Жасөспірімдермен олар жауап беретіндей етіп сөйлеседі.",
        },
        Features(
            ground="#dcdfe2", disc="#bfc6cc", skin="#efc7a6", shade="#dbab88", hair="bald", tint="#8c8178", brow="#5b514a",
            clothes="turtleneck", cloth="#2c2a2b", accent="#2c2a2b", beard="full", glasses="square", wide=True,
        ),
    ),
    Speaker(
        "zhumabekova",
        {"ru": "Сауле Жумабекова", "en": "Saule Zhumabekova", "kk": "Сәуле Жұмабекова"},
        {
            "ru": "Учит казахскому языку в Алматы. Её диктанты пишут голосом, а сочинения — вдвоём.",
            "en": "Teaches Kazakh in Almaty. Her dictations are spoken and her essays are written in pairs.",
            "kk": "Алматыда қазақ тілінен сабақ береді. Оның диктанттары дауыспен, ал шығармалары екеуара жазылады.",
        },
        Features(
            ground="#f3e6da", disc="#e5d0bd", skin="#e9c09a", shade="#d4a47c", hair="braid", tint="#1f1815",
            clothes="shirt", cloth="#8a3a2c", accent="#8a3a2c", eyes="lashes", mouth="smile",
        ),
    ),
    Speaker(
        "lagutin",
        {"ru": "Дмитрий Лагутин", "en": "Dmitry Lagutin", "kk": "Дмитрий Лагутин"},
        {
            "ru": "Физик из Новосибирска, собирает опыты из того, что есть на кухне. Победил на двух олимпиадах учителей.",
            "en": "Physicist from Novosibirsk; makes experiments from what a kitchen holds. Won two teachers' olympiads.",
            "kk": "Новосібірлік физик, тәжірибелерді ас үйде бар заттардан жасайды. Мұғалімдердің екі олимпиадасын жеңген.",
        },
        Features(
            ground="#e3e6dd", disc="#cbd1c1", skin="#f1cfb3", shade="#dfb393", hair="receding", tint="#7a5a3c", brow="#5f452d",
            clothes="shirt", cloth="#4d6272", accent="#211c19", eyes="laughing", mouth="laugh",
        ),
    ),
    Speaker(
        "ermekova",
        {"ru": "Айнур Ермекова", "en": "Ainur Yermekova", "kk": "Айнұр Ермекова"},
        {
            "ru": "Методист из Астаны, готовит молодых учителей к первому году. Ведёт подкаст «Учительская».",
            "en": "Mentor from Astana who sees new teachers through their first year. Hosts the podcast “Staff Room”.",
            "kk": "Астаналық әдіскер, жас мұғалімдерді алғашқы жылына дайындайды. «Мұғалімдер бөлмесі» подкастын жүргізеді.",
        },
        Features(
            ground="#e9ddd3", disc="#d6c3b4", skin="#dba983", shade="#c28d66", hair="bob", tint="#33241d",
            clothes="jacket", cloth="#b9ae9d", accent="#d5402b", eyes="open", mouth="lips",
        ),
    ),
    Speaker(
        "aronov",
        {"ru": "Лев Аронов", "en": "Lev Aronov", "kk": "Лев Аронов"},
        {
            "ru": "Ведёт математический кружок в Санкт-Петербурге. Собрал девятьсот задач, у которых больше одного ответа.",
            "en": "Runs a maths circle in St Petersburg. Has collected nine hundred problems with more than one answer.",
            "kk": "Санкт-Петербургте математика үйірмесін жүргізеді. Бірнеше жауабы бар тоғыз жүз есеп жинаған.",
        },
        Features(
            ground="#e2dfe6", disc="#c9c4d2", skin="#efcaac", shade="#dbae8c", hair="receding", tint="#a79d92", brow="#6f665d",
            clothes="jumper", cloth="#6b4a58", accent="#f7f1e6", beard="full", glasses="round", mouth="calm", years=True,
        ),
    ),
)  # fmt: skip
