/* One socket of the swarm, from connecting to what it hears. It decides nothing about when to say what. */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef SQUEEZE
#include <zlib.h>
#endif

enum { SEATS = 4, READ = 1 << 20, INFLATED = 1 << 20, PORTS = 8 };
enum phase { AWAY, CONNECTING, SHAKING, OPEN, GREETED, KNOWN };
enum { NOTHING, OPENED, ENTERED };     /* what a socket is to reach */
enum { OUT, ASKED, IN, LEAVING };      /* of a seat */
enum { HELLO = 1, JOIN, LEAVE, SAY };  /* lowest four bits of a message's id; above them a seat or a message */

struct seat {
    int room, state, joined; /* joined: nothing was heard since the answer to the join */
    long at;           /* last offset heard, -1: never in */
    long retractions;  /* acknowledged before the join was asked */
    double asked;
};

struct member {
    int fd, number, phase, goal, arrived, deaf, seat_count, mine; /* mine: own messages on their way */
    struct seat seats[SEATS];
    double due, pause, hint; /* when to connect again; the last wait; what the server asked for */
    char *rest, *unsent;
    void *window; /* what its compressed messages lean on; NULL: nothing yet */
    size_t rest_size, rest_room, unsent_size;
};

static struct member *crowd;
static int crowd_size, arrived_count, present, faithful, squeeze, narrow;
static int poll_fd, port_count, ports[PORTS];
static struct in_addr host;
static const char *host_name, *path;
static char **tokens;
static int token_count;
static long overlapped, lost, resumed, reloaded, rejoined, refused_handshakes, histories, history_events, in_flight;
static double mark, *backs;
static size_t back_count, back_room;
static double *join_times;
static size_t join_count, join_room;
static char reading[READ + 16], writing[1 << 16];

static void begin(struct member *s);
static void forget_window(struct member *s);
static void say_message(int index);

static void note(double **values, size_t *count, size_t *room, double value) {
    if (*count == *room) {
        *room = *room ? *room * 2 : 1024;
        *values = grown(*values, *room * sizeof **values);
    }
    (*values)[(*count)++] = value;
}

static void listen_for(struct member *s) {
    struct epoll_event e = {.events = (s->deaf ? 0 : EPOLLIN) | (s->unsent_size ? EPOLLOUT : 0), .data.ptr = s};
    if (s->phase == CONNECTING) e.events = EPOLLOUT;
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, s->fd, &e);
}

static void arrive(struct member *s, int there) {
    arrived_count += there - s->arrived;
    s->arrived = there;
    if (there && mark > 0) note(&backs, &back_count, &back_room, now() - mark);
}

static void hang_up(struct member *s, int rudely) {
    struct linger at_once = {1, 0};
    if (s->phase == AWAY) return;
    if (rudely) setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(s->fd);
    if (s->phase >= OPEN) present--;
    s->phase = AWAY;
    s->rest_size = s->unsent_size = 0;
    forget_window(s);
    for (int i = 0; i < s->seat_count; i++) s->seats[i].state = OUT;
    arrive(s, 0);
}

/* Come back after a while that doubles from try to try, as a browser does. */
static void come_back(struct member *s) {
    s->pause = s->pause ? s->pause * 2 : 0.1;
    if (s->pause > 1) s->pause = 1;
    double within = s->hint ? s->hint : s->pause;
    s->hint = 0;
    s->due = now() + within * drand48();
}

static void lose(struct member *s, const char *why) {
    int was_open = s->phase >= OPEN;
    hang_up(s, 1);
    if (was_open) {
        lost++;
        if (!faithful) trouble("Socket %d was closed: %s", s->number, why);
    } else {
        refused_handshakes++;
        if (!faithful) trouble("Socket %d was not let in: %s", s->number, why);
    }
    if (faithful) come_back(s);
    else s->goal = NOTHING;
}

static void send_all(struct member *s, const char *bytes, size_t size) {
    ssize_t sent = s->unsent_size ? 0 : send(s->fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0) sent = 0; /* a broken wire is noticed by reading */
    if ((size_t)sent < size) {
        s->unsent = grown(s->unsent, s->unsent_size + size - (size_t)sent);
        memcpy(s->unsent + s->unsent_size, bytes + sent, size - (size_t)sent);
        s->unsent_size += size - (size_t)sent;
        listen_for(s);
    }
}

static void send_text(struct member *s, const char *text, size_t size) {
    static char framed[1 << 16];
    send_all(s, framed, frame(framed, TEXT, text, size, 1));
}

static void greet(struct member *s) {
    int size = snprintf(writing, sizeof writing, "{\"id\":%d,\"do\":\"hello\",\"token\":\"%s\"}", HELLO,
                        tokens[s->number % token_count]);
    s->phase = GREETED;
    send_text(s, writing, (size_t)size);
}

