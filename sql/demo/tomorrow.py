"""The sessions of the demo's second day. Pure."""

from sql.demo.programme import Session

DAY = 24 * 60  # minutes

SESSIONS = (
    Session(
        "main", DAY - 130, 50, "ru", ("aronov",),
        {
            "ru": "Задача, которую не хочется бросить",
            "en": "A problem you do not want to drop",
            "kk": "Тастап кеткің келмейтін есеп",
        },
        {
            "ru": "Три условия, при которых пятый класс сам просит ещё одну. И чем опасна задача, у которой есть ответ в конце книги.",
            "en": "Three conditions under which fifth-graders ask for one more. And the danger of an answer at the end of the book.",
            "kk": "Бесінші сынып тағы бір есеп сұрайтын үш шарт. Жауабы кітаптың соңында тұрған есептің несі қауіпті.",
        },
    ),
    Session(
        "main", DAY - 60, 60, "ru", ("baizhanov", "rakhimova", "ermekova"),
        {
            "ru": "Школа на трёх языках: спор, который полезно не заканчивать",
            "en": "A school in three languages: an argument worth keeping open",
            "kk": "Үш тілдегі мектеп: аяқталмағаны пайдалы пікірталас",
        },
        {
            "ru": "Когда вводить второй язык, чем учить на третьем и как не потерять первый. Дискуссия с вопросами из зала.",
            "en": "When to add a second language, what to teach in a third, and how not to lose the first. A discussion.",
            "kk": "Екінші тілді қашан бастау, үшіншісінде нені оқыту және біріншісін қалай жоғалтпау керек. Пікірталас.",
        },
    ),
    Session(
        "main", DAY + 20, 45, "ru", ("nikitin", "zhumabekova"),
        {
            "ru": "Класс после ссоры: как вернуться к уроку",
            "en": "After the quarrel: how a class gets back to its lesson",
            "kk": "Ұрыстан кейінгі сынып: сабаққа қалай оралуға болады",
        },
        {
            "ru": "Психолог и учитель показывают один и тот же понедельник с двух сторон. Пять минут, которые стоит потратить до темы.",
            "en": "A psychologist and a teacher show the same Monday from two sides. Five minutes worth spending before the topic.",
            "kk": "Психолог пен мұғалім бір дүйсенбіні екі жағынан көрсетеді. Тақырыпқа дейін жұмсауға тұрарлық бес минут.",
        },
    ),
    Session(
        "main", DAY + 85, 45, "ru", ("veresova", "baizhanov", "whitfield"),
        {
            "ru": "Закрытие: что сделаем в понедельник",
            "en": "Closing: what we will do on Monday",
            "kk": "Жабылу: дүйсенбіде не істейміз",
        },
        {
            "ru": "Каждый выходит с одним действием, которое можно успеть за перемену. Записываем вслух и проверяем друг друга через месяц.",
            "en": "Everybody leaves with one thing that fits into a break. We write them down aloud and check on each other in a month.",
            "kk": "Әркім бір үзілісте үлгеретін бір іспен шығады. Дауыстап жазып аламыз, бір айдан кейін бірімізді біріміз тексереміз.",
        },
    ),
    Session(
        "practice", DAY - 125, 60, "ru", ("lagutin",),
        {
            "ru": "Опыты для последней парты",
            "en": "Experiments for the back row",
            "kk": "Соңғы партаға арналған тәжірибелер",
        },
        {
            "ru": "Пять установок из скрепок и пластиковых бутылок, которые видно с любого места. Собираем вместе со зрителями.",
            "en": "Five set-ups of paper clips and plastic bottles that can be seen from every seat. We build them with the audience.",
            "kk": "Қыстырғыш пен пластик бөтелкеден жасалған, кез келген орыннан көрінетін бес құрылғы. Көрермендермен бірге жинаймыз.",
        },
    ),
    Session(
        "practice", DAY - 45, 60, "en", ("whitfield",),
        {
            "ru": "Практикум: комментарий вместо отметки",
            "en": "Hands-on: a Comment Instead of a Mark",
            "kk": "Практикум: белгінің орнына пікір",
        },
        {
            "ru": "Принесите три тетради. За час перепишем свои замечания так, чтобы ученику захотелось ответить.",
            "en": "Bring three exercise books. In an hour we rewrite our own remarks until a pupil would want to reply.",
            "kk": "Үш дәптер алып келіңіз. Бір сағатта өз ескертулерімізді оқушы жауап бергісі келетіндей етіп қайта "
            "жазамыз.",
        },
    ),
    Session(
        "practice", DAY + 30, 50, "ru", ("rakhimova",),
        {
            "ru": "Сказка на три голоса: урок в начальной школе",
            "en": "A tale in three voices: a lesson for the youngest",
            "kk": "Үш дауысқа арналған ертегі: бастауыш сыныптағы сабақ",
        },
        {
            "ru": "Один текст, три языка и двадцать восемь детей, которые слышат друг друга. Роли, паузы и что делать с самыми тихими.",
            "en": "One text, three languages and twenty-eight children who hear each other. Roles, pauses, and the quietest ones.",
            "kk": "Бір мәтін, үш тіл және бірін-бірі еститін жиырма сегіз бала. Рөлдер, кідірістер және ең үндемейтіндермен не істеу керек.",
        },
    ),
    Session(
        "digital", DAY - 120, 60, "ru", ("galeev",),
        {
            "ru": "Бот, который не даёт списать",
            "en": "A bot that will not let you copy",
            "kk": "Көшіруге жол бермейтін бот",
        },
        {
            "ru": "Школьники написали собеседника, который на просьбу решить задачу задаёт вопрос. Показываем код и самые хитрые обходы.",
            "en": "Pupils wrote a companion that answers a plea for a solution with a question. The code, and the slyest ways around it.",
            "kk": "Оқушылар есепті шығарып беруді сұраса, өзі сұрақ қоятын серік жазды. Кодын және ең қу айла-тәсілдерді көрсетеміз.",
        },
    ),
    Session(
        "digital", DAY - 40, 55, "ru", ("aronov", "lagutin"),
        {
            "ru": "Графики из жизни: что едят в школьной столовой",
            "en": "Graphs from life: what a school canteen eats",
            "kk": "Өмірден алынған графиктер: мектеп асханасында не жейді",
        },
        {
            "ru": "Двести подносов, одна таблица и спор о среднем арифметическом. Готовый урок статистики для седьмого класса.",
            "en": "Two hundred trays, one table and an argument about averages. A lesson in statistics, ready for the seventh grade.",
            "kk": "Екі жүз табақ, бір кесте және арифметикалық орта туралы дау. Жетінші сыныпқа арналған дайын статистика сабағы.",
        },
    ),
    Session(
        "digital", DAY + 30, 50, "ru", ("galeev", "ermekova"),
        {
            "ru": "Открытый час: приносите свои программы",
            "en": "Open hour: bring your own programs",
            "kk": "Ашық сағат: өз бағдарламаларыңызды әкеліңіз",
        },
        {
            "ru": "Десять учителей по пять минут показывают то, что написали для своего класса. Без конкурса и без жюри.",
            "en": "Ten teachers, five minutes each, show what they wrote for their own class. No contest and no jury.",
            "kk": "Он мұғалім бес минуттан өз сыныбына жазған бағдарламасын көрсетеді. Байқаусыз, қазылар алқасынсыз.",
        },
    ),
)  # fmt: skip
