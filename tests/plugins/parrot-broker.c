/* A broker that repeats: publish delivers to the last source, broadcast is heard at once. A
 * destination of "late" delivers after the source was cancelled, "null" delivers messages that are
 * not there. */
#ifndef NAME
#define NAME "parrot-broker"
#endif
#include "skeleton.h"

static bf_source source;
static void* ear_ctx;
static void (*ear)(void* ctx, uint32_t partition, bf_bytes message);

static void publish(void* instance, const bf_message* message, bf_done done) {
    (void)instance;
    if (source.deliver != NULL) {
        source.deliver(source.ctx, is(message->destination, "null") ? NULL : message, 1);
    }
    complete(done, BF_OK, "", NULL);
}
static void consume(void* instance, const bf_source* wanted, bf_done done) {
    (void)instance;
    source = *wanted;
    complete(done, is(wanted->config, "{}") ? BF_OK : BF_INVALID, "bad source", NULL);
}
static void cancel(void* instance, bf_str name, bf_done done) {
    (void)instance, (void)name;
    complete(done, BF_OK, "", NULL);
}
/* Hears what is settled. */
static void settle(void* instance, bf_str name, const bf_settlement* settlements, uint64_t count) {
    (void)instance, (void)name;
    for (uint64_t i = 0; i < count && ear != NULL; ++i) {
        const bf_settlement* one = BF_AT(bf_settlement, settlements, i);
        bf_bytes reason = {(const uint8_t*)one->reason.ptr, one->reason.len};
        ear(ear_ctx, (uint32_t)(one->token * 10 + one->outcome), reason);
    }
}
static void pause_source(void* instance, bf_str name, uint32_t paused) {
    bf_bytes text = {(const uint8_t*)name.ptr, name.len};
    (void)instance;
    ear(ear_ctx, 1000 + paused, text);
}
static void listen(void* instance, const uint32_t* partitions, uint64_t count, void* ctx,
                   void (*hear)(void* ctx, uint32_t partition, bf_bytes message), bf_done done) {
    (void)instance, (void)partitions, (void)count;
    ear_ctx = ctx;
    ear = hear;
    complete(done, BF_OK, "", NULL);
}
static void broadcast(void* instance, uint32_t partition, bf_bytes message) {
    (void)instance;
    ear(ear_ctx, partition, message);
}
static void source_stats(void* instance, bf_str name, bf_done done) {
    bf_source_stats stats = {sizeof stats, 1, 2, 3, 4, 5, 6, 7, 8};
#ifdef STATS_END
    stats.size = offsetof(bf_source_stats, STATS_END);
#endif
    (void)instance, (void)name;
    complete(done, BF_OK, "", &stats);
}

/* As many as the digit the source's name begins with, at most 3; "many" gives more than asked. */
static void dead_letters(void* instance, bf_str name, uint64_t limit, bf_done done) {
    static bf_message messages[3];
    bf_dead_letters letters = {sizeof letters, 0, messages, 0};
    (void)instance;
    letters.count = is(name, "many") ? limit + 1 : (uint64_t)(name.ptr[0] - '0');
    for (uint64_t i = 0; i < 3; ++i) {
        messages[i].size = sizeof(bf_message);
        messages[i].destination = str("dead");
    }
    complete(done, BF_OK, "", &letters);
}
static void replay(void* instance, bf_str name, uint64_t limit, int64_t before, bf_done done) {
    bf_replayed replayed = {sizeof replayed, 0, 0};
    (void)instance, (void)name;
    replayed.count = limit + (uint64_t)before;
    complete(done, BF_OK, "", &replayed);
}

#ifndef SOURCE_SCHEMA
#define SOURCE_SCHEMA "{\"type\":\"object\",\"properties\":{\"queue\":{\"type\":\"string\"}}}"
#endif
static bf_broker broker = {sizeof broker,
                           0,
                           publish,
                           consume,
                           cancel,
                           settle,
                           pause_source,
                           broadcast,
                           listen,
                           source_stats,
                           STR(SOURCE_SCHEMA),
                           dead_letters,
                           replay};

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    (void)app;
    plugin.kind = BF_KIND_BROKER;
    plugin.table = &broker;
#ifdef TABLE_END
    broker.size = offsetof(bf_broker, TABLE_END);
#endif
    return &plugin;
}
