#include "plugins/storage/sqlite/work.hpp"

#include <variant>

namespace belfry::sqlite {

namespace {

constexpr std::size_t kRecordBytes = 256;

std::size_t size_of(const sdk::Record& record) {
    if (const auto* body = std::get_if<sdk::BodyRecord>(&record); body != nullptr) {
        const auto& note = *body->notification;
        return note.title.size() + note.body.size() + note.data.size();
    }
    if (const auto* document = std::get_if<sdk::DocumentRecord>(&record); document != nullptr) {
        return document->document.document.size();
    }
    if (const auto* job = std::get_if<sdk::JobRecord>(&record); job != nullptr) {
        return job->job.payload.size();
    }
    return 0;
}

}  // namespace

LoadWork::LoadWork(std::vector<sdk::Record> records, sdk::Done<> done)
    : records_(std::move(records)), bytes_(0), done_(std::move(done)) {
    for (const auto& record : records_) {
        bytes_ += kRecordBytes + size_of(record);
    }
}

}  // namespace belfry::sqlite
