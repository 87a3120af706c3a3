#include "tests/power_loss/workload.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace belfry::power_loss {

using storage_test::Group;
using storage_test::Store;

namespace {

constexpr std::uint64_t kStreams = 6;
constexpr std::uint64_t kMostAtOnce = 4;
constexpr std::uint64_t kPage = 10'000;

std::string stream_name(std::uint64_t number) { return "user:" + std::to_string(number); }
std::string id_of(std::uint64_t number) { return "n" + std::to_string(number); }

}  // namespace

Workload::Plan Workload::plan(std::uint64_t number) const {
    std::mt19937_64 random(seed_ * 1'000'003 + number);
    Plan plan;
    const auto first = random() % kStreams;
    for (std::uint64_t i = 0; i <= random() % 3; ++i) {
        plan.streams.push_back(stream_name((first + i) % kStreams));
    }
    if (random() % 2 == 0) {
        plan.event_id = "e" + std::to_string(number);
    }
    const auto size = random() % 8 == 0 ? random() % 20'000 : random() % 300;
    plan.data = id_of(number) + std::string(size, static_cast<char>('a' + number % 26));
    return plan;
}

Group Workload::group(std::uint64_t number) const {
    const Plan plan = this->plan(number);
    auto note = plan.event_id.empty() ? storage_test::note(id_of(number))
                                      : storage_test::note_of(id_of(number), "test", plan.event_id);
    note.data = plan.data;
    Group group;
    group.append(std::move(note), plan.streams, "hash");
    group.put("groups", id_of(number), BF_VERSION_NONE, plan.data);
    return group;
}

void Workload::run(Store& store, std::uint64_t groups,
                   const std::function<void(std::uint64_t)>& acknowledged) {
    std::mt19937_64 random(seed_);
    for (std::uint64_t next = 1; next <= groups;) {
        std::vector<Group> made;
        std::vector<const Group*> pointers;
        const auto last = std::min(groups, next + random() % kMostAtOnce);
        for (auto number = next; number <= last; ++number) {
            made.push_back(group(number));
        }
        for (const auto& one : made) {
            pointers.push_back(&one);
        }
        const auto call = store.begin_commit(pointers);
        const auto outcome = call.wait();
        if (!outcome.ok()) {
            return;
        }
        for (auto number = next; number <= last; ++number) {
            const auto& result = outcome.value.groups.at(number - next);
            if (result.status != sdk::Status::ok) {
                return;
            }
            results_[number] = result.results.at(0);
            acknowledged(number);
        }
        next = last + 1;
    }
}

std::string Workload::check_group(std::uint64_t number,
                                  const std::map<std::string, std::string>& found,
                                  bool must_be_there) const {
    const Plan plan = this->plan(number);
    std::size_t there = 0;
    for (const auto& stream : plan.streams) {
        const auto place = found.find(stream + ' ' + id_of(number));
        if (place == found.end()) {
            continue;
        }
        ++there;
        if (place->second.substr(place->second.find(' ') + 1) != plan.data) {
            return "group " + std::to_string(number) + " has another body in " + stream;
        }
    }
    if (const auto known = results_.find(number); must_be_there && known != results_.end()) {
        for (std::size_t i = 0; i < plan.streams.size(); ++i) {
            const auto place = found.find(plan.streams[i] + ' ' + id_of(number));
            const auto expected = std::to_string(known->second.epochs.at(i)) + '.' +
                                  std::to_string(known->second.seqs.at(i));
            if (place == found.end() ||
                place->second.substr(0, place->second.find(' ')) != expected) {
                return "group " + std::to_string(number) + " was acknowledged at " + expected +
                       " of " + plan.streams[i] + ", and is not there";
            }
        }
    }
    const bool has_document = found.contains("document " + id_of(number));
    const bool is_half = there != 0 && there != plan.streams.size();
    return is_half || has_document != (there != 0)
               ? "half of group " + std::to_string(number) + " is there"
               : "";
}

std::string Workload::check(Store& store, const std::vector<std::uint64_t>& acknowledged) {
    std::map<std::string, std::string> found;  // "stream id" -> "epoch.seq data"
    std::uint64_t largest = 0;
    for (std::uint64_t i = 0; i < kStreams; ++i) {
        const auto page = store.read(stream_name(i), 0, kPage);
        if (page.entries.size() != page.head.head) {
            return stream_name(i) + " has " + std::to_string(page.entries.size()) +
                   " entries and the head " + std::to_string(page.head.head);
        }
        for (std::size_t at = 0; at < page.entries.size(); ++at) {
            const auto& entry = page.entries[at];
            if (entry.seq != at + 1) {
                return stream_name(i) + " has a hole before " + std::to_string(entry.seq);
            }
            found[stream_name(i) + ' ' + entry.notification->id] = std::to_string(page.head.epoch) +
                                                                   '.' + std::to_string(entry.seq) +
                                                                   ' ' + entry.notification->data;
            largest =
                std::max<std::uint64_t>(largest, std::stoull(entry.notification->id.substr(1)));
        }
    }
    bf_find all{};
    all.size = sizeof all;
    all.collection = sdk::str("groups");
    all.limit = kPage;
    for (const auto& document : store.find(all).documents) {
        found["document " + document.id] = document.document;
        largest = std::max<std::uint64_t>(largest, std::stoull(document.id.substr(1)));
    }
    if (!acknowledged.empty()) {
        largest = std::max(largest, acknowledged.back());
    }
    for (std::uint64_t number = 1; number <= largest; ++number) {
        const bool must_be_there = std::ranges::binary_search(acknowledged, number);
        if (auto wrong = check_group(number, found, must_be_there); !wrong.empty()) {
            return wrong;
        }
    }
    return {};
}

}  // namespace belfry::power_loss
