/* A storage that says what it was asked for, and answers with nonsense on request: read and heads
 * by the name of the stream, commit by the id of the first notification. */
#ifndef NAME
#define NAME "rogue-storage"
#endif
#include "skeleton.h"

#include <stdio.h>

#define MOST 16

typedef struct wide_entry {
    bf_entry entry;
    uint64_t later[5];
} wide_entry;

typedef struct wide_head {
    bf_head head;
    uint64_t later;
} wide_head;

static bf_notification notification = {sizeof notification,
                                       3,
                                       STR("n1"),
                                       STR("greeting"),
                                       STR("Hello"),
                                       STR("World"),
                                       {(const uint8_t*)"{\"a\":1}", 7},
                                       STR("application/json"),
                                       STR("key"),
                                       1000,
                                       2000,
                                       4,
                                       STR("source"),
                                       STR("event"),
                                       STR("trace")};

#include "rogue-records.h"

static void answer_page(bf_done done, const bf_entry* entries, uint64_t count) {
    const bf_head head = {sizeof head, 1, 7, 2, 9, 5, STR("user:1")};
    bf_page page = {sizeof page, 1, &head, entries, count, 6};
    complete(done, BF_OK, "", &page);
}

static void read_wide(bf_done done) {
    wide_entry entries[3];
    for (uint32_t i = 0; i < 3; ++i) {
        bf_entry entry = {
            sizeof(wide_entry), BF_ENTRY_REVISION, BF_STATE_READ, 0, STR("user:1"), 7, i + 2, 50,
            &notification};
        memset(&entries[i], 0xee, sizeof entries[i]);
        entries[i].entry = entry;
    }
    answer_page(done, &entries[0].entry, 3);
}

static void storage_read(void* instance, const bf_read* query, bf_done done) {
    static bf_notification short_one;
    bf_entry entry = {sizeof entry, 0, 0, 0, STR("user:1"), 7, 2, 0, &notification};
    (void)instance;
    short_one = notification;
    short_one.size = offsetof(bf_notification, source);
    if (is(query->stream, "wide")) {
        read_wide(done);
    } else if (is(query->stream, "older")) {
        entry.notification = &short_one;
        answer_page(done, &entry, 1);
    } else if (is(query->stream, "null-entries")) {
        answer_page(done, NULL, 5);
    } else if (is(query->stream, "too-many")) {
        answer_page(done, &entry, query->limit + 1);
    } else if (is(query->stream, "endless")) {
        answer_page(done, &entry, UINT64_MAX);
    } else if (is(query->stream, "zero-size")) {
        entry.size = 0;
        answer_page(done, &entry, 1);
    } else if (is(query->stream, "huge-size")) {
        entry.size = UINT32_MAX;
        answer_page(done, &entry, 2);
    } else if (is(query->stream, "no-notification")) {
        entry.notification = NULL;
        answer_page(done, &entry, 1);
    } else if (is(query->stream, "no-page")) {
        complete(done, BF_OK, "", NULL);
    } else {
        answer_page(done, &entry, 1);
    }
}

static void storage_heads(void* instance, const bf_str* streams, uint64_t count, bf_done done) {
    wide_head heads[MOST];
    bf_heads_value value = {sizeof value, 0, &heads[0].head, count};
    /* An array of structs that end before `stream`, and one of structs that go on behind it. */
    const uint32_t step_size = count > 0 && is(streams[0], "narrow")
                                   ? (uint32_t)offsetof(bf_head, stream)
                                   : (uint32_t)sizeof(wide_head);
    (void)instance;
    memset(heads, 0xee, sizeof heads);
    for (uint64_t i = 0; i < count && i < MOST; ++i) {
        bf_head head = {step_size, 1, 7, 1, 10 + i, 0, streams[i]};
        memcpy((char*)heads + i * step_size, &head,
               step_size < sizeof head ? step_size : sizeof head);
    }
    if (count > 0 && is(streams[0], "fewer")) {
        value.count = count - 1;
    }
    complete(done, BF_OK, "", &value);
}

