/* The front in C: front.py without Python's own time in the stamps. One thread, one epoll.

   front STAMPS UPBIT_BEHIND BINANCE_BEHIND [CERTIFICATE KEY]

   STAMPS          the ring of stamps.py, made by whoever starts this
   ..._BEHIND      port of the simulated exchange; 0: this stub answers by itself
   CERTIFICATE     opens a TLS port beside each plain one (built with -DWITH_TLS)

   Prints one JSON line with its ports, then obeys lines on standard input:
       DELAY_US FRAMES_PER_S
   Answers to orders are held DELAY_US; each market stream repeats its last message so that all of
   them together send FRAMES_PER_S more. Ends with its standard input.

   What arrives together is read together, and stamped, before any of it is handled. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

enum { UPBIT, BINANCE, VENUES };
enum { LISTENS, CLIENT, BEHIND, COMMANDS };
enum { RING = 1 << 17, ID_BYTES = 40, HEADS = 64, CHUNK = 1 << 16, EVENTS = 64 };

typedef struct { uint64_t orders, connections; } Head;
typedef struct { uint64_t at_ns, number; char id[ID_BYTES]; } Row;
typedef struct { char *bytes; size_t size, room; } Buffer;

typedef struct Connection {
    int fd, kind, venue, secure, shaking;
    int tunnel;      /* a WebSocket: bytes are handed on unread */
    int is_order;    /* the request under way places an order */
    int is_market;   /* a public stream */
    int is_open;     /* that stream's handshake was answered: frames follow */
    int closed, dirty, writes;
    uint64_t read_ns;
    Buffer in, out, frame;
    struct Connection *other, *next;
#ifdef WITH_TLS
    SSL *ssl;
#endif
} Connection;

typedef struct Held { uint64_t due_ns; Connection *to; Buffer data; struct Held *next; } Held;

static char *ring;
static int poller, behind_port[VENUES];
static uint64_t delay_ns, frame_every_ns, frame_due_ns;
static Connection *all;
static Held *held, **held_end = &held;
#ifdef WITH_TLS
static SSL_CTX *tls;
#endif

static const char *UPBIT_HEAD =
    "HTTP/1.1 201 Created\r\nDate: Mon, 30 Nov 2026 00:00:00 GMT\r\nConnection: keep-alive\r\n"
    "Content-Type: application/json;charset=UTF-8\r\n"
    "Remaining-Req: group=order; min=1800; sec=1000000000\r\nLimit-By-Ip: Yes\r\n"
    "Cache-Control: no-cache, no-store, max-age=0, must-revalidate\r\nVary: Origin\r\n";
static const char *UPBIT_BODY =
    "{\"uuid\":\"6c1f5d4e-0d3b-4c55-9f0e-3a6b0f0c7d21\",\"side\":\"bid\",\"ord_type\":\"limit\","
    "\"price\":\"150000000\",\"state\":\"wait\",\"market\":\"KRW-BTC\","
    "\"created_at\":\"2026-11-30T09:00:00+09:00\",\"volume\":\"0.003\","
    "\"remaining_volume\":\"0.003\",\"executed_volume\":\"0\",\"reserved_fee\":\"225\","
    "\"remaining_fee\":\"225\",\"paid_fee\":\"0\",\"locked\":\"450225\","
    "\"prevented_volume\":\"0\",\"prevented_locked\":\"0\",\"time_in_force\":\"ioc\","
    "\"identifier\":\"%s\",\"trades_count\":0}";
static const char *BINANCE_HEAD =
    "HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 00:00:00 GMT\r\nConnection: keep-alive\r\n"
    "Content-Type: application/json\r\nX-MBX-USED-WEIGHT-1M: 1\r\nX-MBX-ORDER-COUNT-10S: 1\r\n"
    "X-MBX-ORDER-COUNT-1M: 1\r\nX-Response-Time: 3ms\r\n"
    "Strict-Transport-Security: max-age=31536000; includeSubdomains\r\n";