static size_t join_text(struct member *s, int i, char *out, size_t room_for) {
    struct seat *seat = &s->seats[i];
    struct room *room = &rooms[seat->room];
    int size = snprintf(out, room_for, "{\"id\":%d,\"do\":\"join\",\"room\":\"%s\"", i << 4 | JOIN, room->name);
    if (seat->at >= 0)
        size += snprintf(out + size, room_for - (size_t)size, ",\"after\":{\"epoch\":\"%s\",\"offset\":%ld}", room->epoch,
                         seat->at);
    out[size++] = '}';
    seat->state = ASKED;
    seat->asked = now();
    seat->retractions = retractions;
    return (size_t)size;
}

/* Join every room this socket has a seat for, in one write. */
static void join_all(struct member *s) {
    char text[512];
    size_t size = 0;
    for (int i = 0; i < s->seat_count; i++)
        if (s->seats[i].state == OUT && s->seats[i].room >= 0)
            size += frame(writing + size, TEXT, text, join_text(s, i, text, sizeof text), 1);
    send_all(s, writing, size);
}

static void reached(struct member *s) {
    if (s->arrived) return;
    if (s->goal == OPENED ? s->phase < OPEN : s->phase < KNOWN) return;
    for (int i = 0; s->goal == ENTERED && i < s->seat_count; i++)
        if (s->seats[i].room >= 0 && s->seats[i].state != IN && s->seats[i].state != LEAVING) return;
    s->pause = 0;
    arrive(s, 1);
    for (int i = 0; faithful && s->mine && i < message_count; i++)
        if (messages[i].sender == s->number && messages[i].state < ACKNOWLEDGED) say_message(i);
}

static void shake(struct member *s) {
    int size = snprintf(writing, sizeof writing,
                        "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " NONCE "\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Protocol: veche.1\r\n%s\r\n",
                        path, host_name,
                        squeeze ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "");
    s->phase = SHAKING;
    listen_for(s);
    send_all(s, writing, (size_t)size);
}

static void begin(struct member *s) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = host};
    to.sin_port = htons((uint16_t)ports[s->number % port_count]);
    int one = 1, small = 16384;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s->fd < 0) {
        perror("A socket could not be made");
        exit(1);
    }
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (narrow) setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    s->phase = CONNECTING;
    s->due = 0;
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = s};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, s->fd, &e);
    if (connect(s->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) lose(s, strerror(errno));
}

static struct seat *seat_in(struct member *s, int room) {
    for (int i = 0; i < s->seat_count; i++)
        if (s->seats[i].room == room) return &s->seats[i];
    return NULL;
}

/* A message was acknowledged, or its own sender heard it; after both it is on its way no more. */
static void came(int index, int at_once) {
    struct message *m = &messages[index];
    if (m->came) return;
    m->came = at_once || (m->heard && m->state == ACKNOWLEDGED);
    crowd[m->sender].mine -= m->came;
    in_flight -= m->came;
}

static void hear_own(struct member *s, int room, long first, long last) {
    for (; s->mine && first <= last; first++) {
        int index = event_at(room, first)->message;
        if (index < 0 || index >= message_count || messages[index].sender != s->number) continue;
        messages[index].heard = 1;
        came(index, 0);
    }
}

static void hear_run(struct member *s, const struct run *run) {
    struct seat *seat = seat_in(s, run->room);
    if (seat && seat->state == ASKED && seat->at >= 0) return; /* it is joining again: the answer will hold this */
    if (!seat || seat->state == OUT || seat->state == ASKED) {
        trouble("Socket %d heard %s, where it is not", s->number, rooms[run->room].name);
        return;
    }
    /* What was on its way when a join was answered may come again: a client ignores what is not above its offset. */
    int overlaps = seat->joined && run->first <= seat->at;
    long before = overlaps ? seat->at : run->first - 1;
    overlapped += overlaps;
    seat->joined = overlaps && run->last <= seat->at;
    if (overlaps && run->last <= seat->at) return;
    if (!overlaps && run->first != seat->at + 1)
        trouble("Socket %d heard %ld-%ld of %s %s, after %ld", s->number, run->first, run->last, rooms[run->room].name,
                run->first <= seat->at ? "again" : "with a gap", seat->at);
    seat->at = run->last;
    deliveries += run->last - before;
    if (run->last > rooms[run->room].top) rooms[run->room].top = run->last;
    hear_own(s, run->room, run->first, run->last);
}

