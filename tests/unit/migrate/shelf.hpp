/// A storage that is dumped and loaded, and keeps what it is given as it is.
#pragma once

#include "daemon/mailbox/half_copied.hpp"
#include "tests/support/memory_storage.hpp"
#include "tests/unit/migrate/records.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace belfry::test {

/// Beyond the records it is a MemoryStorage, whose documents know those of loaded records.
class Shelf : public MemoryStorage {
public:
    explicit Shelf(std::vector<Record> records = {}) : records_(std::move(records)) {}

    std::size_t at_once = 100;               ///< records in a part
    std::optional<std::size_t> fails_after;  ///< loads that succeed
    std::optional<Error> dump_error;
    std::size_t loads = 0;

    void dump(const std::string& after, std::uint64_t limit, std::uint64_t /*max_bytes*/,
              Executor& home, Callback<Records> done) override {
        const std::size_t from = after.empty() ? 0 : std::stoul(after);
        const std::size_t to =
            std::min({records_.size(), from + at_once, from + static_cast<std::size_t>(limit)});
        Result<Records> part = Records{{records_.begin() + static_cast<std::ptrdiff_t>(from),
                                        records_.begin() + static_cast<std::ptrdiff_t>(to)},
                                       to < records_.size(),
                                       std::to_string(to)};
        if (dump_error) {
            part = std::unexpected(*dump_error);
        }
        home.post(
            [part = std::move(part), done = std::move(done)]() mutable { done(std::move(part)); });
    }

    void load(std::span<const Record> records, Executor& home, Callback<> done) override {
        if (fails_after && loads == *fails_after) {
            home.post(
                [done = std::move(done)]() mutable { done(fail(Code::unavailable, "no room")); });
            return;
        }
        ++loads;
        std::vector<Group> groups(1);
        for (const Record& record : records) {
            const auto* document = std::get_if<DocumentRecord>(&record);
            if (document != nullptr) {
                groups[0].emplace_back(Put{document->collection, document->document.id, kVersionAny,
                                           document->document.document, document->keys});
            }
            if (document == nullptr || document->collection != kMigrationCollection) {
                records_.push_back(record);
            }
        }
        commit(groups, home,
               [done = std::move(done)](const Result<Committed>&) mutable { done({}); });
    }

private:
    std::vector<Record> records_;
};

}  // namespace belfry::test