static const char *BINANCE_BODY =
    "{\"orderId\":8389765591234567,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\","
    "\"clientOrderId\":\"%s\",\"price\":\"105000.00\",\"avgPrice\":\"0.00\",\"origQty\":\"0.003\","
    "\"executedQty\":\"0.000\",\"cumQty\":\"0.000\",\"cumQuote\":\"0.00000\","
    "\"timeInForce\":\"IOC\",\"type\":\"LIMIT\",\"reduceOnly\":false,\"closePosition\":false,"
    "\"side\":\"SELL\",\"positionSide\":\"BOTH\",\"stopPrice\":\"0.00\","
    "\"workingType\":\"CONTRACT_PRICE\",\"priceProtect\":false,\"origType\":\"LIMIT\","
    "\"priceMatch\":\"NONE\",\"selfTradePreventionMode\":\"EXPIRE_MAKER\",\"goodTillDate\":0,"
    "\"updateTime\":1796000000000}";
static const char *OTHER =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n"
    "Content-Length: 2\r\n\r\n{}";

static void die(const char *what) { perror(what); exit(1); }

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void add(Buffer *to, const char *bytes, size_t size) {
    if (to->size + size > to->room) {
        to->room = 2 * (to->size + size);
        to->bytes = realloc(to->bytes, to->room);
        if (!to->bytes) die("memory");
    }
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static void drop(Buffer *from, size_t size) {
    memmove(from->bytes, from->bytes + size, from->size - size);
    from->size -= size;
}

/* -- sockets --------------------------------------------------------------------------------- */

static void follow(Connection *c, int kind) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    c->kind = kind;
    c->next = all;
    all = c;
    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event)) die("epoll");
}

static Connection *made(int fd, int kind, int venue) {
    Connection *c = calloc(1, sizeof *c);
    if (!c) die("memory");
    c->fd = fd;
    c->venue = venue;
    follow(c, kind);
    return c;
}

static void want_writes(Connection *c, int wanted) {
    struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.ptr = c};
    if (c->writes == wanted) return;
    c->writes = wanted;
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
}

static ssize_t put(Connection *c, const char *bytes, size_t size) {
#ifdef WITH_TLS
    if (c->ssl) {
        ERR_clear_error(); /* what another connection left there would end this one */
        int done = SSL_write(c->ssl, bytes, (int)size);
        if (done > 0) return done;
        errno = SSL_get_error(c->ssl, done) == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
        return -1;
    }
#endif
    return send(c->fd, bytes, size, MSG_NOSIGNAL);
}

static void flush(Connection *c) {
    while (c->out.size && !c->closed) {
        ssize_t done = put(c, c->out.bytes, c->out.size);
        if (done <= 0) {
            if (errno != EAGAIN) c->closed = 1;
            break;
        }
        drop(&c->out, (size_t)done);
    }
    want_writes(c, c->out.size > 0);
}

static void say(Connection *c, const char *bytes, size_t size) {
    if (c->closed) return;
    add(&c->out, bytes, size);
    flush(c);
}

static int is_ready(Connection *c) { /* the TLS handshake is over */
#ifdef WITH_TLS
    if (c->shaking) {
        ERR_clear_error();
        int done = SSL_accept(c->ssl);
        if (done == 1) { c->shaking = 0; return 1; }
        int error = SSL_get_error(c->ssl, done);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) c->closed = 1;
        return 0;
    }
#endif
    (void)c;
    return 1;
}

static void take_in(Connection *c) { /* all that is there; the clock is read at once */
    static char chunk[CHUNK];
    if (!is_ready(c)) return;
    for (;;) {
        ssize_t size;
#ifdef WITH_TLS
        if (c->ssl) {
            ERR_clear_error();
            int done = SSL_read(c->ssl, chunk, sizeof chunk);
            size = done;
            if (done <= 0) {
                if (SSL_get_error(c->ssl, done) != SSL_ERROR_WANT_READ) c->closed = 1;
                return;
            }
        } else
#endif
        {
            size = recv(c->fd, chunk, sizeof chunk, 0);
            if (size == 0 || (size < 0 && errno != EAGAIN)) c->closed = 1;
            if (size <= 0) return;
        }
        c->read_ns = now_ns();
        add(&c->in, chunk, (size_t)size);
        c->dirty = 1;
#ifdef WITH_TLS
        if (c->ssl) continue;
#endif
        if (size < (ssize_t)sizeof chunk) return;
    }
}

