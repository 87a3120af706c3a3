#include "sdk/testkit/conformance/compare.hpp"

#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <sstream>

namespace belfry::conformance {
namespace {

/// "" where the two are equal.
template <class Value>
std::string unequal(const std::string& what, const Value& expected, const Value& found) {
    if (expected == found) {
        return {};
    }
    std::ostringstream text;
    text << what << ": expected " << expected << ", found " << found;
    return text.str();
}

std::string first_of(std::initializer_list<std::string> differences) {
    for (const auto& one : differences) {
        if (!one.empty()) {
            return one;
        }
    }
    return {};
}

std::string list(const std::vector<std::uint64_t>& numbers) {
    std::string text;
    for (const auto number : numbers) {
        text += std::to_string(number) + " ";
    }
    return text;
}

std::string result_difference(const sdk::OpResult& expected, const sdk::OpResult& found) {
    auto epochs = expected.epochs;
    for (std::size_t i = 0; i < epochs.size() && i < found.epochs.size(); ++i) {
        if ((epochs[i] == 0 || expected.seqs[i] == 0) && found.epochs[i] != 0) {
            epochs[i] = found.epochs[i];
        }
    }
    const bool has_count = expected.seqs.empty();
    return first_of(
        {unequal("status", static_cast<int>(expected.status), static_cast<int>(found.status)),
         unequal("id", expected.id, found.id),
         unequal("seqs", list(expected.seqs), list(found.seqs)),
         unequal("epochs", list(epochs), list(found.epochs)),
         has_count ? unequal("count", expected.count, found.count) : "",
         unequal("value[0]", expected.value[0], found.value[0]),
         unequal("value[1]", expected.value[1], found.value[1])});
}

std::string entry_difference(const ModelEntry& expected, const sdk::Entry& found) {
    return first_of({unequal("kind", expected.body->kind, found.kind),
                     unequal("state", expected.state, found.state),
                     unequal("read_at", expected.read_at, found.read_at),
                     difference(expected.body->note, *found.notification)});
}

std::string cursor_difference(const ModelStream& expected, const std::string& name, Store& store) {
    const auto found = store.cursors(name).cursors;
    if (found.size() != expected.cursors.size()) {
        return unequal("cursors of " + name, expected.cursors.size(), found.size());
    }
    auto at = found.begin();
    for (const auto& [device, cursor] : expected.cursors) {
        auto difference = first_of({unequal("device", device, at->device),
                                    unequal("delivered", cursor.delivered, at->delivered),
                                    unequal("read", cursor.read, at->read),
                                    unequal("moved_at", cursor.moved_at, at->moved_at)});
        if (!difference.empty()) {
            return "cursor " + device + " of " + name + ": " + difference;
        }
        ++at;
    }
    return {};
}

std::string job_difference(const sdk::Job& expected, const sdk::Job& found) {
    return first_of(
        {unequal("id", expected.id, found.id), unequal("queue", expected.queue, found.queue),
         unequal("lane", expected.lane, found.lane), unequal("due", expected.due, found.due),
         unequal("attempt", expected.attempt, found.attempt),
         unequal("state", expected.state, found.state),
         unequal("payload", expected.payload, found.payload),
         unequal("reason", expected.reason, found.reason),
         expected.lease == 0 ? "" : unequal("lease", expected.lease, found.lease)});
}

std::string documents_difference(const Model& expected, const std::string& collection,
                                 const std::string& index, Store& store) {
    bf_find query{};
    query.collection = sdk::str(collection);
    query.index = sdk::str(index);
    query.limit = 1'000;
    const auto found = store.find(query).documents;
    const auto keys = expected.keys(collection, index);
    if (found.size() != keys.size()) {
        return unequal("documents", keys.size(), found.size());
    }
    auto at = found.begin();
    for (const auto& [value, id] : keys) {
        const auto& document = expected.collections.at(collection).at(id);
        auto difference = first_of({unequal("id", id, at->id), unequal("key", value, at->key),
                                    unequal("version", document.version, at->version),
                                    unequal("document", document.document, at->document)});
        if (!difference.empty()) {
            return difference;
        }
        ++at;
    }
    return {};
}

}  // namespace

std::string difference(const sdk::Notification& expected, const sdk::Notification& found) {
    return first_of(
        {unequal("priority", expected.priority, found.priority),
         unequal("id", expected.id, found.id), unequal("type", expected.type, found.type),
         unequal("title", expected.title, found.title), unequal("body", expected.body, found.body),
         unequal("data", expected.data, found.data),
         unequal("data_type", expected.data_type, found.data_type),
         unequal("collapse_key", expected.collapse_key, found.collapse_key),
         unequal("created_at", expected.created_at, found.created_at),
         unequal("expires_at", expected.expires_at, found.expires_at),
         unequal("revision", expected.revision, found.revision),
         unequal("source", expected.source, found.source),
         unequal("event_id", expected.event_id, found.event_id),
         unequal("trace", expected.trace, found.trace)});
}

std::string difference(const sdk::GroupResult& expected, const sdk::GroupResult& found) {
    if (expected.status != found.status) {
        return "status: expected " + std::to_string(static_cast<int>(expected.status)) + " (" +
               expected.message + "), found " + std::to_string(static_cast<int>(found.status)) +
               " (" + found.message + ")";
    }
    if (expected.status != sdk::Status::ok) {
        return {};
    }
    if (expected.results.size() != found.results.size()) {
        return unequal("results", expected.results.size(), found.results.size());
    }
    for (std::size_t i = 0; i < expected.results.size(); ++i) {
        if (auto one = result_difference(expected.results[i], found.results[i]); !one.empty()) {
            return "operation " + std::to_string(i + 1) + ": " + one;
        }
    }
    return {};
}

std::string stream_difference(const ModelStream& expected, const std::string& name, Store& store) {
    const auto page = store.read(query_of(name));
    const auto head = page.head;
    auto difference = first_of({unequal("epoch", expected.epoch, head.epoch),
                                unequal("earliest", expected.earliest, head.earliest),
                                unequal("head", expected.head, head.head),
                                unequal("unread", expected.unread(), head.unread),
                                unequal("entries", expected.entries.size(), page.entries.size())});
    auto at = page.entries.begin();
    for (const auto& [seq, entry] : expected.entries) {
        if (!difference.empty()) {
            return name + ": " + difference;
        }
        difference =
            first_of({unequal("seq", seq, at->seq), unequal("stream", name, at->stream),
                      unequal("epoch", expected.epoch, at->epoch), entry_difference(entry, *at)});
        if (!difference.empty()) {
            difference = "entry " + std::to_string(seq) + ": " + difference;
        }
        ++at;
    }
    return difference.empty() ? cursor_difference(expected, name, store) : name + ": " + difference;
}

std::string collection_difference(const Model& expected, const std::string& name,
                                  const std::vector<std::string>& indexes, Store& store) {
    for (const auto& index : indexes) {
        if (auto one = documents_difference(expected, name, index, store); !one.empty()) {
            return "index \"" + index + "\" of " + name + ": " + one;
        }
    }
    return {};
}

std::string queue_difference(const Model& expected, const std::string& name, Store& store) {
    for (const auto state : {BF_JOB_PENDING, BF_JOB_DEAD}) {
        std::vector<sdk::Job> jobs;
        if (const auto queue = expected.queues.find(name); queue != expected.queues.end()) {
            for (const auto& [id, job] : queue->second) {
                if (job.job.state == state) {
                    jobs.push_back(job.job);
                }
            }
        }
        const auto found = store.jobs(name, state).jobs;
        if (found.size() != jobs.size()) {
            return unequal("jobs of " + name, jobs.size(), found.size());
        }
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            if (auto one = job_difference(jobs[i], found[i]); !one.empty()) {
                return "job " + jobs[i].id + " of " + name + ": " + one;
            }
        }
    }
    return {};
}

}  // namespace belfry::conformance
