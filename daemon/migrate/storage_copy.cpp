#include "daemon/migrate/storage_copy.hpp"

#include "daemon/mailbox/half_copied.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>
#include <vector>

namespace belfry::migrate {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kAtOnce = 5'000;
constexpr std::uint64_t kBytesAtOnce = 8U << 20U;
/// A storage that says nothing for so long has lost the call.
constexpr Nanos kPatience = 10 * 60 * kSecond;

const std::string kCollection(kMigrationCollection);
const std::string kDocument(kMigrationDocument);

DocumentRecord to_record(const Position& position, std::uint64_t version) {
    return {kCollection, {kDocument, version, print(position), {}}, {}};
}

Result<Document> position_document(Storage& target, Executor& home) {
    return wait_for<Document>(
        [&](auto done) { target.get(kCollection, kDocument, home, std::move(done)); }, kPatience);
}

Result<> load(Storage& target, Executor& home, const std::vector<Record>& records) {
    return wait_for([&](auto done) { target.load(records, home, std::move(done)); }, kPatience);
}

}  // namespace

Dump::Dump(Storage& storage, Executor& home, std::string after) : storage_(storage), home_(home) {
    read(std::move(after));
}

void Dump::read(std::string after) {
    reading_.emplace([this, &after](auto done) {
        storage_.dump(after, kAtOnce, kBytesAtOnce, home_, std::move(done));
    });
}

Result<Records> Dump::next() {
    auto records = reading_->get(kPatience);
    reading_.reset();
    if (records && records->more) {
        read(records->next);
    }
    return records;
}

std::string print(const Position& position) {
    return json::serialize(json::object{
        {"after", position.after}, {"records", position.records}, {"is_whole", position.is_whole}});
}

Result<Position> parse_position(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    const json::object* object = error ? nullptr : value.if_object();
    const auto* after = object == nullptr ? nullptr : object->if_contains("after");
    const auto* records = object == nullptr ? nullptr : object->if_contains("records");
    const auto* is_whole = object == nullptr ? nullptr : object->if_contains("is_whole");
    if (after == nullptr || !after->is_string() || records == nullptr || !records->is_int64() ||
        is_whole == nullptr || !is_whole->is_bool()) {
        return fail(Code::invalid, "the position of the migration cannot be read");
    }
    return Position{std::string(after->get_string()),
                    static_cast<std::uint64_t>(records->get_int64()), is_whole->get_bool()};
}

Result<Position> find_position(Storage& target, Executor& home) {
    const auto document = position_document(target, home);
    if (document) {
        return parse_position(document->document);
    }
    if (document.error().code != Code::not_found) {
        return std::unexpected(document.error());
    }
    const auto first = wait_for<Records>(
        [&](auto done) { target.dump({}, 1, 0, home, std::move(done)); }, kPatience);
    if (!first) {
        return std::unexpected(first.error());
    }
    if (!first->records.empty()) {
        return fail(Code::refused, "it is not empty; a deployment is copied into an empty storage");
    }
    return Position{};
}

Result<> copy(Storage& from, Storage& to, Executor& home, Position position,
              const std::function<void(std::uint64_t)>& seen) {
    Dump dump(from, home, position.after);
    for (std::uint64_t version = 1; !dump.ended(); ++version) {
        auto records = dump.next();
        if (!records) {
            return fail(records.error().code, "reading: " + records.error().message);
        }
        position = {std::move(records->next), position.records + records->records.size(),
                    !records->more};
        records->records.emplace_back(to_record(position, version));
        if (const auto loaded = load(to, home, records->records); !loaded) {
            return fail(loaded.error().code, "writing: " + loaded.error().message);
        }
        seen(position.records);
    }
    return {};
}

Result<> release(Storage& target, Executor& home) {
    const std::vector<Group> groups{{Delete{kCollection, kDocument, kVersionAny}}};
    const auto committed = wait_for<Committed>(
        [&](auto done) { target.commit(groups, home, std::move(done)); }, kPatience);
    if (!committed) {
        return std::unexpected(committed.error());
    }
    const GroupResult& result = committed->front();
    return result ? Result<>{} : std::unexpected(result.error());
}

}  // namespace belfry::migrate
