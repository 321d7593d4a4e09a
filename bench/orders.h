/* What the swarm may be told, a line each; every order is answered when it is carried out. */

static void answer_ok(int good, const char *why) {
    printf(good ? "{\"ok\":true}\n" : "{\"ok\":false,\"why\":\"%s\"}\n", why);
}

static void read_passes(const char *file) {
    FILE *in = fopen(file, "r");
    char line[9000];
    while (in && fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = 0;
        tokens = grown(tokens, (size_t)(token_count + 1) * sizeof *tokens);
        tokens[token_count++] = strdup(line);
    }
    if (in) fclose(in);
    if (!token_count) {
        fprintf(stderr, "There are no passes in %s.\n", file);
        exit(2);
    }
}

/* Make the crowd larger; nobody may hold a pointer into it while sockets are open, so they are told anew. */
static void seats_for(int size) {
    if (size <= crowd_size) return;
    crowd = grown(crowd, (size_t)size * sizeof *crowd);
    for (int i = crowd_size; i < size; i++) crowd[i] = (struct member){.number = i};
    crowd_size = size;
    for (int i = 0; i < crowd_size; i++)
        if (crowd[i].phase != AWAY) listen_for(&crowd[i]);
}

static int under_way(void) {
    int count = 0;
    for (int i = 0; i < crowd_size; i++) count += crowd[i].goal && !crowd[i].arrived;
    return count;
}

static int gate;
static int gate_open(void) {
    return under_way() < gate;
}

/* open COUNT AT_ONCE: so many handshakes. */
static void order_open(int size, int at_once) {
    seats_for(size);
    gate = at_once;
    double end = now() + PATIENCE * 2;
    for (int i = 0; i < size && now() < end; i++) {
        if (crowd[i].phase != AWAY) continue;
        crowd[i].goal = OPENED;
        begin(&crowd[i]);
        wait_until(gate_open, PATIENCE);
    }
    answer_ok(wait_until(everyone_arrived, PATIENCE) && arrived_count >= size, "not everybody was let in");
}

/* enter AT_ONCE all|spread ROOM...: hello, then joins; `spread` gives each socket one of the rooms in turn. */
static void order_enter(int at_once, int all, int *asked, int count) {
    gate = at_once;
    for (int i = 0; i < crowd_size; i++) {
        struct member *s = &crowd[i];
        if (s->goal == NOTHING || s->goal == ENTERED) continue;
        s->goal = ENTERED;
        s->seat_count = 0;
        for (int k = 0; k < count && s->seat_count < SEATS; k++)
            if (all || k == i % count) s->seats[s->seat_count++] = (struct seat){.room = asked[k], .at = -1};
        arrive(s, 0);
        greet(s);
        wait_until(gate_open, PATIENCE);
    }
    answer_ok(wait_until(everyone_arrived, PATIENCE) && arrived_count == crowd_size, "not everybody came in");
}

/* churn COUNT RATE: so many disconnects of anybody at any time, each comes back and asks for what it missed. */
static void order_churn(int count, double rate) {
    double start = now();
    for (int done = 0; done < count && now() - start < PATIENCE + 4 * count / rate;) {
        if (start + done / rate > now()) {
            turn();
            continue;
        }
        struct member *s = &crowd[lrand48() % crowd_size];
        if (s->arrived) {
            hang_up(s, lrand48() & 1);
            s->due = now() + 0.5 * drand48();
            done++;
        } else {
            turn();
        }
    }
    answer_ok(wait_until(everyone_arrived, PATIENCE), "not everybody came back");
}

/* move SECONDS ROOM: everybody leaves the first room for another one. */
static void order_move(double seconds, int room) {
    double start = now();
    join_count = 0;
    for (int i = 0; i < crowd_size; i++) {
        while (start + seconds * i / crowd_size > now()) turn();
        struct member *s = &crowd[i];
        char text[512];
        size_t size = frame(writing, TEXT, text, (size_t)snprintf(text, sizeof text, "{\"id\":%d,\"do\":\"leave\",\"room\":\"%s\"}",
                                                                  LEAVE, rooms[s->seats[0].room].name), 1);
        s->seats[0].state = LEAVING;
        s->seats[s->seat_count++] = (struct seat){.room = room, .at = -1};
        arrive(s, 0);
        size += frame(writing + size, TEXT, text, join_text(s, s->seat_count - 1, text, sizeof text), 1);
        send_all(s, writing, size);
    }
    answer_ok(wait_until(everyone_arrived, PATIENCE), "not everybody arrived");
}

