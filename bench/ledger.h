/* What a crowd said and heard, and whether it fits together. It touches no socket.
 *
 * All sockets hear the same bytes, so a frame is understood once and recognised by the others by its digest; a frame that
 * differs is understood on its own, and every event in it must be the one already known at its offset.
 */

#include <stdarg.h>

enum { ROOMS = 64, SHOWN = 20, SENTENCE = 240 };

struct event {
    uint64_t digest; /* 0: never heard */
    double last;     /* when the last socket heard it */
    int message;     /* index of what we said, -1: somebody else's */
    int forget;      /* somebody asked to retract it: it may be missing in later reads */
    int forgotten;   /* how many retractions were acknowledged when this one was; 0: not yet */
};

struct room {
    char name[72];
    char epoch[72];
    struct event *events;
    long room_for, top;
    long listeners;
};

struct run { /* events of one room that follow each other in a frame */
    int room;
    long first, last;
};

struct piece { /* one distinct frame */
    uint64_t digest;
    size_t size;
    int runs, rejoin; /* room to join again, or -1 */
    long leave;       /* milliseconds within which to connect again, or -1 */
    double at;        /* when it was last recognised */
    struct run run[]; /* `runs` of them */
};

enum { UNSAID, SAID, ACKNOWLEDGED, REFUSED };
enum { WORDS, RETRACTION, QUESTION, APPROVAL, KINDS }; /* what a message is */

struct message {
    double said, again; /* when it is sent again; 0: not planned */
    long at, target;    /* its offset; the offset that it retracts, or the message that it approves */
    char *item;         /* a question's name, as the server gave it */
    int kind, sender, room, state, size, heard, came; /* room: where it stands */
    int hall, approval; /* of a question, which stands at the desk: where it is asked; the message, 0: none yet */
};

static struct room rooms[ROOMS];
static int room_count;
static struct piece **pieces;
static size_t piece_room = 1 << 12, piece_count;
static struct piece **heard_pieces; /* in the order of their first appearance */
static struct message *messages;
static int message_count, message_room;
static char key_prefix[16];
static long deliveries, octets, reads, besides;
static long retractions; /* acknowledged */
static double last_delivery;
static char troubles[SHOWN][SENTENCE];
static long trouble_count;

__attribute__((format(printf, 1, 2))) static void trouble(const char *sentence, ...) {
    if (trouble_count < SHOWN) {
        va_list words;
        va_start(words, sentence);
        vsnprintf(troubles[trouble_count], SENTENCE, sentence, words);
        va_end(words);
        for (char *c = troubles[trouble_count]; *c; c++)
            if (*c == '"' || *c == '\\' || (unsigned char)*c < 32 || (unsigned char)*c > 126) *c = '\'';
    }
    trouble_count++;
}

static int room_number(const char *name, size_t size) {
    for (int i = 0; i < room_count; i++)
        if (strlen(rooms[i].name) == size && !memcmp(rooms[i].name, name, size)) return i;
    if (room_count == ROOMS || size >= sizeof rooms[0].name) {
        fputs("Too many rooms, or a name too long.\n", stderr);
        exit(1);
    }
    memcpy(rooms[room_count].name, name, size);
    return room_count++;
}

static struct event *event_at(int room, long offset) {
    struct room *r = &rooms[room];
    if (offset < 0 || offset > 100000000) return NULL;
    if (offset >= r->room_for) {
        long more = (offset + 1) * 2;
        r->events = grown(r->events, (size_t)more * sizeof *r->events);
        for (long i = r->room_for; i < more; i++) r->events[i] = (struct event){.message = -1};
        r->room_for = more;
    }
    return &r->events[offset];
}

static const char *found(const char *text, size_t size, const char *what) {
    const char *at = memmem(text, size, what, strlen(what));
    return at ? at + strlen(what) : NULL;
}

/* The end of the JSON value that begins at p; end when it does not end. */
static const char *value_end(const char *p, const char *end) {
    int depth = 0, quoted = 0;
    for (; p < end; p++) {
        if (quoted) {
            if (*p == '\\') p++;
            else if (*p == '"') quoted = 0;
        } else if (*p == '"') {
            quoted = 1;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (--depth == 0) return p + 1;
        }
    }
    return end;
}

/* Whose words are these: a question's at its desk, its approval's elsewhere; -1: no question of ours is in them. */
static int question_in(const char *text, size_t size, int room) {
    char sign[sizeof key_prefix + 1];
    snprintf(sign, sizeof sign, "?%s", key_prefix);
    const char *number = found(text, size, sign);
    int index = number ? atoi(number) : -1;
    if (index < 0 || index >= message_count || messages[index].kind != QUESTION) return -1;
    if (room == messages[index].room) return index;
    if (!messages[index].approval)
        trouble("Question %d was heard %s%s before it was approved", index, room < 0 ? "" : "in ",
                room < 0 ? "besides" : rooms[room].name);
    return messages[index].approval;
}