static void hear(struct member *s, char *text, size_t size, uint64_t d, size_t wire_size) {
    struct piece *p = known_piece(d, wire_size);
    if (!p) {
        p = read_piece(d, text, size);
        p->size = wire_size;
        remember(p);
    }
    p->at = last_delivery = now();
    for (int i = 0; i < p->runs; i++) hear_run(s, &p->run[i]);
    if (p->leave >= 0) s->hint = (double)p->leave / 1000;
    struct seat *seat = p->rejoin >= 0 ? seat_in(s, p->rejoin) : NULL;
    if (seat && seat->state == IN) {
        rejoined++;
        size = join_text(s, (int)(seat - s->seats), writing, sizeof writing);
        send_text(s, writing, size);
    }
}

/* What a join is answered with: everything missed, or the room anew. */
static void hear_state(struct member *s, struct seat *seat, const char *text, size_t size) {
    struct room *room = &rooms[seat->room];
    const char *epoch = found(text, size, "\"epoch\":\""), *offset = found(text, size, "\"offset\":");
    const char *same = found(text, size, "\"resumed\":true"), *events = found(text, size, "\"events\":[");
    if (!epoch || !offset || !events) {
        trouble("Socket %d got no state of %s", s->number, room->name);
        return;
    }
    size_t length = strcspn(epoch, "\"");
    long top = atol(offset), at = seat->at, count = 0;
    if (*room->epoch && (strlen(room->epoch) != length || memcmp(room->epoch, epoch, length)))
        trouble("Room %s began anew", room->name);
    if (length < sizeof room->epoch) {
        memcpy(room->epoch, epoch, length);
        room->epoch[length] = 0;
    }
    for (const char *end = text + size, *stop; events < end && *events == '{'; events = stop + (*stop == ',')) {
        long found_at;
        stop = value_end(events, end);
        int number = understand(events, (size_t)(stop - events), &found_at);
        if (number != seat->room) continue;
        struct event *e = event_at(number, found_at);
        if (e->forgotten && e->forgotten <= seat->retractions && found(events, (size_t)(stop - events), "chat.said"))
            trouble("Socket %d read event %ld of %s after it was retracted", s->number, found_at, room->name);
        if (seat->at >= 0 && same) {
            for (long hole = at + 1; hole < found_at; hole++)
                if (!event_at(number, hole)->forget)
                    trouble("Socket %d was not given %ld of %s", s->number, hole, room->name);
            if (found_at <= at) trouble("Socket %d was given %ld of %s again", s->number, found_at, room->name);
            deliveries++;
            hear_own(s, number, found_at, found_at);
        }
        at = found_at;
        count++;
    }
    for (long hole = at + 1; seat->at >= 0 && same && hole <= top; hole++)
        if (!event_at(seat->room, hole)->forget)
            trouble("Socket %d was not given %ld of %s", s->number, hole, room->name);
    histories++;
    history_events += count;
    if (seat->at >= 0) (*(same ? &resumed : &reloaded))++;
    seat->at = top;
    seat->state = IN;
    seat->joined = 1;
    if (top > room->top) room->top = top;
    last_delivery = now();
    note(&join_times, &join_count, &join_room, last_delivery - seat->asked);
    reached(s);
}

static void hear_ack(struct member *s, int index, const char *text, size_t size) {
    struct message *m = &messages[index];
    const char *at = found(text, size, "\"at\":"), *wait = found(text, size, "\"retry_after\":");
    const char *item = found(text, size, "\"item\":\"");
    if (m->state >= ACKNOWLEDGED) {
        if (!faithful) trouble("Message %d was answered twice", index);
    } else if (at) {
        m->state = ACKNOWLEDGED;
        m->at = atol(at);
        if (m->kind == RETRACTION) event_at(m->room, m->target)->forgotten = (int)++retractions;
        if (m->kind == QUESTION) m->item = strndup(item ? item : "", item ? strcspn(item, "\"") : 0);
        came(index, 0);
    } else if (faithful && wait) {
        m->again = now() + atof(wait);
    } else {
        m->state = REFUSED;
        came(index, 1);
    }
    (void)s;
}

static void hear_answer(struct member *s, const char *text, size_t size) {
    const char *number = found(text, size < 32 ? size : 32, "\"re\":"), *ok = found(text, size < 64 ? size : 64, "\"ok\":");
    long id = number ? atol(number) : 0, which = id >> 4;
    if ((id & 15) == HELLO && ok) {
        s->phase = KNOWN;
        join_all(s);
        reached(s);
    } else if ((id & 15) == JOIN && which < s->seat_count) {
        if (ok) hear_state(s, &s->seats[which], text, size);
        else if (faithful) hang_up(s, 1), come_back(s); /* too busy to answer */
        else trouble("Socket %d may not join: %.*s", s->number, (int)size, text);
    } else if ((id & 15) == LEAVE && ok && which < s->seat_count) {
        s->seats[which].state = OUT;
        s->seats[which].room = -1;
    } else if ((id & 15) == SAY && which < message_count) {
        hear_ack(s, (int)which, text, size);
    } else if ((id & 15) == HELLO) {
        lose(s, "its pass was refused");
    } else {
        trouble("Socket %d was told %.*s", s->number, (int)size, text);
    }
}

