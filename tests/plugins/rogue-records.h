/* dump and load of rogue-storage. */
/* One record of each kind; by `after`, one of them is nonsense. */
static void storage_dump(void* instance, bf_str after, uint64_t limit, uint64_t max_bytes,
                         bf_done done) {
    const bf_cursor cursor = {sizeof cursor, 0, STR("phone"), 5, 4, 6};
    const bf_document document = {sizeof document,           0,        STR("ann"), 6,
                                  {(const uint8_t*)"{}", 2}, {NULL, 0}};
    const bf_job job = {
        sizeof job, BF_JOB_DEAD, STR("q"), STR("j"), STR("l"), 1, 2, 3, {(const uint8_t*)"pay", 3},
        STR("why")};
    const bf_key key = {STR("mail"), STR("a@b"), 1};
    bf_record_body body = {{sizeof body, BF_RECORD_BODY},
                           BF_ENTRY_REVISION,
                           1,
                           8,
                           2,
                           {(const uint8_t*)"hash", 4},
                           is(after, "no-notification") ? NULL : &notification};
    const bf_record_stream stream = {{sizeof stream, BF_RECORD_STREAM}, STR("s"), 7, 2, 9, 3};
    const bf_record_entry entry = {
        {sizeof entry, BF_RECORD_ENTRY}, STR("s"), 2, 8, 50, BF_ENTRY_REVISION, BF_STATE_READ};
    const bf_record_cursor moved = {
        {sizeof moved, BF_RECORD_CURSOR}, STR("s"), is(after, "no-cursor") ? NULL : &cursor};
    const bf_record_document kept = {{sizeof kept, BF_RECORD_DOCUMENT},
                                     STR("users"),
                                     is(after, "no-document") ? NULL : &document,
                                     &key,
                                     is(after, "endless-keys") ? UINT64_MAX : 1};
    const bf_record_job owed = {
        {sizeof owed, BF_RECORD_JOB}, is(after, "no-job") ? NULL : &job, 77};
    const bf_record odd = {sizeof odd, 99};
    const bf_record* records[] = {&body.record,  &stream.record, &entry.record,
                                  &moved.record, &kept.record,   &owed.record};
    bf_records value = {sizeof value, max_bytes == 1, STR("further"), records, 6};
    (void)instance;
    if (is(after, "odd-kind")) {
        records[1] = &odd;
    } else if (is(after, "no-record")) {
        records[5] = NULL;
    } else if (is(after, "no-list")) {
        value.records = NULL;
    } else if (is(after, "too-many")) {
        value.count = limit + 1;
    }
    complete(done, BF_OK, "", &value);
}

/* Fails, and the message says what it was given. */
static void storage_load(void* instance, const bf_record* const* records, uint64_t count,
                         bf_done done) {
    const bf_record_body* body = (const void*)records[0];
    const bf_record_stream* stream = (const void*)records[1];
    const bf_record_entry* entry = (const void*)records[2];
    const bf_record_cursor* moved = (const void*)records[3];
    const bf_record_document* kept = (const void*)records[4];
    const bf_record_job* owed = (const void*)records[5];
    char text[256];
    (void)instance;
    snprintf(text, sizeof text,
             "%d: body %d %d %d %d %.4s %.2s, stream %.1s %d %d %d %d, entry %.1s %d %d %d %d %d, "
             "cursor %.1s %.5s %d %d %d, document %.5s %.3s %d %.2s %.4s %.3s %d, "
             "job %.1s %d %d %d %d %d",
             (int)count, (int)body->entry_kind, (int)body->is_remembered, (int)body->ref,
             (int)body->entries, (const char*)body->content_hash.ptr, body->notification->id.ptr,
             stream->stream.ptr, (int)stream->epoch, (int)stream->earliest, (int)stream->head,
             (int)stream->unread, entry->stream.ptr, (int)entry->seq, (int)entry->ref,
             (int)entry->read_at, (int)entry->entry_kind, (int)entry->state, moved->stream.ptr,
             moved->cursor->device.ptr, (int)moved->cursor->delivered, (int)moved->cursor->read,
             (int)moved->cursor->moved_at, kept->collection.ptr, kept->document->id.ptr,
             (int)kept->document->version, (const char*)kept->document->document.ptr,
             kept->keys->index.ptr, kept->keys->value.ptr, (int)kept->keys->unique,
             owed->job->id.ptr, (int)owed->job->state, (int)owed->job->due, (int)owed->job->attempt,
             (int)owed->job->lease, (int)owed->leased_until);
    complete(done, BF_CONFLICT, text, NULL);
}
