#include "plugins/storage/postgresql/reader_rows.hpp"

#include "plugins/storage/postgresql/parameter.hpp"

namespace belfry::postgresql {

std::shared_ptr<sdk::Notification> notification_at(const pqxx::row& row, int first) {
    auto note = std::make_shared<sdk::Notification>();
    auto column = first;
    const auto next = [&] { return row[column++]; };
    note->id = text_at(next());
    note->revision = count_at(next());
    note->type = text_at(next());
    note->title = text_at(next());
    note->body = text_at(next());
    note->data = bytes_at(next());
    note->data_type = text_at(next());
    note->priority = static_cast<std::int32_t>(number_at(next()));
    note->collapse_key = text_at(next());
    note->created_at = number_at(next());
    note->expires_at = number_at(next());
    note->source = text_at(next());
    note->event_id = text_at(next());
    note->trace = text_at(next());
    return note;
}

sdk::Head head_at(const pqxx::row& row, int first, std::string_view stream) {
    sdk::Head head;
    head.stream = stream;
    head.exists = !row[first].is_null();
    if (head.exists) {
        head.epoch = count_at(row[first]);
        head.head = count_at(row[first + 1]);
        head.earliest = count_at(row[first + 2]);
        head.unread = count_at(row[first + 3]);
    }
    return head;
}

}  // namespace belfry::postgresql
