/* Frames and the handshake of RFC 6455, as little as the crowd and the bare loop need. It opens no socket. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };
enum { FINAL = 0x80, SQUEEZED = 0x40, MASKED = 0x80 };

/* The sample nonce of RFC 6455 (1.3) and its answer: a bench need not compute what hides nothing. */
#define NONCE "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPTED "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

struct frame {
    int kind;       /* opcode; -1: what no honest peer sends */
    int squeezed;   /* its payload is a deflate stream */
    const unsigned char *mask;
    char *payload;
    size_t size;
};

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static void *grown(void *old, size_t bytes) {
    void *found = realloc(old, bytes);
    if (!found) {
        fputs("Out of memory.\n", stderr);
        exit(1);
    }
    return found;
}

/* Write one whole frame; a client's is masked with zeros, which is a mask. `out` has 14 bytes more than the payload. */
static size_t frame(char *out, int kind, const char *payload, size_t size, int masked) {
    unsigned char *p = (unsigned char *)out;
    unsigned char bit = masked ? MASKED : 0;
    *p++ = (unsigned char)(FINAL | kind);
    if (size < 126) {
        *p++ = (unsigned char)(bit | size);
    } else if (size < 65536) {
        *p++ = bit | 126;
        *p++ = (unsigned char)(size >> 8);
        *p++ = (unsigned char)size;
    } else {
        *p++ = bit | 127;
        for (int shift = 56; shift >= 0; shift -= 8) *p++ = (unsigned char)((uint64_t)size >> shift);
    }
    if (masked) {
        memset(p, 0, 4);
        p += 4;
    }
    memcpy(p, payload, size);
    return (size_t)((char *)p - out) + size;
}

/* The first frame of a stream and how many bytes it takes; 0 when it is not whole yet. */
static size_t next_frame(char *stream, size_t have, struct frame *out) {
    unsigned char *p = (unsigned char *)stream;
    if (have < 2) return 0;
    size_t head = 2, size = p[1] & 0x7F;
    if (size == 126) {
        head = 4;
        if (have < head) return 0;
        size = (size_t)p[2] << 8 | p[3];
    } else if (size == 127) {
        head = 10;
        if (have < head) return 0;
        size = 0;
        for (int i = 2; i < 10; i++) size = size << 8 | p[i];
    }
    out->mask = NULL;
    if (p[1] & MASKED) {
        out->mask = p + head;
        head += 4;
    }
    if (have < head || have - head < size) return 0;
    out->kind = (p[0] & 0xB0) == FINAL ? p[0] & 0x0F : -1;
    out->squeezed = p[0] & SQUEEZED;
    out->payload = stream + head;
    out->size = size;
    return head + size;
}

/* Eight bytes at a time: two frames with one digest are the same frame. */
static inline uint64_t digest(const char *p, size_t size) {
    uint64_t h = size * 0x9E3779B97F4A7C15u, word;
    for (; size >= 8; p += 8, size -= 8) {
        memcpy(&word, p, 8);
        h = (h ^ word) * 0x9FB21C651E98DF25u;
        h ^= h >> 29;
    }
    word = 0;
    memcpy(&word, p, size);
    h = (h ^ word) * 0x9FB21C651E98DF25u;
    return h ^ h >> 32;
}
