#include "daemon/plugin/storage_results.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/owned_values.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace belfry::plugin {
namespace {

constexpr std::uint64_t kMostCursors = 1'000'000;

/// An array of at most `most` structs, each by to_owned.
template <class Owned, class Struct>
Result<std::vector<Owned>> to_list(const Struct* first, std::uint64_t count, std::uint64_t most) {
    const AbiArray<Struct> given(first, count);
    if (!given.is_sound(most)) {
        return wrong("a list of " + std::to_string(count) + ", of at most " + std::to_string(most) +
                     ", that is not there or too long");
    }
    std::vector<Owned> all;
    all.reserve(count);
    for (std::uint64_t index = 0; index < count; ++index) {
        all.push_back(to_owned(given[index]));
    }
    return all;
}

}  // namespace

Result<Page> to_page(const void* value, std::uint64_t most) {
    const auto known = fetch<bf_page>(value);
    if (!known) {
        return wrong("no page");
    }
    const AbiArray<bf_entry> given(known->entries, known->count);
    if (!given.is_sound(most)) {
        return wrong("a page of " + std::to_string(known->count) + " entries, of at most " +
                     std::to_string(most) + ", that is not there or too long");
    }
    const auto head = fetch<bf_head>(known->head);
    if (!head) {
        return wrong("a page without a head");
    }
    Page page{to_owned(*head), {}, known->more != 0, known->next};
    page.entries.reserve(known->count);
    for (std::uint64_t index = 0; index < known->count; ++index) {
        const bf_entry entry = given[index];
        const auto notification = fetch<bf_notification>(entry.notification);
        if (!notification) {
            return wrong("an entry without a notification");
        }
        page.entries.push_back({EntryKind{entry.kind}, entry.state, entry.seq, entry.read_at,
                                std::make_shared<const Notification>(to_owned(*notification))});
    }
    if (!BF_HAS(static_cast<const bf_page*>(value), bf_page, next) && !page.entries.empty()) {
        page.next = page.entries.back().seq;  // a plugin from before `next`
    }
    return page;
}

Result<std::vector<Head>> to_heads(const void* value, std::uint64_t most) {
    const auto known = fetch<bf_heads_value>(value);
    return known ? to_list<Head>(known->heads, known->count, most) : wrong("no heads");
}

Result<std::vector<Cursor>> to_cursors(const void* value) {
    const auto known = fetch<bf_cursors_value>(value);
    return known ? to_list<Cursor>(known->cursors, known->count, kMostCursors)
                 : wrong("no cursors");
}

Result<Cursor> to_cursor(const void* value, const std::string& device) {
    auto cursors = to_cursors(value);
    if (!cursors) {
        return std::unexpected(std::move(cursors.error()));
    }
    const auto own = std::ranges::find(*cursors, device, &Cursor::device);
    return own == cursors->end() ? Cursor{.device = device} : std::move(*own);
}

Result<Document> to_document(const void* value) {
    const auto known = fetch<bf_document>(value);
    return known ? Result<Document>(to_owned(*known)) : wrong("no document");
}

Result<Documents> to_documents(const void* value, std::uint64_t most) {
    const auto known = fetch<bf_documents>(value);
    if (!known) {
        return wrong("no documents");
    }
    auto all = to_list<Document>(known->documents, known->count, most);
    return all ? Result<Documents>({*std::move(all), known->more != 0})
               : std::unexpected(all.error());
}

Result<Jobs> to_jobs(const void* value, std::uint64_t most) {
    const auto known = fetch<bf_jobs_value>(value);
    if (!known) {
        return wrong("no jobs");
    }
    auto all = to_list<Job>(known->jobs, known->count, most);
    return all ? Result<Jobs>({*std::move(all), known->more != 0}) : std::unexpected(all.error());
}

Result<StorageStats> to_stats(const void* value) {
    const auto known = fetch<bf_storage_stats>(value);
    return known ? Result<StorageStats>({known->durable != 0, known->streams, known->entries,
                                         known->bytes, std::string(view(known->durability))})
                 : wrong("no statistics");
}

}  // namespace belfry::plugin
