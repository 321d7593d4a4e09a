/* A crowd of sockets in one process, told what to do line by line and answering each line with one of JSON.
 *
 * swarm PASSES PREFIX HOST PATH PORT...    PASSES is a file of passes, PREFIX begins the keys of this run's messages.
 * It never measures the server, and it believes nothing the server says: see ledger.h.
 */

#define _GNU_SOURCE
#include "frames.h"
#include "ledger.h"
#include "swarm.h"

#include <sys/resource.h>

enum { EVENTS = 256, LATE = 20000 };
static const double GLANCE = 0.005; /* seconds between two looks at who is due */
static const double PATIENCE = 30;  /* seconds for anything a command waits for */

static struct speech { /* what is being said in the background */
    int on, kind, senders, size, room, next, from;
    int desk, moderator; /* of questions */
    long window;
    double rate, start, end;
} talk, asking; /* at the same time, if need be */
enum { AT_A_RATE = 1, FLAT_OUT, RETRACTING, APPROVING };

static char command[4096];
static size_t command_size;
static int command_ready, over;
static double glanced;
static long own_micros;

static long micros(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000L + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

/* So many letters of plain words, other ones in each message, or compression would look better than it is. */
static int babble(char *out, int letters, uint32_t seed) {
    static const char *const words[] = {
        "school", "teacher", "lesson", "about", "question", "we", "think", "the", "a", "class", "children", "often", "never",
        "slide", "number", "please", "repeat", "thank", "you", "for", "talk", "where", "can", "find", "record", "of", "hall",
        "morning", "method", "reading", "maths", "physics", "with", "without", "phone", "paper", "task", "homework", "grade",
        "parents", "meeting", "is", "are", "was", "will", "be", "good", "better", "difficult", "simple", "idea", "agree", "not",
        "really", "why", "how", "many", "pupils", "in", "your", "our", "region", "village", "city", "budget", "time", "hour",
        "week", "project", "team", "share", "link", "book", "author", "example", "result", "test", "exam", "next", "last",
        "year", "language", "Kazakh", "Russian", "English", "sound", "screen", "too", "quiet", "loud", "great", "interesting",
        "first", "second", "speaker", "and", "or", "but", "when", "there", "here", "hello", "from", "Almaty", "Kazan", "Omsk",
    };
    int size = 0;
    while (size < letters) {
        seed = seed * 1664525u + 1013904223u;
        for (const char *w = words[(seed >> 12) % (sizeof words / sizeof *words)]; *w && size < letters; w++) out[size++] = *w;
        if (size < letters) out[size++] = ' ';
    }
    out[0] = 'S', out[size - 1] = '.';
    return size;
}

static void say_message(int index) {
    struct message *m = &messages[index];
    struct member *s = &crowd[m->sender];
    if (!s->arrived) return; /* said when it is back */
    static const char *const verbs[] = {"chat.say", "chat.retract", "question.ask", "question.move"};
    int size = snprintf(writing, sizeof writing, "{\"id\":%ld,\"do\":\"%s\",\"room\":\"%s\",\"key\":\"%s%07d\",",
                        (long)index << 4 | SAY, verbs[m->kind], rooms[m->kind == QUESTION ? m->hall : m->room].name,
                        key_prefix, index);
    if (m->kind == RETRACTION) {
        size += snprintf(writing + size, 64, "\"target\":%ld}", m->target);
    } else if (m->kind == APPROVAL) {
        struct message *asked = &messages[m->target];
        size += snprintf(writing + size, 256, "\"item\":\"%s\",\"verb\":\"approve\",\"seen\":%ld}", asked->item, asked->at);
    } else {
        size += snprintf(writing + size, 64, "\"text\":\"");
        if (m->kind == QUESTION) size += snprintf(writing + size, 64, "?%s%07d ", key_prefix, index);
        size += babble(writing + size, m->size, (uint32_t)index);
        size += snprintf(writing + size, 8, "\"}");
    }
    if (m->state == UNSAID) m->said = now();
    m->state = SAID;
    m->again = 0;
    send_text(s, writing, (size_t)size);
}

static void say(struct message m) {
    int index = new_message(m);
    crowd[m.sender].mine++;
    in_flight++;
    if (m.kind == RETRACTION) event_at(m.room, m.target)->forget = 1;
    if (m.kind == APPROVAL) messages[m.target].approval = index;
    if (!crowd[m.sender].arrived) messages[index].said = now();
    say_message(index);
}

static void say_words(int sender, int room, int size) {
    say((struct message){.kind = WORDS, .sender = sender, .room = room, .size = size});
}

static void retract(struct message *m) {
    say((struct message){.kind = RETRACTION, .sender = m->sender, .room = m->room, .target = m->at});
}

static int next_sender(struct speech *s) {
    for (int tries = 0; tries < s->senders; tries++) {
        int sender = s->next++ % s->senders;
        if (faithful || crowd[sender].arrived) return sender;
    }
    return 0;
}

/* Retract the oldest text of this speech that is acknowledged and stands yet, or approve the oldest question at the desk. */
static void follow_up(struct speech *s) {
    int kind = s->kind == RETRACTING ? WORDS : QUESTION;
    for (; s->from < message_count; s->from++) {
        struct message *m = &messages[s->from];
        if (m->kind != kind || m->state == REFUSED) continue;
        if (m->state != ACKNOWLEDGED) return;
        if (kind == QUESTION && seat_in(&crowd[s->moderator], s->desk)->at < m->at) return;
        if (kind == WORDS) retract(m);
        else say((struct message){.kind = APPROVAL, .sender = s->moderator, .room = s->room, .target = s->from});
        s->from++;
        return;
    }
}

static void speak(struct speech *s) {
    if (!s->on) return;
    double t = now();
    if (s->kind == FLAT_OUT) {
        while (in_flight < s->window && t < s->end) say_words(next_sender(s), s->room, s->size);
    } else {
        while (t < s->end && s->start + s->next / s->rate <= t) {
            int sender = next_sender(s);
            if (s->kind != APPROVING) say_words(sender, s->room, s->size);
            else say((struct message){.kind = QUESTION, .sender = sender, .room = s->desk, .hall = s->room, .size = s->size});
            if (s->kind != AT_A_RATE) follow_up(s);
        }
    }
    if (t >= s->end) s->on = 0;
}

static void speak_all(void) {
    speak(&talk);
    speak(&asking);
}

/* Whoever is due comes back; what was put off is said again. */
static void glance(void) {
    double t = now();
    if (t - glanced < GLANCE) return;
    glanced = t;
    for (int i = 0; faithful && arrived_count < crowd_size && i < crowd_size; i++)
        if (crowd[i].goal && crowd[i].phase == AWAY && crowd[i].due && crowd[i].due <= t) begin(&crowd[i]);
    for (int i = message_count > LATE ? message_count - LATE : 0; faithful && i < message_count; i++)
        if (messages[i].state == SAID && messages[i].again && messages[i].again <= t) say_message(i);
}

static void read_command(void) {
    ssize_t got = read(0, command + command_size, sizeof command - 1 - command_size);
    if (got <= 0) over = 1;
    else command_size += (size_t)got;
    command[command_size] = 0;
    command_ready = over || strchr(command, '\n') != NULL;
}

static void turn(void) {
    static struct epoll_event happened[EVENTS];
    speak_all();
    int count = epoll_wait(poll_fd, happened, EVENTS, 1);
    for (int i = 0; i < count; i++) {
        if (happened[i].data.ptr) serve(happened[i].data.ptr, happened[i].events);
        else if (!command_ready) read_command();
        if ((i & 31) == 31) speak_all();
    }
    glance();
}

static int wait_until(int (*met)(void), double patience) {
    for (double end = now() + patience; !met();) {
        if (now() > end) return 0;
        turn();
    }
    return 1;
}

static int everyone_arrived(void) {
    for (int i = 0; i < crowd_size; i++)
        if (crowd[i].goal && !crowd[i].arrived && !crowd[i].deaf) return 0;
    return 1;
}

static int all_heard(void) {
    if (talk.on || asking.on || !everyone_arrived()) return 0;
    for (int i = 0; i < message_count; i++)
        if (messages[i].state < ACKNOWLEDGED) return 0;
        else if (messages[i].state == ACKNOWLEDGED && messages[i].at > rooms[messages[i].room].top) return 0;
    for (int i = 0; i < crowd_size; i++)
        for (int k = 0; crowd[i].goal == ENTERED && !crowd[i].deaf && k < crowd[i].seat_count; k++) {
            struct seat *seat = &crowd[i].seats[k];
            if (seat->room >= 0 && (seat->state != IN || seat->at < rooms[seat->room].top)) return 0;
        }
    return 1;
}

static void say_times(const char *name, double *times, size_t count) {
    printf(",\"%s\":{\"count\":%zu", name, count);
    printf(",\"p50\":%.6f", share(times, count, 0.5));
    printf(",\"p95\":%.6f", share(times, count, 0.95));
    printf(",\"p99\":%.6f", share(times, count, 0.99));
    printf(",\"most\":%.6f}", count ? times[count - 1] : 0);
}

/* What became of the messages since the last report. */
static void judge(int from) {
    static const char *const names[] = {"late", "late_retracts", "late_questions", "late_approvals"};
    long acknowledged = 0, refused = 0;
    double *late[KINDS];
    size_t counts[KINDS] = {0};
    for (int kind = 0; kind < KINDS; kind++) late[kind] = grown(NULL, (size_t)(message_count - from + 1) * sizeof **late);
    for (size_t i = 0; i < piece_count; i++)
        for (int k = 0; k < heard_pieces[i]->runs; k++)
            for (long at = heard_pieces[i]->run[k].first; at <= heard_pieces[i]->run[k].last; at++) {
                struct event *e = event_at(heard_pieces[i]->run[k].room, at);
                if (heard_pieces[i]->at > e->last) e->last = heard_pieces[i]->at;
            }
    for (int i = from; i < message_count; i++) {
        struct message *m = &messages[i];
        struct event *e = m->state == ACKNOWLEDGED ? event_at(m->room, m->at) : NULL;
        acknowledged += e != NULL;
        refused += m->state == REFUSED;
        if (m->state < ACKNOWLEDGED) trouble("Message %d was never answered", i);
        else if (e && !e->digest && !e->forget) trouble("Message %d was acknowledged at %ld, where nobody heard it", i, m->at);
        else if (e && m->kind != RETRACTION && !e->forget && e->message != i) trouble("Message %d was acknowledged at %ld, where another stands", i, m->at);
        else if (e && e->last > 0) late[m->kind][counts[m->kind]++] = e->last - m->said;
    }
    printf("\"messages\":%d,\"acknowledged\":%ld,\"refused\":%ld", message_count - from, acknowledged, refused);
    for (int kind = 0; kind < KINDS; kind++) {
        say_times(names[kind], late[kind], counts[kind]);
        free(late[kind]);
    }
}

static void report(void) {
    static int from;
    putchar('{');
    judge(from);
    from = message_count;
    printf(",\"deliveries\":%ld,\"octets\":%ld,\"reads\":%ld,\"besides\":%ld", deliveries, octets, reads, besides);
    printf(",\"seconds\":%.6f,\"own_cpu\":%.6f", last_delivery - talk.start, (double)(micros() - own_micros) / 1e6);
    printf(",\"arrived\":%d,\"lost\":%ld,\"resumed\":%ld,\"reloaded\":%ld,\"rejoined\":%ld,\"refused_handshakes\":%ld",
           arrived_count, lost, resumed, reloaded, rejoined, refused_handshakes);
    printf(",\"overlapped\":%ld", overlapped);
    printf(",\"histories\":%ld,\"history_events\":%ld", histories, history_events);
    say_times("backs", backs, back_count);
    say_times("joins", join_times, join_count);
    printf(",\"trouble_count\":%ld,\"troubles\":[", trouble_count);
    for (long i = 0; i < trouble_count && i < SHOWN; i++) printf("%s\"%s\"", i ? "," : "", troubles[i]);
    puts("]}");
    deliveries = octets = reads = besides = lost = resumed = reloaded = rejoined = refused_handshakes = 0;
    histories = history_events = overlapped = 0;
    back_count = join_count = 0;
    own_micros = micros();
}

#include "orders.h"

int main(int count, char **words) {
    if (count < 6) {
        fputs("swarm PASSES PREFIX HOST PATH PORT...\n", stderr);
        return 2;
    }
    read_passes(words[1]);
    snprintf(key_prefix, sizeof key_prefix, "%s", words[2]);
    host_name = words[3];
    path = words[4];
    if (inet_pton(AF_INET, host_name, &host) != 1) {
        fputs("HOST is an IPv4 address.\n", stderr);
        return 2;
    }
    for (int i = 5; i < count && port_count < PORTS; i++) ports[port_count++] = atoi(words[i]);
    poll_fd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &e);
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    own_micros = micros();
    while (!over) {
        while (!command_ready) turn();
        if (over) break;
        obey();
        fflush(stdout);
    }
    return 0;
}