/* deaf COUNT: the last so many sockets stop reading; deaf 0: all read again. */
static void order_deaf(int count) {
    for (int i = 0; i < crowd_size; i++) {
        int deaf = i >= crowd_size - count;
        if (crowd[i].deaf == deaf) continue;
        crowd[i].deaf = deaf;
        if (crowd[i].phase != AWAY) listen_for(&crowd[i]);
    }
    answer_ok(1, "");
}

/* cycle COUNT SOCKETS: the last so many sockets come and go, rudely or not, so many times together. */
static void order_cycle(int count, int sockets) {
    int done = 0, first = sockets < crowd_size ? crowd_size - sockets : 0;
    double quiet = now();
    while (done < count && now() - quiet < PATIENCE) {
        for (int i = first; i < crowd_size && done < count; i++) {
            struct member *s = &crowd[i];
            if (!s->arrived) continue;
            long manner = lrand48() % 3;
            if (manner == 0) send_all(s, writing, frame(writing, CLOSE, "\x03\xe8", 2, 1));
            hang_up(s, manner != 1);
            for (int k = 0; k < s->seat_count; k++) s->seats[k].at = -1;
            begin(s);
            done++;
            quiet = now();
        }
        turn();
    }
    answer_ok(done == count && wait_until(everyone_arrived, PATIENCE), "the cycles stopped");
}

/* tangle COUNT ROOM: texts, retractions and joins anew by anybody in any order. */
static void order_tangle(int count, int room) {
    double end = now() + PATIENCE * 4;
    for (int done = 0; done < count && now() < end;) {
        if (in_flight > 64) {
            turn();
            continue;
        }
        struct member *s = &crowd[lrand48() % crowd_size];
        if (!s->arrived) {
            turn();
            continue;
        }
        long what = lrand48() % 10;
        if (what < 4) {
            say_words(s->number, room, 50);
        } else if (what < 7) {
            struct message *m = message_count ? &messages[message_count - 1 - lrand48() % (message_count < 100 ? message_count : 100)] : NULL;
            if (!m || m->kind != WORDS || m->state != ACKNOWLEDGED || event_at(room, m->at)->forget) continue;
            retract(m);
        } else {
            struct seat *seat = &s->seats[0];
            if (what == 9) seat->at = -1;
            if (what == 8 && seat->at > 3) seat->at -= lrand48() % 3; /* it missed some */
            hang_up(s, 1);
            begin(s);
        }
        if (done++ % 8 == 0) turn();
    }
    answer_ok(wait_until(all_heard, PATIENCE), "the tangle did not end");
}

static int fresh;
static int is_back(void) {
    struct message *m = &messages[fresh];
    if (!everyone_arrived() || m->state != ACKNOWLEDGED || m->at > rooms[m->room].top) return 0;
    for (int i = 0; i < crowd_size; i++) {
        struct seat *seat = seat_in(&crowd[i], m->room);
        if (seat && (seat->state != IN || seat->at < m->at)) return 0;
    }
    return 1;
}

/* back ROOM: say something now; when it is acknowledged and on every screen, the seconds since `mark`. */
static void order_back(int room) {
    fresh = message_count;
    say_words(0, room, 50);
    int good = wait_until(is_back, PATIENCE);
    printf("{\"ok\":%s,\"seconds\":%.6f", good ? "true" : "false", now() - mark);
    say_times("sockets", backs, back_count);
    puts(",\"why\":\"not everybody is back\"}");
    back_count = 0;
    mark = 0;
}

static void begin_speech(struct speech *s, int kind, double seconds, double pace, int size, int senders, int room) {
    *s = (struct speech){
        .on = 1, .kind = kind, .senders = senders < crowd_size ? senders : crowd_size, .size = size, .room = room,
        .from = message_count, .window = (long)pace, .rate = pace, .start = now(), .end = now() + seconds,
    };
}

/* say|flat|retract SECONDS RATE_OR_WINDOW LETTERS SENDERS ROOM: in the background. */
static void order_speech(int kind, double seconds, double pace, int size, int senders, int room) {
    begin_speech(&talk, kind, seconds, pace, size, senders, room);
    answer_ok(1, "");
}

