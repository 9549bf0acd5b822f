/* The floor of the floor: both legs from C, requests made before, no signing, no reading.

   floor STAMPS UPBIT_URL BINANCE_URL      (plain http://127.0.0.1:PORT only)

   Driven as every client (serving.py): lines COUNT GAP_MS in, JSON lines out. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { VENUES = 2, RING = 1 << 17, ID_BYTES = 40, HEADS = 64, MOST = 1 << 16 };
typedef struct { uint64_t orders, connections; } Head;
typedef struct { uint64_t at_ns, number; char id[ID_BYTES]; } Row;

static volatile Head *heads;
static volatile Row *rows;
static double wire_us[MOST], done_us[MOST], skew_us[MOST];

static uint64_t clock_ns(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int connected(const char *url) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_port = htons(atoi(strrchr(url, ':') + 1));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (void *)&at, sizeof at)) { perror("connect"); exit(1); }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void print(const char *name, const double *values, int count) {
    printf("\"%s\": [", name);
    for (int i = 0; i < count; i++) printf("%s%.3f", i ? ", " : "", values[i]);
    printf("], ");
}

int main(int count, char **given) {
    static char spot[1024], hedge[1024], answer[8192], line[128];
    size_t size = HEADS + (size_t)VENUES * RING * sizeof(Row);
    if (count != 4) return 2;
    int file = open(given[1], O_RDWR), pairs;
    char *memory = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) { perror("stamps"); return 1; }
    heads = (volatile Head *)memory;
    rows = (volatile Row *)(memory + HEADS);
    int upbit = connected(given[2]), binance = connected(given[3]);
    char token[480], query[300]; /* as long as the real ones */
    memset(token, 't', sizeof token);
    memset(query, 'q', sizeof query);
    int spot_size = snprintf(spot, sizeof spot,
        "POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Authorization: Bearer %.*s\r\nContent-Length: 22\r\n\r\n{\"identifier\":\"floor\"}",
        (int)sizeof token, token);
    int hedge_size = snprintf(hedge, sizeof hedge,
        "POST /fapi/v1/order?newClientOrderId=floor&%.*s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "X-MBX-APIKEY: k\r\nContent-Length: 0\r\n\r\n", (int)sizeof query, query);
    double gap_ms;
    printf("{\"ready\": true}\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && sscanf(line, "%d %lf", &pairs, &gap_ms) == 2) {
        int kept = 0, missed = 0;
        uint64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        if (pairs > MOST) return 2;
        for (int i = 0; i < pairs; i++) {
            uint64_t u = heads[0].orders, b = heads[1].orders, began = clock_ns(CLOCK_MONOTONIC);
            if (send(binance, hedge, hedge_size, 0) < 0 || send(upbit, spot, spot_size, 0) < 0) return 1;
            if (recv(binance, answer, sizeof answer, 0) <= 0 || recv(upbit, answer, sizeof answer, 0) <= 0) return 1;
            uint64_t done = clock_ns(CLOCK_MONOTONIC);
            if (heads[0].orders - u != 1 || heads[1].orders - b != 1) {
                missed++;
            } else {
                uint64_t x = rows[u % RING].at_ns, y = rows[RING + b % RING].at_ns;
                wire_us[kept] = ((x > y ? x : y) - began) / 1e3;
                skew_us[kept] = (x > y ? x - y : y - x) / 1e3;
                done_us[kept++] = (done - began) / 1e3;
            }
            if (gap_ms > 0) usleep((useconds_t)(gap_ms * 1000));
        }
        cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        printf("{");
        print("wire_us", wire_us, kept);
        print("done_us", done_us, kept);
        print("skew_us", skew_us, kept);
        printf("\"cpu_us\": %.3f, \"missed\": %d}\n", cpu / 1e3 / (pairs ? pairs : 1), missed);
        fflush(stdout);
    }
    return 0;
}