/* A socket's next compressed message as text, which may lean on those before; its length, or 0. */
static size_t inflated(struct member *s, const char *bytes, size_t size, char *out) {
#ifdef SQUEEZE
    z_stream *z = s->window;
    if (!z) {
        z = s->window = calloc(1, sizeof *z);
        if (!z || inflateInit2(z, -15) != Z_OK) exit(1);
    }
    z->next_in = (unsigned char *)bytes;
    z->avail_in = (unsigned)size;
    z->next_out = (unsigned char *)out;
    z->avail_out = INFLATED;
    inflate(z, Z_SYNC_FLUSH);
    z->next_in = (unsigned char *)"\0\0\377\377"; /* RFC 7692, 7.2.2 */
    z->avail_in = 4;
    inflate(z, Z_SYNC_FLUSH);
    return INFLATED - z->avail_out;
#else
    (void)s, (void)bytes, (void)size, (void)out;
    return 0;
#endif
}

static void forget_window(struct member *s) {
#ifdef SQUEEZE
    if (s->window) inflateEnd(s->window);
    free(s->window);
#endif
    s->window = NULL;
}

static void hear_frame(struct member *s, struct frame *f) {
    static char plain[INFLATED + 1];
    if (f->kind == PING) {
        send_all(s, writing, frame(writing, PONG, f->payload, f->size, 1));
    } else if (f->kind == CLOSE) {
        char why[140];
        snprintf(why, sizeof why, "%d %.*s", f->size > 1 ? (unsigned char)f->payload[0] << 8 | (unsigned char)f->payload[1] : 0,
                 (int)(f->size > 2 ? f->size - 2 : 0), f->payload + 2);
        lose(s, why);
    } else if (f->kind != TEXT || f->mask || (f->squeezed && !squeeze)) {
        trouble("Socket %d got a frame that no server may send", s->number);
    } else {
        char *text = f->payload;
        size_t size = f->size;
        if (f->squeezed) {
            size = inflated(s, f->payload, f->size, plain);
            text = plain;
            plain[size] = 0;
        }
        uint64_t d = *text == '[' ? digest(text, size) : 0;
        if (d) hear(s, text, size, d, size);
        else hear_answer(s, text, size);
    }
}

static void read_member(struct member *s) {
    memcpy(reading, s->rest, s->rest_size);
    ssize_t got = recv(s->fd, reading + s->rest_size, READ - s->rest_size, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) lose(s, got ? strerror(errno) : "without a word");
        return;
    }
    octets += got;
    reads++;
    size_t have = s->rest_size + (size_t)got, at = 0, size;
    s->rest_size = 0;
    if (s->phase == SHAKING) {
        reading[have] = 0;
        char *end = strstr(reading, "\r\n\r\n");
        if (end && memcmp(reading, "HTTP/1.1 101 ", 13)) {
            lose(s, "no 101");
            return;
        }
        if (end) {
            at = (size_t)(end + 4 - reading);
            s->phase = OPEN;
            present++;
            if (s->goal == ENTERED) greet(s);
            reached(s);
        }
    }
    struct frame f;
    while (s->phase >= OPEN && (size = next_frame(reading + at, have - at, &f))) {
        at += size;
        hear_frame(s, &f);
    }
    if (s->phase == AWAY) return;
    s->rest_size = have - at;
    if (s->rest_size > s->rest_room) s->rest = grown(s->rest, s->rest_room = s->rest_size);
    memcpy(s->rest, reading + at, s->rest_size);
}

static void serve(struct member *s, unsigned events) {
    if (s->phase == AWAY) return;
    if (s->phase == CONNECTING) {
        int wrong = 0;
        socklen_t size = sizeof wrong;
        getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &wrong, &size);
        if (wrong) lose(s, strerror(wrong));
        else shake(s);
        return;
    }
    if (events & EPOLLOUT && s->unsent_size) {
        ssize_t sent = send(s->fd, s->unsent, s->unsent_size, MSG_NOSIGNAL);
        if (sent > 0) memmove(s->unsent, s->unsent + sent, s->unsent_size -= (size_t)sent);
        listen_for(s);
    }
    if (events & EPOLLIN) read_member(s);
    else if (events & (EPOLLERR | EPOLLHUP)) lose(s, "the wire broke");
}
