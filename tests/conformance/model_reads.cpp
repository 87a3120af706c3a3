// The reading calls of the model plugin, and the faults that can be planted in them.
#include "tests/conformance/model_plugin.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <ranges>
#include <tuple>

namespace belfry::model_plugin {
namespace {

using conformance::ModelEntry;
using conformance::ModelStream;
using sdk::view;

constexpr std::uint64_t kLookedAt = 5'000;

bool is_wanted(const ModelEntry& entry, const bf_read& query) {
    return (entry.state & query.state_mask) == query.state_want &&
           (query.type.len == 0 || view(query.type) == entry.body->note.type) &&
           (query.notification_id.len == 0 || view(query.notification_id) == entry.body->note.id);
}

sdk::Entry entry_of(const std::string& name, const ModelStream& stream, std::uint64_t seq,
                    const ModelEntry& entry) {
    return {entry.body->kind,
            entry.state,
            stream.epoch,
            seq,
            entry.read_at,
            name,
            std::make_shared<const sdk::Notification>(entry.body->note)};
}

class Reading {
public:
    Reading(const bf_read& query, std::string_view fault, sdk::Page& page)
        : query_(query), fault_(fault), page_(page) {}

    /// False where the page ends.
    bool take(const std::string& name, const ModelStream& stream, std::uint64_t seq,
              const ModelEntry& entry) {
        const bool is_full = page_.entries.size() >= query_.limit || bytes_ > query_.max_bytes;
        if (is_full || looked_at_++ >= kLookedAt) {
            page_.more = is_full || fault_ != "stops-looking";
            return false;
        }
        page_.next = seq;
        if (is_wanted(entry, query_)) {
            const auto& note = entry.body->note;
            bytes_ += note.title.size() + note.body.size() + note.data.size();
            if (fault_ == "may-give-nothing" && bytes_ > query_.max_bytes) {
                page_.more = true;
                return false;
            }
            page_.entries.push_back(entry_of(name, stream, seq, entry));
        }
        return true;
    }

private:
    const bf_read& query_;
    std::string_view fault_;
    sdk::Page& page_;
    std::uint64_t bytes_ = 0;
    std::uint64_t looked_at_ = 0;
};

bool is_less_for_people(const std::string& left, const std::string& right) {
    return std::ranges::lexicographical_compare(
        left, right, {}, [](unsigned char one) { return std::tolower(one); },
        [](unsigned char one) { return std::tolower(one); });
}

using Places = std::vector<std::pair<std::string, std::string>>;  // value, id

Places places_in_range(const Data& data, const bf_find& query, std::string_view fault) {
    const std::string from(view(query.from));
    const std::string to(view(query.to));
    Places places;
    for (const auto& place :
         data.model.keys(std::string(view(query.collection)), std::string(view(query.index)))) {
        if (place.first >= from && (to.empty() || place.first < to)) {
            places.push_back(place);
        }
    }
    if (fault == "orders-for-people") {
        std::ranges::stable_sort(places, is_less_for_people,
                                 [](const auto& one) { return one.first; });
    }
    if ((query.flags & BF_READ_BACKWARD) != 0) {
        std::ranges::reverse(places);
    }
    return places;
}

Places::const_iterator behind(const Places& places, const bf_find& query, std::string_view fault) {
    if (query.after_key.len == 0 && query.after_id.len == 0) {
        return places.begin();
    }
    const bool by_id = query.index.len == 0;
    const std::pair after(std::string(view(by_id ? query.after_id : query.after_key)),
                          std::string(view(query.after_id)));
    const bool is_backward = (query.flags & BF_READ_BACKWARD) != 0;
    if (fault == "pages-by-value") {
        return std::ranges::find_if(places, [&](const auto& place) {
            return is_backward ? place.first < after.first : place.first > after.first;
        });
    }
    if (fault == "pages-from-documents") {
        const auto found = std::ranges::find(places, after);
        return found == places.end() ? found : std::next(found);
    }
    return std::ranges::find_if(
        places, [&](const auto& place) { return is_backward ? place < after : place > after; });
}

}  // namespace

sdk::Head head_of(const Data& data, const std::string& name, std::string_view fault) {
    const auto found = data.model.streams.find(name);
    if (found == data.model.streams.end()) {
        return {name, false, 0, 0, 0, 0};
    }
    const auto& stream = found->second;
    auto unread = stream.unread();
    if (fault == "counts-the-retracted") {
        unread = static_cast<std::uint64_t>(
            std::ranges::count_if(stream.entries | std::views::values, [](const ModelEntry& entry) {
                return entry.body->kind == BF_ENTRY_NOTIFICATION &&
                       (entry.state & BF_STATE_READ) == 0;
            }));
    }
    const auto epoch = fault == "keeps-the-epoch" ? 7 : stream.epoch;
    return {name, true, epoch, stream.earliest, stream.head, unread};
}

sdk::Page read_page(const Data& data, const bf_read& query, std::string_view fault) {
    const std::string name(view(query.stream));
    sdk::Page page;
    page.head = head_of(data, name, fault);
    const auto found = data.model.streams.find(name);
    if (found == data.model.streams.end()) {
        return page;
    }
    const auto& entries = found->second.entries;
    Reading reading(query, fault, page);
    if ((query.flags & BF_READ_BACKWARD) != 0) {
        auto at = query.after == 0 ? entries.end() : entries.lower_bound(query.after);
        while (at != entries.begin() &&
               reading.take(name, found->second, std::prev(at)->first, std::prev(at)->second)) {
            --at;
        }
    } else {
        for (auto at = entries.upper_bound(query.after);
             at != entries.end() && reading.take(name, found->second, at->first, at->second);
             ++at) {
        }
    }
    return page;
}

sdk::Cursors cursors_of(const Data& data, std::string_view stream, std::string_view device) {
    sdk::Cursors cursors;
    if (const auto found = data.model.streams.find(std::string(stream));
        found != data.model.streams.end()) {
        for (const auto& [name, cursor] : found->second.cursors) {
            if (device.data() == nullptr || device == name) {
                cursors.cursors.push_back(cursor);
            }
        }
    }
    return cursors;
}

sdk::Documents find_documents(const Data& data, const bf_find& query, std::string_view fault) {
    const auto places = places_in_range(data, query, fault);
    sdk::Documents found;
    for (auto at = behind(places, query, fault); at != places.end(); ++at) {
        if (found.documents.size() == query.limit) {
            found.more = true;
            break;
        }
        const auto& document =
            data.model.collections.at(std::string(view(query.collection))).at(at->second);
        found.documents.push_back({at->second, document.version, document.document, at->first});
    }
    return found;
}

sdk::Records dump_page(const Data& data, const DumpQuery& query, std::string_view fault) {
    auto all = data.model.dump();
    if (fault == "dumps-no-read-times") {
        for (auto& record : all) {
            if (auto* entry = std::get_if<sdk::EntryRecord>(&record)) {
                entry->read_at = 0;
            }
        }
    }
    sdk::Records page;
    std::size_t at = query.after.empty() ? 0 : std::stoull(query.after);
    for (; at < all.size() && page.records.size() < query.limit; ++at) {
        if (!page.records.empty() && page.records.size() * 100 > query.max_bytes) {
            break;
        }
        page.records.push_back(std::move(all[at]));
    }
    page.more = at < all.size();
    page.next = std::to_string(at);
    return page;
}

}  // namespace belfry::model_plugin