/* What an operation was, in one line. */
static int describe(char* out, size_t room, const bf_op* op) {
    switch (op->kind) {
        case BF_OP_APPEND: {
            const bf_op_append* it = (const bf_op_append*)(const void*)op;
            return snprintf(out, room, "append %u %.*s %.*s %.*s %lu", it->entry_kind,
                            (int)it->notification->id.len, it->notification->id.ptr,
                            (int)it->notification->data.len,
                            (const char*)it->notification->data.ptr, (int)it->content_hash.len,
                            (const char*)it->content_hash.ptr, (unsigned long)it->stream_count);
        }
        case BF_OP_MARK: {
            const bf_op_mark* it = (const bf_op_mark*)(const void*)op;
            return snprintf(out, room, "mark %u %u %.*s %lu..%lu %lu %ld", it->set, it->clear,
                            (int)it->stream.len, it->stream.ptr, (unsigned long)it->seqs[0],
                            (unsigned long)it->seqs[it->seq_count - 1], (unsigned long)it->up_to,
                            (long)it->time);
        }
        case BF_OP_CURSOR: {
            const bf_op_cursor* it = (const bf_op_cursor*)(const void*)op;
            return snprintf(out, room, "cursor %.*s %.*s %lu %lu", (int)it->stream.len,
                            it->stream.ptr, (int)it->device.len, it->device.ptr,
                            (unsigned long)it->delivered, (unsigned long)it->read);
        }
        case BF_OP_PUT: {
            const bf_op_put* it = (const bf_op_put*)(const void*)op;
            return snprintf(out, room, "put %.*s %.*s %lu %.*s %.*s=%.*s/%lu",
                            (int)it->collection.len, it->collection.ptr, (int)it->id.len,
                            it->id.ptr, (unsigned long)it->expected_version, (int)it->document.len,
                            (const char*)it->document.ptr, (int)it->keys[0].index.len,
                            it->keys[0].index.ptr, (int)it->keys[0].value.len,
                            it->keys[0].value.ptr, (unsigned long)it->keys[0].unique);
        }
        case BF_OP_DELETE: {
            const bf_op_delete* it = (const bf_op_delete*)(const void*)op;
            return snprintf(out, room, "delete %.*s %.*s %lx", (int)it->collection.len,
                            it->collection.ptr, (int)it->id.len, it->id.ptr,
                            (unsigned long)it->expected_version);
        }
        case BF_OP_OWE: {
            const bf_op_owe* it = (const bf_op_owe*)(const void*)op;
            return snprintf(out, room, "owe %.*s %.*s %.*s %ld %.*s", (int)it->queue.len,
                            it->queue.ptr, (int)it->id.len, it->id.ptr, (int)it->lane.len,
                            it->lane.ptr, (long)it->due, (int)it->payload.len,
                            (const char*)it->payload.ptr);
        }
        case BF_OP_SETTLE: {
            const bf_op_settle* it = (const bf_op_settle*)(const void*)op;
            return snprintf(out, room, "settle %u %.*s %.*s %lu %ld %.*s", it->outcome,
                            (int)it->queue.len, it->queue.ptr, (int)it->id.len, it->id.ptr,
                            (unsigned long)it->lease, (long)it->due, (int)it->reason.len,
                            it->reason.ptr);
        }
        case BF_OP_TRIM: {
            const bf_op_trim* it = (const bf_op_trim*)(const void*)op;
            return snprintf(out, room, "trim %.*s %ld %lu %ld %lu", (int)it->stream.len,
                            it->stream.ptr, (long)it->older_than, (unsigned long)it->keep,
                            (long)it->expired_at, (unsigned long)it->limit);
        }
        default: {
            const bf_op_reset* it = (const bf_op_reset*)(const void*)op;
            return snprintf(out, room, "reset %.*s", (int)it->stream.len, it->stream.ptr);
        }
    }
}

static bf_str first_id(const bf_group* groups, uint64_t count) {
    bf_str none = {NULL, 0};
    if (count == 0 || groups->op_count == 0 || groups->ops[0]->kind != BF_OP_APPEND) {
        return none;
    }
    return ((const bf_op_append*)(const void*)groups->ops[0])->notification->id;
}

static const uint64_t epochs[] = {7, 7, 7};
static const uint64_t seqs[] = {41, 42, 43};

static void spoil(bf_str how, bf_commit_value* value, bf_group_result* group,
                  bf_op_result* result) {
    if (is(how, "fewer-groups")) {
        value->group_count -= 1;
    } else if (is(how, "null-groups")) {
        value->groups = NULL;
    } else if (is(how, "fewer-results")) {
        group->result_count -= 1;
    } else if (is(how, "null-results")) {
        group->results = NULL;
    } else if (is(how, "fewer-places")) {
        result->count -= 1;
    } else if (is(how, "null-places")) {
        result->seqs = NULL;
    } else if (is(how, "failed-op")) {
        result->status = BF_CONFLICT;
    } else if (is(how, "failed-group")) {
        group->status = BF_CONFLICT;
        group->message = str("other content");
        group->results = NULL;
        group->result_count = 0;
    } else if (is(how, "duplicate")) {
        result->status = BF_DUPLICATE;
        result->id = str("the first");
        result->count = 1;
    }
}