static Connection *reached(Connection *client) { /* the simulated exchange, for one client */
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(behind_port[client->venue])};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (void *)&at, sizeof at)) { close(fd); return NULL; }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    Connection *c = made(fd, BEHIND, client->venue);
    c->other = client;
    return c;
}

static void welcome(Connection *listens) {
    int one = 1, fd = accept4(listens->fd, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    Connection *c = made(fd, CLIENT, listens->venue);
    ((Head *)ring)[c->venue].connections++;
#ifdef WITH_TLS
    if (listens->secure) {
        c->ssl = SSL_new(tls);
        SSL_set_fd(c->ssl, fd);
        c->shaking = 1;
    }
#endif
    if (behind_port[c->venue]) {
        c->other = reached(c);
        if (!c->other) c->closed = 1;
    }
}

static void forget_closed(void) {
    for (Connection *c = all; c; c = c->next)
        if (c->closed && c->other && !c->other->out.size) c->other->closed = 1;
    for (Connection **at = &all; *at;) {
        Connection *c = *at;
        if (!c->closed) { at = &c->next; continue; }
        *at = c->next;
        if (c->other) c->other->other = NULL;
        for (Held *h = held; h; h = h->next)
            if (h->to == c) h->to = NULL;
#ifdef WITH_TLS
        if (c->ssl) SSL_free(c->ssl);
#endif
        close(c->fd);
        free(c->in.bytes);
        free(c->out.bytes);
        free(c->frame.bytes);
        free(c);
    }
}

/* -- requests -------------------------------------------------------------------------------- */

static const char *found(const char *in, size_t size, const char *what) {
    size_t length = strlen(what);
    for (size_t i = 0; i + length <= size; i++)
        if (!strncasecmp(in + i, what, length)) return in + i + length;
    return NULL;
}

static void read_id(int venue, const char *request, size_t size, char id[ID_BYTES]) {
    const char *at = found(request, size, venue == UPBIT ? "\"identifier\"" : "newClientOrderId=");
    memset(id, 0, ID_BYTES);
    if (!at) return;
    const char *end = request + size;
    if (venue == UPBIT)
        while (at < end && (*at == ':' || *at == ' ' || *at == '"')) at++;
    for (int i = 0; i < ID_BYTES - 1 && at < end && !strchr("\"& \r", *at); i++) id[i] = *at++;
}

static void stamp(int venue, uint64_t at_ns, const char id[ID_BYTES]) {
    Head *head = (Head *)ring + venue;
    Row *row = (Row *)(ring + HEADS) + (size_t)venue * RING + head->orders % RING;
    row->at_ns = at_ns;
    row->number = head->orders;
    memcpy(row->id, id, ID_BYTES);
    __atomic_store_n(&head->orders, head->orders + 1, __ATOMIC_RELEASE);
}

static void answer(Connection *c, const char *bytes, size_t size) {
    if (!delay_ns || !c->is_order || c->tunnel) { say(c, bytes, size); return; }
    Held *one = calloc(1, sizeof *one);
    if (!one) die("memory");
    one->due_ns = now_ns() + delay_ns;
    one->to = c;
    add(&one->data, bytes, size);
    *held_end = one;
    held_end = &one->next;
}

static void stub_answer(Connection *c, const char id[ID_BYTES]) {
    char body[1024], whole[2048];
    int size = snprintf(body, sizeof body, c->venue == UPBIT ? UPBIT_BODY : BINANCE_BODY, id);
    int length = snprintf(whole, sizeof whole, "%sContent-Length: %d\r\n\r\n%s",
                          c->venue == UPBIT ? UPBIT_HEAD : BINANCE_HEAD, size, body);
    answer(c, whole, (size_t)length);
}

static size_t whole_request(Connection *c) { /* its size, or 0 while a part is missing */
    char *head = memmem(c->in.bytes, c->in.size, "\r\n\r\n", 4);
    if (!head) return 0;
    size_t size = (size_t)(head - c->in.bytes) + 4;
    const char *length = found(c->in.bytes, size, "\r\ncontent-length:");
    if (length) size += strtoul(length, NULL, 10);
    return c->in.size < size ? 0 : size;
}

static void request_came(Connection *c, size_t size) {
    const char *order = c->venue == UPBIT ? "POST /v1/orders" : "POST /fapi/v1/order";
    size_t length = strlen(order);
    const char *bytes = c->in.bytes;
    c->is_order = size > length && !memcmp(bytes, order, length) && strchr(" ?", bytes[length]);
    if (c->is_order) {
        char id[ID_BYTES];
        read_id(c->venue, bytes, size, id);
        stamp(c->venue, c->read_ns, id);
        if (!c->other) stub_answer(c, id);
    } else if (found(bytes, size, "\r\nupgrade: websocket")) {
        c->tunnel = 1;
        c->is_market = !memmem(bytes, size, "/private", 8);
    } else if (!c->other) {
        say(c, OTHER, strlen(OTHER));
    }
    if (c->other) say(c->other, bytes, size);
    drop(&c->in, size);
}

static void client_spoke(Connection *c) {
    size_t size;
    while (!c->tunnel && (size = whole_request(c))) request_came(c, size);
    if (c->tunnel && c->other) {
        say(c->other, c->in.bytes, c->in.size);
        c->in.size = 0;
    }
}

/* -- market streams, louder than they are ------------------------------------------------------ */

static size_t frame_size(const Buffer *b, size_t at) { /* of a server's frame; 0: not whole */
    const unsigned char *p = (unsigned char *)b->bytes + at;
    size_t left = b->size - at, head = 2, size;
    if (left < 2) return 0;
    size = p[1] & 127;
    if (size == 126) {
        if (left < 4) return 0;
        size = (size_t)p[2] << 8 | p[3];
        head = 4;
    } else if (size == 127) {
        if (left < 10) return 0;
        size = 0;
        for (int i = 2; i < 10; i++) size = size << 8 | p[i];
        head = 10;
    }
    return left < head + size ? 0 : head + size;
}

static void exchange_spoke(Connection *behind) {
    Connection *c = behind->other;
    if (!c) { behind->in.size = 0; return; }
    if (!c->is_market) { /* nothing to understand */
        answer(c, behind->in.bytes, behind->in.size);
        behind->in.size = 0;
        return;
    }
    size_t at = 0, size;
    if (!c->is_open) {
        char *head = memmem(behind->in.bytes, behind->in.size, "\r\n\r\n", 4);
        if (!head) return;
        at = (size_t)(head - behind->in.bytes) + 4;
        c->is_open = 1;
    }
    while ((size = frame_size(&behind->in, at))) {
        int kind = behind->in.bytes[at] & 15;
        if (kind == 1 || kind == 2) {
            c->frame.size = 0;
            add(&c->frame, behind->in.bytes + at, size);
        }
        at += size;
    }
    say(c, behind->in.bytes, at);
    drop(&behind->in, at);
}

static void repeat_frames(void) {
    static Connection *last;
    for (uint64_t now = now_ns(); frame_due_ns <= now; frame_due_ns += frame_every_ns) {
        Connection *c = NULL, *first = NULL;
        int after = last == NULL;
        for (Connection *one = all; one; one = one->next) {
            if (one->is_market && one->frame.size && one->out.size < 8 * CHUNK) {
                if (!first) first = one;
                if (after && !c) c = one;
            }
            if (one == last) after = 1;
        }
        last = c ? c : first;
        if (last) say(last, last->frame.bytes, last->frame.size);
    }
}

/* -- the loop ---------------------------------------------------------------------------------- */

static void obey(Connection *c) {
    double delay_us = 0, frames_per_s = 0;
    char line[128];
    ssize_t size = read(c->fd, line, sizeof line - 1);
    if (size <= 0) exit(0);
    line[size] = 0;
    sscanf(line, "%lf %lf", &delay_us, &frames_per_s);
    delay_ns = (uint64_t)(delay_us * 1000);
    frame_every_ns = frames_per_s > 0 ? (uint64_t)(1e9 / frames_per_s) : 0;
    frame_due_ns = now_ns() + frame_every_ns;
    printf("1\n");
    fflush(stdout);
}

static int next_wait_ms(void) {
    uint64_t due = UINT64_MAX, now = now_ns();
    if (held) due = held->due_ns;
    if (frame_every_ns && frame_due_ns < due) due = frame_due_ns;
    if (due == UINT64_MAX) return -1;
    return due <= now ? 0 : (int)((due - now) / 1000000) + 1;
}

static void send_due(void) {
    while (held && held->due_ns <= now_ns()) {
        Held *one = held;
        if (one->to) say(one->to, one->data.bytes, one->data.size);
        held = one->next;
        if (!held) held_end = &held;
        free(one->data.bytes);
        free(one);
    }
    if (frame_every_ns) repeat_frames();
}

static int opened(int venue, int secure) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (void *)&at, sizeof at) || listen(fd, 128)) die("listen");
    if (getsockname(fd, (void *)&at, &size)) die("port");
    made(fd, LISTENS, venue)->secure = secure;
    return ntohs(at.sin_port);
}

