/* One frame to many sockets in one call: what a loop over transport.write does, without the interpreter in between. */

#include <sys/socket.h>
#include <sys/types.h>

/* Sends the frame to each descriptor that is not negative, and waits for none.
   Returns how many did not take all of it: which[] are their places, took[] what they took. */
int broadcast(const int *sockets, int count, const char *frame, long size, int *which, long *took)
{
    int left = 0;
    for (int i = 0; i < count; i++) {
        long sent = sockets[i] < 0 ? 0 : send(sockets[i], frame, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent != size) {
            which[left] = i;
            took[left++] = sent < 0 ? 0 : sent;
        }
    }
    return left;
}
