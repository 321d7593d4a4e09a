/* The least a socket server can do, as the measure of the others: one room, one thread, no rights, no memory.
 *
 * bare each|merge    prints its port. `each` sends every message by itself; `merge` joins what came until 10 ms
 * after the end of the last flush. It answers whatever it does not know with yes.
 */

#define _GNU_SOURCE
#include "frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

enum { READ = 1 << 16, EVENTS = 512 };
static const double WINDOW = 0.010; /* seconds, as our own server has it */

struct visitor {
    int fd, open;
    size_t number; /* its place in the list */
    char *rest, *unsent;
    size_t rest_size, unsent_size;
};

static struct visitor **visitors;
static size_t visitor_count, visitor_room;
static int poll_fd, merging;
static long top;
static char *waiting; /* events not told yet, each followed by a comma */
static size_t waiting_size, waiting_room;
static double flushed_at;
static char reading[READ * 2 + 1], framed[1 << 22];

static void listen_for(struct visitor *v) {
    struct epoll_event e = {.events = EPOLLIN | (v->unsent_size ? EPOLLOUT : 0), .data.ptr = v};
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, v->fd, &e);
}

static void send_to(struct visitor *v, const char *bytes, size_t size) {
    ssize_t sent = v->unsent_size ? 0 : send(v->fd, bytes, size, MSG_NOSIGNAL);
    if (sent == (ssize_t)size) return;
    if (sent < 0) sent = 0;
    v->unsent = grown(v->unsent, v->unsent_size + size - (size_t)sent);
    memcpy(v->unsent + v->unsent_size, bytes + sent, size - (size_t)sent);
    v->unsent_size += size - (size_t)sent;
    listen_for(v);
}

static void flush(void) {
    if (!waiting_size) return;
    waiting[waiting_size - 1] = ']';
    size_t size = frame(framed, TEXT, waiting, waiting_size, 0);
    for (size_t i = 0; i < visitor_count; i++)
        if (visitors[i]->open) send_to(visitors[i], framed, size);
    waiting_size = 0;
    flushed_at = now();
}

static void say(const char *rest, size_t size) {
    size_t need = waiting_size + size + 256;
    if (need > waiting_room) waiting = grown(waiting, waiting_room = need * 2);
    if (!waiting_size) waiting[waiting_size++] = '[';
    waiting_size += (size_t)sprintf(waiting + waiting_size,
                                    "{\"room\":\"chat:1\",\"at\":%ld,\"is\":\"chat.said\",\"user\":1,\"name\":\"Stranger\","
                                    "\"badge\":\"\",\"when\":1700000000000,", ++top);
    memcpy(waiting + waiting_size, rest, size);
    waiting_size += size;
    waiting[waiting_size++] = ',';
    if (!merging || waiting_size > sizeof framed / 2) flush();
}

static void hear(struct visitor *v, char *text, size_t size) {
    char answer[200], whole[220];
    long id = 0;
    char *number = memmem(text, size, "\"id\":", 5), *key = memmem(text, size, "\"key\":\"", 7);
    if (number) id = atol(number + 5);
    if (key && memmem(text, size, "\"chat.say\"", 10)) say(key, size - (size_t)(key - text));
    int length = snprintf(answer, sizeof answer,
                          "{\"re\":%ld,\"ok\":{\"room\":\"chat:1\",\"epoch\":\"bare\",\"at\":%ld,\"offset\":%ld,"
                          "\"resumed\":false,\"events\":[]}}", id, top, top);
    send_to(v, whole, frame(whole, TEXT, answer, (size_t)length, 0));
}

static void leave(struct visitor *v) {
    close(v->fd);
    visitors[v->number] = visitors[--visitor_count];
    visitors[v->number]->number = v->number;
    free(v->rest);
    free(v->unsent);
    free(v);
}

static size_t shake(struct visitor *v, size_t have) {
    static const char yes[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Accept: " ACCEPTED "\r\nSec-WebSocket-Protocol: veche.1\r\n\r\n";
    reading[have] = 0;
    char *end = strstr(reading, "\r\n\r\n");
    if (!end) return 0;
    send_to(v, yes, sizeof yes - 1);
    v->open = 1;
    return (size_t)(end + 4 - reading);
}

static void read_from(struct visitor *v) {
    memcpy(reading, v->rest, v->rest_size);
    ssize_t got = recv(v->fd, reading + v->rest_size, READ, 0);
    if (got <= 0) {
        if (!(got < 0 && errno == EAGAIN)) leave(v);
        return;
    }
    size_t have = v->rest_size + (size_t)got, at = v->open ? 0 : shake(v, have), size;
    struct frame f;
    while (v->open && (size = next_frame(reading + at, have - at, &f))) {
        at += size;
        if (f.kind == CLOSE || f.kind < 0) {
            leave(v);
            return;
        }
        for (size_t i = 0; f.mask && i < f.size; i++) f.payload[i] ^= (char)f.mask[i & 3];
        if (f.kind == TEXT) hear(v, f.payload, f.size);
    }
    v->rest_size = have - at;
    if (v->rest_size > READ) {
        leave(v);
        return;
    }
    v->rest = grown(v->rest, v->rest_size + 1);
    memcpy(v->rest, reading + at, v->rest_size);
}

static void meet(int door) {
    for (int fd; (fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct visitor *v = grown(NULL, sizeof *v);
        *v = (struct visitor){.fd = fd, .number = visitor_count};
        if (visitor_count == visitor_room)
            visitors = grown(visitors, (visitor_room = visitor_room * 2 + 64) * sizeof(struct visitor *));
        visitors[visitor_count++] = v;
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = v};
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &e);
    }
}

static int wait_ms(void) {
    if (!waiting_size) return -1;
    double left = flushed_at + WINDOW - now();
    return left > 0 ? (int)(left * 1000) + 1 : 0;
}

int main(int count, char **words) {
    static struct epoll_event happened[EVENTS];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    struct rlimit files;
    merging = count > 1 && !strcmp(words[1], "merge");
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(door, (struct sockaddr *)&at, sizeof at) || listen(door, 4096) ||
        getsockname(door, (struct sockaddr *)&at, &size)) {
        perror("The bare loop cannot listen");
        return 1;
    }
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    poll_fd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, door, &e);
    for (;;) {
        int ready = epoll_wait(poll_fd, happened, EVENTS, wait_ms());
        for (int i = 0; i < ready; i++) {
            struct visitor *v = happened[i].data.ptr;
            if (!v) {
                meet(door);
                continue;
            }
            if (happened[i].events & EPOLLOUT && v->unsent_size) {
                ssize_t sent = send(v->fd, v->unsent, v->unsent_size, MSG_NOSIGNAL);
                if (sent > 0) memmove(v->unsent, v->unsent + sent, v->unsent_size -= (size_t)sent);
                listen_for(v);
            }
            if (happened[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) read_from(v);
        }
        if (merging && waiting_size && now() - flushed_at >= WINDOW) flush();
    }
}
