/* An application: "/twice" is answered twice, "/never" never, the rest with the path. Uses the
 * host's services on request, by step. */
#define NAME "face"
#include "skeleton.h"

#include <stdio.h>

typedef struct waiting {
    bf_env* env;
    bf_done done;
    bf_timer* timer;
} waiting;

static const bf_route* routes(void* instance, uint64_t* count) {
    static const bf_route route = {sizeof route, 0, STR("GET"), STR("/face"), STR("A face")};
    (void)instance;
    *count = 1;
    return &route;
}
static void request(void* instance, const bf_request* asked, bf_str principal, bf_reply* reply) {
    const bf_pair header = {STR("x-principal"), principal};
    const bf_bytes body = {(const uint8_t*)asked->path.ptr, asked->path.len};
    (void)instance;
    if (!is(asked->path, "/never")) {
        host->reply(reply, 200, &header, 1, body);
    }
    if (is(asked->path, "/twice")) {
        host->reply(reply, 500, &header, 1, body);
    }
}
static const bf_str* dialects(void* instance, uint64_t* count) {
    static const bf_str names[] = {STR("plain"), STR("fancy")};
    (void)instance;
    *count = 2;
    return names;
}
static void dialect_open(void* instance, uint64_t dialect, bf_session* session,
                         const bf_session_info* info, bf_done done) {
    const bf_str streams[] = {STR("user:1"), info->device};
    const bf_bytes greeting = {(const uint8_t*)"hi", 2};
    bf_session_setup setup = {sizeof setup, BF_SETUP_FROM_HEAD, streams, 2, &greeting, 1};
    (void)instance;
    if (is(info->since, "null")) {
        setup.streams = NULL;
    }
    host->session_send(session, greeting);
    host->session_streams(session, streams, 2);
    host->session_close(session, (uint32_t)dialect, str("bye"));
    complete(done, is(info->since, "refuse") ? BF_REFUSED : BF_OK, "go away", &setup);
}
static bf_buf* dialect_encode(void* instance, uint64_t dialect, const bf_entry* entry) {
    char text[64];
    bf_bytes bytes = {(const uint8_t*)text, 0};
    (void)instance;
    if (dialect == 1) {
        return NULL;
    }
    bytes.len = (uint64_t)snprintf(text, sizeof text, "%.*s %lu.%lu %.*s", (int)entry->stream.len,
                                   entry->stream.ptr, (unsigned long)entry->epoch,
                                   (unsigned long)entry->seq, (int)entry->notification->title.len,
                                   entry->notification->title.ptr);
    return host->buf_make(bytes);
}
static void dialect_message(void* instance, uint64_t dialect, bf_session* session, bf_bytes message,
                            uint32_t is_text) {
    (void)instance, (void)dialect, (void)is_text;
    host->session_send(session, message);
}
static void dialect_closed(void* instance, uint64_t dialect, bf_session* session) {
    (void)instance, (void)dialect, (void)session;
}

/* The host's answer becomes the step's. */
static void pass_on(void* ctx, const bf_result* result, const void* value) {
    waiting* call = ctx;
    char text[128];
    bf_str out = {text, 0};
    const bf_str* output = value;
    out.len = (uint64_t)snprintf(text, sizeof text, "%u %.*s %ld %.*s", result->status,
                                 (int)result->message.len, result->message.ptr,
                                 (long)result->retry_after, output == NULL ? 0 : (int)output->len,
                                 output == NULL ? "" : output->ptr);
    complete(call->done, BF_OK, "", &out);
    free(call);
}
static void run(void* ctx, uint32_t is_live) {
    waiting* call = ctx;
    bf_str out = STR("ran");
    if (is_live == 0) {
        free(call);
        return;
    }
    complete(call->done, BF_OK, "", &out);
    free(call);
}
static void measure(bf_env* env) {
    const bf_pair label = {STR("kind"), STR("x")};
    bf_metric* counter =
        host->metric(env, BF_METRIC_COUNTER, str("things"), str("Things"), &label, 1);
    bf_metric* bad = host->metric(env, BF_METRIC_GAUGE, str("no good name"), str(""), NULL, 0);
    host->metric_add(counter, 2);
    host->metric_add(host->metric(env, BF_METRIC_COUNTER, str("things"), str(""), &label, 1), 3);
    host->metric_set(bad, 1);
}
static void face_step(void* instance, bf_str name, bf_str input, bf_done done) {
    bf_env* env = *(bf_env**)instance;
    waiting* call = malloc(sizeof *call);
    const bf_done answer = {call, pass_on};
    call->env = env;
    call->done = done;
    if (is(name, "ingest")) {
        const bf_pair attribute = {STR("a"), STR("b")};
        const bf_event event = {sizeof event,
                                0,
                                STR("s"),
                                STR("i"),
                                STR("t"),
                                STR("u"),
                                5,
                                STR("text/plain"),
                                {(const uint8_t*)input.ptr, input.len},
                                &attribute,
                                1};
        host->ingest(env, &event, answer);
    } else if (is(name, "call")) {
        const bf_call asked = {sizeof asked, 0, STR("users.list"), STR("{}"), input};
        host->call(env, &asked, answer);
    } else if (is(name, "transaction")) {
        const bf_call asked[2] = {{sizeof(bf_call), 0, STR("a"), STR(""), input},
                                  {sizeof(bf_call), 0, STR("b"), STR(""), input}};
        host->transaction(env, asked, 2, answer);
    } else if (is(name, "null-transaction")) {
        host->transaction(env, NULL, 2, answer);
    } else if (is(name, "null-event")) {
        host->ingest(env, NULL, answer);
    } else if (is(name, "egress")) {
        const bf_egress asked = {sizeof asked, 0, STR("GET"), STR("http://127.0.0.1/"), NULL, 0,
                                 {NULL, 0},    0, 0};
        host->egress(env, &asked, answer);
    } else if (is(name, "post")) {
        host->post(env, call, run);
    } else if (is(name, "timer")) {
        host->timer(env, 1000000, call, run);
    } else if (is(name, "cancelled-timer")) {
        bf_timer* timer = host->timer(env, 3600000000000, call, run);
        const uint32_t first = host->timer_cancel(env, timer);
        const uint32_t second = host->timer_cancel(env, timer);
        complete(done, first == 1 && second == 0 ? BF_OK : BF_INVALID, "cancel", &input);
        free(call);
    } else {
        const bf_pair field = {STR("input"), input};
        uint8_t noise[8] = {0};
        measure(env);
        host->random(env, noise, sizeof noise);
        host->log(env, BF_LOG_INFO, str("a step was taken"), &field, 1);
        host->health(env, BF_HEALTH_DOWN, str("tired"));
        complete(done, host->now(env) > 0 && host->monotonic(env) > 0 ? BF_OK : BF_RETRY, "",
                 &input);
        free(call);
    }
}

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    app.routes = routes;
    app.request = request;
    app.dialects = dialects;
    app.dialect_open = dialect_open;
    app.dialect_encode = dialect_encode;
    app.dialect_message = dialect_message;
    app.dialect_closed = dialect_closed;
    app.step = face_step;
    return &plugin;
}
