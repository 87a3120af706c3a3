/// Records of dump and load in the ABI's form, and back.
#pragma once

#include "daemon/plugin/values.hpp"

#include <belfry/abi.h>

#include <cstdint>
#include <deque>
#include <span>
#include <tuple>
#include <vector>

namespace belfry::plugin {

/// Borrows every text and payload from the records.
class AbiRecords {
public:
    explicit AbiRecords(std::span<const Record> records);
    AbiRecords(const AbiRecords&) = delete;
    AbiRecords& operator=(const AbiRecords&) = delete;

    [[nodiscard]] const bf_record* const* data() const { return records_.data(); }
    [[nodiscard]] std::uint64_t size() const { return records_.size(); }

private:
    template <class... Structs>
    using Kept = std::tuple<std::deque<Structs>...>;

    template <class Struct>
    const Struct* keep(const Struct& value);
    template <class Struct>
    void add(std::uint32_t kind, Struct record);
    void add(const BodyRecord& from);
    void add(const StreamRecord& from);
    void add(const EntryRecord& from);
    void add(const CursorRecord& from);
    void add(const DocumentRecord& from);
    void add(const JobRecord& from);

    Kept<bf_record_body, bf_record_stream, bf_record_entry, bf_record_cursor, bf_record_document,
         bf_record_job, bf_notification, bf_cursor, bf_document, bf_job, std::vector<bf_key>>
        kept_;
    std::vector<const bf_record*> records_;
};

/// `most` is what the call allowed. The error says what is wrong with the answer.
Result<Records> to_records(const void* value, std::uint64_t most);

}  // namespace belfry::plugin