static void storage_commit(void* instance, const bf_group* groups, uint64_t count, bf_done done) {
    char texts[MOST][128];
    bf_op_result results[MOST];
    bf_group_result answers[MOST];
    bf_commit_value value = {sizeof value, 0, answers, count};
    uint64_t next = 0;
    const bf_str how = first_id(groups, count);
    (void)instance;
    for (uint64_t g = 0; g < count; ++g) {
        const bf_group* group = BF_AT(bf_group, groups, g);
        bf_group_result answer = {sizeof answer, BF_OK, {NULL, 0}, &results[next], group->op_count};
        for (uint64_t o = 0; o < group->op_count; ++o, ++next) {
            const uint64_t places =
                group->ops[o]->kind == BF_OP_APPEND
                    ? ((const bf_op_append*)(const void*)group->ops[o])->stream_count
                    : 5;
            bf_op_result result = {sizeof result, BF_OK, {texts[next], 0}, epochs, seqs,
                                   places,        {8, 9}};
            result.id.len = (uint64_t)describe(texts[next], sizeof texts[next], group->ops[o]);
            results[next] = result;
        }
        answers[g] = answer;
    }
    spoil(how, &value, &answers[0], &results[0]);
    if (is(how, "no-value")) {
        complete(done, BF_OK, "", NULL);
    } else if (is(how, "unavailable")) {
        bf_result result = {sizeof result, BF_UNAVAILABLE, STR("the disk is full"), 250};
        done.call(done.ctx, &result, NULL);
    } else {
        complete(done, BF_OK, "", &value);
    }
}

static void storage_streams(void* instance, bf_str after, uint64_t limit, bf_done done) {
    bf_head head = {sizeof head, 1, 7, 1, limit, 0, after};
    bf_heads_value value = {sizeof value, 0, &head, 1};
    (void)instance;
    complete(done, BF_OK, "", &value);
}
static void storage_cursors(void* instance, bf_str stream, bf_done done) {
    bf_cursor cursors[2] = {{sizeof(bf_cursor), 0, stream, 3, 2, 1},
                            {sizeof(bf_cursor), 0, STR("b"), 5, 4, 6}};
    bf_cursors_value value = {sizeof value, 0, cursors, 2};
    (void)instance;
    complete(done, BF_OK, "", &value);
}
static void storage_get(void* instance, bf_str collection, bf_str id, bf_done done) {
    bf_document document = {sizeof document, 0, id, 6, {(const uint8_t*)"{}", 2}, collection};
    (void)instance;
    if (is(id, "missing")) {
        complete(done, BF_NOT_FOUND, "no such document", NULL);
        return;
    }
    complete(done, BF_OK, "", &document);
}
static void storage_find(void* instance, const bf_find* query, bf_done done) {
    bf_document document = {sizeof document,
                            0,
                            query->after_id,
                            query->limit,
                            {(const uint8_t*)query->from.ptr, query->from.len},
                            query->index};
    bf_documents value = {sizeof value, query->flags, &document, 1};
    (void)instance;
    complete(done, BF_OK, "", &value);
}
static void answer_jobs(bf_done done, bf_str queue, uint32_t state, int64_t due, uint64_t limit) {
    bf_job job = {
        sizeof job, state, queue, STR("j"), STR("lane"), due, 2, limit, {(const uint8_t*)"pay", 3},
        STR("why")};
    bf_jobs_value value = {sizeof value, 1, &job, 1};
    complete(done, BF_OK, "", &value);
}
static void storage_claim(void* instance, bf_str queue, int64_t now, int64_t until, uint64_t limit,
                          bf_done done) {
    (void)instance;
    answer_jobs(done, queue, BF_JOB_PENDING, now + until, limit);
}
static void storage_jobs(void* instance, bf_str queue, uint32_t state, bf_str after, uint64_t limit,
                         bf_done done) {
    (void)instance, (void)after;
    answer_jobs(done, queue, state, 0, limit);
}
static void storage_stats(void* instance, bf_done done) {
    bf_storage_stats stats = {sizeof stats, 1, 2, 3, 4, STR("in the mind")};
    (void)instance;
    complete(done, BF_OK, "", &stats);
}
static void storage_backup(void* instance, bf_str path, bf_done done) {
    (void)instance;
    complete(done, is(path, "/full") ? BF_UNAVAILABLE : BF_OK, "", NULL);
}

static void storage_cursor(void* instance, bf_str stream, bf_str device, bf_done done) {
    bf_cursor cursor = {sizeof cursor, 0, device, stream.len, 4, 6};
    bf_cursors_value value = {sizeof value, 0, &cursor, is(device, "new") ? 0U : 1U};
    (void)instance;
    complete(done, BF_OK, "", &value);
}

static bf_storage storage = {sizeof storage,  0,
                             storage_commit,  storage_read,
                             storage_heads,   storage_streams,
                             storage_cursors, storage_get,
                             storage_find,    storage_claim,
                             storage_jobs,    storage_stats,
                             storage_backup,  storage_cursor,
                             storage_dump,    storage_load};

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
#ifdef TABLE_END
    storage.size = offsetof(bf_storage, TABLE_END);
#endif
    (void)app;
    plugin.kind = BF_KIND_STORAGE;
    plugin.table = &storage;
    return &plugin;
}