/* Look at one event `{"room":R,"at":N,...}`; its room and offset, or -1 when it is something else. */
static int understand(const char *text, size_t size, long *offset) {
    static const char head[] = "{\"room\":\"";
    if (size < sizeof head || memcmp(text, head, sizeof head - 1)) return -1;
    const char *name = text + sizeof head - 1, *end = memchr(name, '"', size - (sizeof head - 1));
    if (!end || size - (size_t)(end - text) < 8 || memcmp(end, "\",\"at\":", 7)) return -1;
    int room = room_number(name, (size_t)(end - name));
    *offset = strtol(end + 7, NULL, 10);
    struct event *e = event_at(room, *offset);
    if (!e) {
        trouble("An event of %s stands at %ld", rooms[room].name, *offset);
        return -1;
    }
    int asked = question_in(text, size, room);
    if (found(text, size, "\"is\":\"gone\"")) {
        if (!e->forget) trouble("Event %ld of %s is gone, and nobody retracted it", *offset, rooms[room].name);
        if (!e->digest) e->digest = 1;
        return room;
    }
    uint64_t d = digest(text, size) | 1;
    if (e->digest > 1 && e->digest != d) trouble("Two events stand at offset %ld of %s", *offset, rooms[room].name);
    if (e->digest <= 1) {
        e->digest = d;
        const char *key = found(text, size, "\"key\":\"");
        size_t prefix = strlen(key_prefix);
        if (asked >= 0) e->message = asked;
        else if (key && !memcmp(key, key_prefix, prefix)) e->message = atoi(key + prefix);
    }
    return room;
}

/* Understand a frame of events and notices. */
static struct piece *read_piece(uint64_t d, const char *text, size_t size) {
    struct piece *p = grown(NULL, sizeof *p);
    *p = (struct piece){.digest = d, .size = size, .rejoin = -1, .leave = -1};
    for (const char *at = text + 1, *end = text + size; at < end && *at != ']'; at++) {
        const char *stop = value_end(at, end);
        long offset, length = stop - at;
        int room = understand(at, (size_t)length, &offset);
        if (room >= 0) {
            struct run *run = p->runs ? &p->run[p->runs - 1] : NULL;
            if (run && run->room == room && run->last + 1 == offset) {
                run->last = offset;
            } else {
                p = grown(p, sizeof *p + (size_t)(p->runs + 1) * sizeof *run);
                p->run[p->runs++] = (struct run){room, offset, offset};
            }
        } else if (found(at, (size_t)length, "\"is\":\"rejoin\"")) {
            const char *name = found(at, (size_t)length, "\"room\":\"");
            if (name) p->rejoin = room_number(name, strcspn(name, "\""));
        } else if (found(at, (size_t)length, "\"is\":\"reconnect\"")) {
            const char *within = found(at, (size_t)length, "\"within\":");
            p->leave = within ? atol(within) : 1000;
        } else {
            besides++;
            question_in(at, (size_t)length, -1);
        }
        at = stop;
        if (*at == ']') break;
    }
    return p;
}

/* The piece with these bytes, or NULL: then it has to be read and remembered. */
static struct piece *known_piece(uint64_t d, size_t size) {
    if (!pieces) return NULL;
    for (size_t i = d & (piece_room - 1);; i = (i + 1) & (piece_room - 1)) {
        if (!pieces[i]) return NULL;
        if (pieces[i]->digest == d && pieces[i]->size == size) return pieces[i];
    }
}

static void remember(struct piece *p) {
    if (!pieces || piece_count * 2 > piece_room) {
        if (pieces) piece_room *= 2;
        free(pieces);
        pieces = calloc(piece_room, sizeof *pieces);
        heard_pieces = grown(heard_pieces, piece_room * sizeof *heard_pieces);
        if (!pieces) exit(1);
        size_t old = piece_count;
        for (piece_count = 0; piece_count < old; piece_count++) {
            size_t i = heard_pieces[piece_count]->digest & (piece_room - 1);
            while (pieces[i]) i = (i + 1) & (piece_room - 1);
            pieces[i] = heard_pieces[piece_count];
        }
    }
    size_t i = p->digest & (piece_room - 1);
    while (pieces[i]) i = (i + 1) & (piece_room - 1);
    pieces[i] = heard_pieces[piece_count++] = p;
}

static int new_message(struct message m) {
    if (message_count == message_room) {
        message_room = message_room ? message_room * 2 : 1024;
        messages = grown(messages, (size_t)message_room * sizeof *messages);
    }
    m.heard = m.kind != WORDS;
    messages[message_count] = m;
    return message_count++;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value below which a part of n values lies (nearest rank); sorts them. */
static double share(double *values, size_t n, double part) {
    if (!n) return 0;
    qsort(values, n, sizeof *values, ascending);
    size_t rank = (size_t)((double)n * part);
    return values[rank < n ? rank : n - 1];
}