int main(int count, char **given) {
    if (count != 4 && count != 6) { fprintf(stderr, "see the source for its arguments\n"); return 2; }
    size_t size = HEADS + (size_t)VENUES * RING * sizeof(Row);
    int file = open(given[1], O_RDWR), secure = 0, ports[4] = {0};
    signal(SIGPIPE, SIG_IGN);
    if (file < 0) die("stamps");
    ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (ring == MAP_FAILED) die("stamps");
    behind_port[UPBIT] = atoi(given[2]);
    behind_port[BINANCE] = atoi(given[3]);
    poller = epoll_create1(0);
    if (count == 6) {
#ifdef WITH_TLS
        tls = SSL_CTX_new(TLS_server_method());
        if (SSL_CTX_use_certificate_chain_file(tls, given[4]) != 1 ||
            SSL_CTX_use_PrivateKey_file(tls, given[5], SSL_FILETYPE_PEM) != 1) {
            fprintf(stderr, "the certificate cannot be used\n");
            return 1;
        }
        SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        secure = 1;
#else
        fprintf(stderr, "built without TLS\n");
        return 1;
#endif
    }
    for (int venue = 0; venue < VENUES; venue++) {
        ports[venue] = opened(venue, 0);
        if (secure) ports[VENUES + venue] = opened(venue, 1);
    }
    made(0, COMMANDS, 0);
    printf("{\"plain\": [%d, %d]", ports[0], ports[1]);
    if (secure) printf(", \"tls\": [%d, %d]", ports[2], ports[3]);
    printf("}\n");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(poller, events, EVENTS, next_wait_ms());
        for (int i = 0; i < ready; i++) {
            Connection *c = events[i].data.ptr;
            if (c->kind == CLIENT || c->kind == BEHIND) take_in(c);
        }
        for (int i = 0; i < ready; i++) {
            Connection *c = events[i].data.ptr;
            if (c->kind == LISTENS) welcome(c);
            else if (c->kind == COMMANDS) obey(c);
            if (events[i].events & EPOLLOUT) flush(c);
            if (!c->dirty) continue;
            c->dirty = 0;
            if (c->kind == CLIENT) client_spoke(c); else exchange_spoke(c);
        }
        send_due();
        forget_closed();
    }
}
