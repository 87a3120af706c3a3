#include "tests/power_loss/workload.hpp"

#include <deque>
#include <map>
#include <utility>

namespace belfry::power_loss {
namespace {

using conformance::Group;

constexpr std::size_t kCallsAtOnce = 3;
constexpr std::uint64_t kSizes[] = {1, 1, 3, 1, 24, 2, 1, 60, 1, 7};

std::string name(std::string_view kind, std::uint64_t number) {
    return std::string(kind) + std::to_string(number);
}

sdk::Notification note_of(std::uint64_t number) {
    auto note = conformance::note_of(name("n", number), "source", name("event ", number));
    note.title = name("title ", number);
    note.body.assign(number % 40 == 0 ? 9'000 : number * 37 % 300,
                     static_cast<char>('a' + number % 26));
    note.data = name("data ", number * number);
    note.created_at = static_cast<std::int64_t>(number) * 1'000;
    return note;
}

std::vector<std::string> streams_of(std::uint64_t number) {
    std::vector<std::string> streams{"log", name("user:", number % 7), name("topic:", number % 3)};
    for (std::uint64_t i = 0; number % 15 == 0 && i < 40; ++i) {
        streams.push_back(name("fan:", i));
    }
    return streams;
}

void add_changes(Group& group, std::uint64_t number) {
    const auto user = name("user:", number % 7);
    if (number % 3 == 0) {
        group.mark(user, BF_STATE_READ, 0, {}, number / 14, static_cast<std::int64_t>(number));
    }
    if (number % 11 == 0) {
        group.mark(user, BF_STATE_ARCHIVED, BF_STATE_READ, {number / 20, number / 9});
    }
    if (number % 5 == 0) {
        group.cursor(user, name("device ", number % 3), number / 7, number / 9);
    }
    if (number % 20 == 0) {
        bf_op_trim trim{};
        trim.keep = 10;
        trim.limit = 1'000;
        group.trim(trim, user);
    }
    if (number % 50 == 0) {
        group.reset("fan:1");
    }
}

void add_documents(Group& group, std::uint64_t number) {
    if (number % 7 == 0) {
        group.put("things", name("thing ", number % 10), BF_VERSION_ANY, name("document ", number),
                  {{"key", name("value ", number % 10), true}});
    }
    if (number % 4 == 0) {
        group.owe("queue", name("job ", number), static_cast<std::int64_t>(number), "lane",
                  name("payload ", number));
    }
}

void add_successor(Group& group, std::uint64_t number) {
    if (number % 33 == 0) {
        auto revision = note_of(number - 5);
        revision.event_id.clear();
        revision.revision = 2;
        revision.title = name("revision ", number);
        group.append(revision, {name("user:", (number - 5) % 7)}, {}, BF_ENTRY_REVISION);
    }
    if (number % 37 == 0) {
        auto retraction = note_of(number - 3);
        retraction.event_id.clear();
        retraction.revision = 3;
        group.append(retraction, {name("user:", (number - 3) % 7)}, {}, BF_ENTRY_RETRACTION);
    }
}

bool is_same(const sdk::Notification& left, const sdk::Notification& right) {
    return left.id == right.id && left.title == right.title && left.body == right.body &&
           left.data == right.data && left.revision == right.revision &&
           left.created_at == right.created_at && left.event_id == right.event_id;
}

std::string fault_of(conformance::Store& store, const std::string& stream,
                     const conformance::ModelStream& expected) {
    const auto page = store.read(stream);
    const auto& head = page.head;
    const auto what = "stream " + stream;
    if (head.head != expected.head || head.earliest != expected.earliest ||
        head.unread != expected.unread()) {
        return what + ": expected " + std::to_string(expected.earliest) + " to " +
               std::to_string(expected.head) + ", " + std::to_string(expected.unread()) +
               " unread, found " + std::to_string(head.earliest) + " to " +
               std::to_string(head.head) + ", " + std::to_string(head.unread) + " unread";
    }
    if (page.entries.size() != expected.entries.size()) {
        return what + ": expected " + std::to_string(expected.entries.size()) + " entries, found " +
               std::to_string(page.entries.size());
    }
    auto at = page.entries.begin();
    for (const auto& [seq, entry] : expected.entries) {
        if (at->seq != seq || at->state != entry.state || at->read_at != entry.read_at ||
            at->kind != entry.body->kind || !is_same(*at->notification, entry.body->note)) {
            return what + ": entry " + std::to_string(seq) + " is another one";
        }
        ++at;
    }
    const auto cursors = store.cursors(stream).cursors;
    for (const auto& cursor : cursors) {
        const auto found = expected.cursors.find(cursor.device);
        if (found == expected.cursors.end() || found->second.delivered != cursor.delivered ||
            found->second.read != cursor.read) {
            return what + ": the cursor of " + cursor.device + " is another one";
        }
    }
    return cursors.size() == expected.cursors.size() ? "" : what + ": not all cursors are there";
}

std::string documents_fault(conformance::Store& store, const conformance::Model& model) {
    for (const auto& [collection, documents] : model.collections) {
        for (const auto& [id, expected] : documents) {
            const auto found = store.get(collection, id);
            if (!found.ok() || found.value.document != expected.document ||
                found.value.version != expected.version) {
                return "document " + id + " is another one";
            }
        }
    }
    bf_find query{};
    query.collection = sdk::str("things");
    query.index = sdk::str("key");
    query.limit = 1'000;
    const auto found = store.find(query).documents.size();
    const auto expected = model.collections.find("things");
    const auto count = expected == model.collections.end() ? 0 : expected->second.size();
    return found == count ? "" : "the documents' keys are other ones";
}

}  // namespace

Workload::Workload(std::uint64_t groups) {
    for (std::uint64_t number = 1; number <= groups; ++number) {
        auto& group = groups_.emplace_back();
        group.append(note_of(number), streams_of(number), name("hash ", number));
        add_changes(group, number);
        add_documents(group, number);
        add_successor(group, number);
    }
}

conformance::Group Workload::repetition(std::uint64_t number) {
    conformance::Group group;
    group.append(note_of(number), streams_of(number), name("hash ", number));
    return group;
}

void Workload::run(conformance::Store& store,
                   const std::function<void(std::uint64_t)>& answered) const {
    std::deque<std::pair<std::uint64_t, conformance::Call<sdk::Committed>>> open;
    const auto wait_for_one = [&] {
        const auto [last, call] = std::move(open.front());
        open.pop_front();
        const auto outcome = call.wait();
        if (outcome.ok()) {
            answered(last);
        }
        return outcome.ok();
    };
    std::size_t turn = 0;
    for (std::uint64_t next = 1; next <= size();) {
        std::vector<const Group*> call;
        for (auto left = kSizes[turn++ % std::size(kSizes)]; left > 0 && next <= size(); --left) {
            call.push_back(&group(next++));
        }
        open.emplace_back(next - 1, store.begin_commit(call));
        if (open.size() >= kCallsAtOnce && !wait_for_one()) {
            break;
        }
    }
    while (!open.empty()) {
        (void)wait_for_one();
    }
}

std::uint64_t count_groups(conformance::Store& store) { return store.head("log").head; }

std::string find_fault(conformance::Store& store, const Workload& workload, std::uint64_t groups) {
    std::uint64_t epoch = 0;
    conformance::Model model([&] { return ++epoch; });
    for (std::uint64_t number = 1; number <= groups; ++number) {
        if (const auto result = model.apply(workload.group(number).wire());
            result.status != sdk::Status::ok) {
            return "the model refuses group " + std::to_string(number) + ": " + result.message;
        }
    }
    const auto heads = store.streams("", 10'000);
    if (heads.size() != model.streams.size()) {
        return "expected " + std::to_string(model.streams.size()) + " streams, found " +
               std::to_string(heads.size());
    }
    for (const auto& [stream, expected] : model.streams) {
        if (auto fault = fault_of(store, stream, expected); !fault.empty()) {
            return fault;
        }
    }
    const auto queue = model.queues.find("queue");
    const auto jobs = queue == model.queues.end() ? 0 : queue->second.size();
    if (store.jobs("queue", BF_JOB_PENDING).jobs.size() != jobs) {
        return "expected " + std::to_string(jobs) + " jobs";
    }
    return documents_fault(store, model);
}

}  // namespace belfry::power_loss
