"""What the demo conference is about: its words, its channels, and the sessions of the day that is on. Pure."""

from dataclasses import dataclass

from sql.demo import tomorrow
from sql.demo.programme import Session
from sql.demo.speakers import Text

SLUG = "uchitel"
ZONE = "Asia/Almaty"
LANGUAGES = ("ru", "en", "kk")

NAME: Text = {"ru": "Учитель завтрашнего дня", "en": "Tomorrow's Teacher", "kk": "Ертеңгі күннің ұстазы"}
TAGLINE: Text = {
    "ru": "Два дня о том, чему учить, когда ответы знает телефон",
    "en": "Two days on what to teach when the phone has all the answers",
    "kk": "Жауаптың бәрін телефон білетін заманда не үйрету керегі туралы екі күн",
}
ABOUT: Text = {
    "ru": "Учителя, директора школ и психологи из России, Казахстана и не только рассказывают, что у них получилось, "
    "что нет и что они сделают завтра утром на первом уроке. Без президиума и без слайдов на сорок строк: "
    "доклады короткие, вопросы длинные, записи остаются с вами.",
    "en": "Teachers, heads of schools and psychologists from Russia, Kazakhstan and beyond tell what worked, what did "
    "not, and what they will do in the first lesson tomorrow morning. Short talks, long questions, "
    "and the recordings are yours to keep.",
    "kk": "Ресей, Қазақстан және басқа елдердің мұғалімдері, мектеп директорлары мен психологтары өздерінде "
    "не шыққанын, не шықпағанын және ертең таңғы бірінші сабақта не істейтінін айтады. Баяндама қысқа, "
    "сұрақ көп, жазбалары өзіңізде қалады.",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """One of the halls that run side by side."""

    slug: str
    name: Text


CHANNELS = (
    Channel("main", {"ru": "Главный зал", "en": "Main hall", "kk": "Басты зал"}),
    Channel("practice", {"ru": "Мастерская", "en": "Workshop", "kk": "Шеберхана"}),
    Channel("digital", {"ru": "Цифровой класс", "en": "Digital classroom", "kk": "Цифрлық сынып"}),
)

TODAY = (
    Session(
        "main", -130, 45, "ru", ("ermekova", "baizhanov"),
        {
            "ru": "Открытие: с чем мы пришли в этот учебный год",
            "en": "Opening: what we brought into this school year",
            "kk": "Ашылу: биылғы оқу жылына не алып келдік",
        },
        {
            "ru": "Короткий разговор о прошедшем годе: что сработало, от чего пора отказаться и о чём спорим все два дня.",
            "en": "A short talk about the year behind us: what worked, what it is time to drop, what we argue about here.",
            "kk": "Өткен жыл туралы қысқа әңгіме: не нәтиже берді, неден бас тартатын кез келді, екі күн бойы не туралы "
            "пікірталасамыз.",
        },
    ),
    Session(
        "main", -75, 40, "ru", ("ermekova",),
        {
            "ru": "Первый год в школе: как не уйти в декабре",
            "en": "The first year at school: how not to leave in December",
            "kk": "Мектептегі алғашқы жыл: желтоқсанда кетіп қалмаудың жолы",
        },
        {
            "ru": "Сорок интервью с молодыми учителями: почему уходят, что удерживает и какие три вещи может сделать завуч.",
            "en": "Forty interviews with new teachers: why they leave, what keeps them, and three things a school can do.",
            "kk": "Жас мұғалімдермен қырық сұхбат: неге кетеді, не ұстап қалады және мектеп істей алатын үш нәрсе.",
        },
    ),
    Session(
        "main", -25, 60, "ru", ("veresova",),
        {
            "ru": "Когда ответы знает телефон: зачем тогда урок",
            "en": "When the phone knows the answers, what is a lesson for?",
            "kk": "Жауапты телефон білсе, сабақ не үшін керек?",
        },
        {
            "ru": "Три урока литературы, на которых нельзя списать, потому что ответа ещё нет. "
            "Как задать вопрос, на который интересно отвечать самому, и что делать с тишиной после него.",
            "en": "Three literature lessons where cheating is impossible because the answer does not exist yet. How to ask "
            "a question worth answering oneself, and what to do with the silence after it.",
            "kk": "Көшіріп алу мүмкін емес үш әдебиет сабағы, өйткені жауабы әлі жоқ. Өзің жауап бергің келетін сұрақты "
            "қалай қоюға болады және одан кейінгі тыныштықпен не істеу керек.",
        },
    ),
    Session(
        "main", 50, 45, "kk", ("zhumabekova",),
        {
            "ru": "Диктант без ручки: казахский язык, который слышно",
            "en": "Dictation without a pen: Kazakh you can hear",
            "kk": "Қаламсыз диктант: естілетін қазақ тілі",
        },
        {
            "ru": "Как голосовые задания вернули в класс живую речь и почему ошибки стало исправлять веселее.",
            "en": "How voice tasks brought living speech back to class, and why correcting mistakes became fun.",
            "kk": "Дауыстық тапсырмалар сыныпқа тірі сөзді қалай қайтарды және қателерді түзету неге қызық болып кетті. "
            "Әр сыныпқа арналған үш дайын тапсырма беремін.",
        },
    ),
    Session(
        "main", 110, 60, "en", ("whitfield",),
        {
            "ru": "Оценка, которую хочется прочитать",
            "en": "Feedback Worth Reading",
            "kk": "Оқығың келетін баға",
        },
        {
            "ru": "Что остаётся от проверки тетрадей, если убрать отметку. Исследование двадцати школ и четыре приёма. "
            "Доклад на английском, субтитры на русском и казахском.",
            "en": "What is left of marking once the mark is gone? A study of twenty schools and four habits you can start "
            "on Monday. In English, with Russian and Kazakh subtitles.",
            "kk": "Белгіні алып тастасақ, дәптер тексеруден не қалады? Жиырма мектептегі зерттеу және төрт тәсіл. "
            "Баяндама ағылшын тілінде, қазақша және орысша субтитрмен.",
        },
    ),
    Session(
        "practice", -120, 60, "ru", ("lagutin",),
        {
            "ru": "Физика на кухне: семь опытов без лаборатории",
            "en": "Kitchen physics: seven experiments without a lab",
            "kk": "Ас үйдегі физика: зертханасыз жеті тәжірибе",
        },
        {
            "ru": "Соль, лимон, нитка и старый телефон. Всё, что нужно, чтобы девятый класс поспорил с учебником.",
            "en": "Salt, a lemon, a thread and an old phone: all it takes for a ninth grade to argue with its textbook.",
            "kk": "Тұз, лимон, жіп және ескі телефон: тоғызыншы сыныптың оқулықпен дауласуына осы жетеді.",
        },
    ),
    Session(
        "practice", -40, 75, "ru", ("nikitin",),
        {
            "ru": "Подросток молчит: разговор, который всё-таки случится",
            "en": "The teenager is silent: a talk that will happen after all",
            "kk": "Жасөспірім үндемейді: бәрібір болатын әңгіме",
        },
        {
            "ru": "Мастерская в парах: четыре первые фразы, которые не закрывают дверь, и одна, которую лучше не говорить.",
            "en": "A workshop in pairs: four opening lines that leave the door open and one that is better left unsaid.",
            "kk": "Жұптағы шеберхана: есікті жаппайтын төрт алғашқы сөйлем және айтпаған дұрыс біреуі.",
        },
    ),
    Session(
        "practice", 50, 60, "ru", ("rakhimova",),
        {
            "ru": "Игры нашего двора: перемена, после которой учатся",
            "en": "Games from our yard: a break that helps to learn",
            "kk": "Біздің ауланың ойындары: оқуға көмектесетін үзіліс",
        },
        {
            "ru": "Асыки, резиночка и «море волнуется»: играем сами и разбираем, чему учит каждая.",
            "en": "Knucklebones, elastics and statues: we play them ourselves and see what each of them teaches.",
            "kk": "Асық, резеңке және «теңіз толқиды»: өзіміз ойнап көреміз де, әрқайсысы не үйрететінін талдаймыз.",
        },
    ),
    Session(
        "practice", 125, 45, "ru", ("veresova", "nikitin"),
        {
            "ru": "Трудное родительское собрание: проигрываем вслух",
            "en": "The difficult parents' evening, played out loud",
            "kk": "Қиын ата-аналар жиналысы: дауыстап ойнап шығамыз",
        },
        {
            "ru": "Четыре настоящих случая, зал решает, что скажет учитель. Записи не будет.",
            "en": "Four true cases; the hall decides what the teacher says next. Not recorded.",
            "kk": "Төрт шынайы оқиға, мұғалім не айтатынын зал шешеді. Жазба жүргізілмейді.",
        },
    ),
    Session(
        "digital", -105, 60, "ru", ("galeev",),
        {
            "ru": "Журнал без бумаги, который сделали ученики",
            "en": "A paperless journal, made by pupils",
            "kk": "Оқушылар жасаған қағазсыз журнал",
        },
        {
            "ru": "История одного школьного проекта: от тетрадки с жалобами до программы, которой пользуются девять школ.",
            "en": "The story of a school project, from a notebook of complaints to a program nine schools use.",
            "kk": "Бір мектеп жобасының тарихы: шағым жазылған дәптерден тоғыз мектеп пайдаланатын бағдарламаға дейін.",
        },
    ),
    Session(
        "digital", -30, 60, "ru", ("baizhanov", "lagutin"),
        {
            "ru": "Лаборатория в ауле: датчики за цену учебника",
            "en": "A village lab: sensors for the price of a textbook",
            "kk": "Ауылдағы зертхана: оқулық құнындағы датчиктер",
        },
        {
            "ru": "Что купить, что спаять, что попросить у родителей. Смета, чертежи и ошибки первого года.",
            "en": "What to buy, what to solder, what to ask parents for. The budget, the drawings, first-year mistakes.",
            "kk": "Нені сатып алу, нені дәнекерлеу, ата-аналардан нені сұрау керек. Смета, сызбалар және алғашқы жылдың "
            "қателіктері.",
        },
    ),
    Session(
        "digital", 45, 60, "ru", ("galeev", "ermekova"),
        {
            "ru": "Нейросеть у доски: что ей поручить, а что нет",
            "en": "A neural network at the blackboard: what to give it and what not",
            "kk": "Тақта алдындағы нейрожелі: оған нені тапсыруға болады, нені болмайды",
        },
        {
            "ru": "Проверка словаря, заготовки заданий, перевод на казахский — и граница, за которой учитель перестаёт думать.",
            "en": "Checking vocabulary, drafting tasks, translating — and the line behind which a teacher stops thinking.",
            "kk": "Сөздік тексеру, тапсырма дайындау, қазақшаға аудару — және мұғалім ойлауды тоқтататын шек.",
        },
    ),
)  # fmt: skip

SESSIONS = (*TODAY, *tomorrow.SESSIONS)

# Whose programme it is, by the beginning of an address, and which sessions: channel and start. Two go on at once.
STARS = ("vera", (("main", -75), ("main", -25), ("main", 50), ("practice", 50), ("main", tomorrow.DAY - 130)))

# Pages by token: channel, kind and where each stands.
SCREENS = (
    ("main", "hall", "Главный зал, слева от сцены"),
    ("main", "answering", "OBS, плашка под спикером"),
    ("main", "qr", "Фойе, стойка у входа"),
    ("practice", "next", "Коридор у мастерской"),
)