/* approve SECONDS RATE LETTERS ASKERS ROOM DESK: in the background, beside such a speech; who sits at the desk approves. */
static void order_approve(double seconds, double rate, int size, int askers, int room, int desk) {
    int moderator = 0;
    while (moderator < crowd_size && !seat_in(&crowd[moderator], desk)) moderator++;
    if (moderator < crowd_size) {
        begin_speech(&asking, APPROVING, seconds, rate, size, askers, room);
        asking.desk = desk;
        asking.moderator = moderator;
    }
    answer_ok(moderator < crowd_size, "nobody sits at the desk");
}

/* join ROOM: the last socket joins one room more. */
static void order_join(int room) {
    struct member *s = crowd + crowd_size - 1;
    if (!crowd_size || s->goal != ENTERED || s->seat_count == SEATS) {
        answer_ok(0, "it is in no room yet, or has no seat left");
        return;
    }
    s->seats[s->seat_count++] = (struct seat){.room = room, .at = -1};
    arrive(s, 0);
    join_all(s);
    answer_ok(wait_until(everyone_arrived, PATIENCE), "it may not come in");
}

static void obey(void) {
    static char line[sizeof command];
    char *end = strchr(command, '\n'), *word[80];
    size_t size = (size_t)(end - command);
    memcpy(line, command, size);
    line[size] = 0;
    memmove(command, end + 1, command_size -= size + 1);
    command[command_size] = 0;
    command_ready = strchr(command, '\n') != NULL;
    int count = 0, asked[ROOMS];
    for (char *at = strtok(line, " "); at && count < 80; at = strtok(NULL, " ")) word[count++] = at;
    if (!count) return;
    const char *name = word[0];
#define NUMBER(i) (count > (i) ? atof(word[i]) : 0)
#define ROOM(i) (count > (i) ? room_number(word[i], strlen(word[i])) : 0)
    if (!strcmp(name, "open")) order_open((int)NUMBER(1), (int)NUMBER(2));
    else if (!strcmp(name, "enter")) {
        for (int i = 3; i < count && i - 3 < ROOMS; i++) asked[i - 3] = ROOM(i);
        order_enter((int)NUMBER(1), count > 2 && !strcmp(word[2], "all"), asked, count - 3);
    } else if (!strcmp(name, "say")) order_speech(AT_A_RATE, NUMBER(1), NUMBER(2), (int)NUMBER(3), (int)NUMBER(4), ROOM(5));
    else if (!strcmp(name, "flat")) order_speech(FLAT_OUT, NUMBER(1), NUMBER(2), (int)NUMBER(3), (int)NUMBER(4), ROOM(5));
    else if (!strcmp(name, "retract")) order_speech(RETRACTING, NUMBER(1), NUMBER(2), (int)NUMBER(3), (int)NUMBER(4), ROOM(5));
    else if (!strcmp(name, "approve")) order_approve(NUMBER(1), NUMBER(2), (int)NUMBER(3), (int)NUMBER(4), ROOM(5), ROOM(6));
    else if (!strcmp(name, "join")) order_join(ROOM(1));
    else if (!strcmp(name, "settle")) answer_ok(wait_until(all_heard, NUMBER(1)), "not everybody heard everything");
    else if (!strcmp(name, "churn")) order_churn((int)NUMBER(1), NUMBER(2));
    else if (!strcmp(name, "move")) order_move(NUMBER(1), ROOM(2));
    else if (!strcmp(name, "deaf")) order_deaf((int)NUMBER(1));
    else if (!strcmp(name, "cycle")) order_cycle((int)NUMBER(1), (int)NUMBER(2));
    else if (!strcmp(name, "tangle")) order_tangle((int)NUMBER(1), ROOM(2));
    else if (!strcmp(name, "back")) order_back(ROOM(1));
    else if (!strcmp(name, "hush")) talk.on = asking.on = 0, answer_ok(1, "");
    else if (!strcmp(name, "report")) report();
    else if (!strcmp(name, "mark")) mark = now(), back_count = 0, answer_ok(1, "");
    else if (!strcmp(name, "faithful")) faithful = (int)NUMBER(1), answer_ok(1, "");
    else if (!strcmp(name, "narrow")) narrow = (int)NUMBER(1), answer_ok(1, "");
    else if (!strcmp(name, "squeeze")) {
        squeeze = (int)NUMBER(1);
#ifdef SQUEEZE
        answer_ok(1, "");
#else
        answer_ok(0, "built without zlib");
#endif
    } else if (!strcmp(name, "seed")) srand48((long)NUMBER(1)), answer_ok(1, "");
    else answer_ok(0, "there is no such order");
}
