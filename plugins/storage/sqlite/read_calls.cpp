#include "plugins/storage/sqlite/read_calls.hpp"

#include "plugins/storage/sqlite/durability.hpp"

#include <vector>

namespace belfry::sqlite {

using sdk::Done;
using sdk::Status;
using sdk::view;

void ReadCalls::read(const bf_read& query, Done<sdk::Page> done) {
    PageQuery own{std::string(view(query.stream)),
                  std::string(view(query.notification_id)),
                  std::string(view(query.type)),
                  (query.flags & BF_READ_BACKWARD) != 0,
                  query.after,
                  query.limit,
                  query.max_bytes,
                  query.state_mask,
                  query.state_want};
    answer(std::move(done), [own = std::move(own)](Reader& reader) { return reader.page(own); });
}

void ReadCalls::heads(std::span<const bf_str> streams, Done<sdk::Heads> done) {
    std::vector<std::string> names;
    names.reserve(streams.size());
    for (const bf_str& stream : streams) {
        names.emplace_back(view(stream));
    }
    answer(std::move(done),
           [names = std::move(names)](Reader& reader) { return reader.heads(names); });
}

void ReadCalls::streams(std::string_view after, std::uint64_t limit, Done<sdk::Heads> done) {
    answer(std::move(done), [after = std::string(after), limit](Reader& reader) {
        return reader.streams(after, limit);
    });
}

void ReadCalls::cursors(std::string_view stream, Done<sdk::Cursors> done) {
    answer(std::move(done),
           [stream = std::string(stream)](Reader& reader) { return reader.cursors(stream); });
}

void ReadCalls::cursor(std::string_view stream, std::string_view device, Done<sdk::Cursors> done) {
    answer(std::move(done), [stream = std::string(stream), device = std::string(device)](
                                Reader& reader) { return reader.cursor(stream, device); });
}

void ReadCalls::get(std::string_view collection, std::string_view id, Done<sdk::Document> done) {
    answer(std::move(done),
           [collection = std::string(collection), id = std::string(id)](Reader& reader) {
               sdk::Document document;
               if (!reader.documents().get(collection, id, document)) {
                   throw sdk::Failure(Status::not_found, "document \"" + id + "\" of \"" +
                                                             collection + "\": is not there");
               }
               return document;
           });
}

void ReadCalls::find(const bf_find& query, Done<sdk::Documents> done) {
    DocumentQuery own{std::string(view(query.collection)),   std::string(view(query.index)),
                      std::string(view(query.from)),         std::string(view(query.to)),
                      std::string(view(query.after_key)),    std::string(view(query.after_id)),
                      (query.flags & BF_READ_BACKWARD) != 0, query.limit};
    answer(std::move(done),
           [own = std::move(own)](Reader& reader) { return reader.documents().find(own); });
}

void ReadCalls::jobs(std::string_view queue, std::uint32_t state, std::string_view after,
                     std::uint64_t limit, Done<sdk::Jobs> done) {
    answer(std::move(done),
           [queue = std::string(queue), state, after = std::string(after), limit](Reader& reader) {
               return reader.jobs(queue, state, after, limit);
           });
}

void ReadCalls::stats(Done<sdk::StorageStats> done) {
    answer(std::move(done),
           [this, totals = is_open_ ? writer_->totals() : Totals{}](Reader& reader) {
               sdk::StorageStats stats;
               stats.streams = totals.streams;
               stats.entries = totals.entries;
               stats.bytes = reader.bytes();
               auto durability = durability_of(options_);
               stats.durable = durability.is_durable;
               stats.durability = std::move(durability.text);
               return stats;
           });
}

}  // namespace belfry::sqlite
