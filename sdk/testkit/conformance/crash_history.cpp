#include "sdk/testkit/conformance/crash_history.hpp"

#include "sdk/testkit/conformance/compare.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace belfry::conformance {
namespace {

constexpr auto* kFirst = "first";

std::vector<sdk::Document> all_of(Store& store, std::string_view collection) {
    bf_find query{};
    query.collection = sdk::str(collection);
    query.limit = 1'000;
    std::vector<sdk::Document> all;
    for (bool more = true; more;) {
        auto page = store.find(query);
        more = page.more && !page.documents.empty();
        std::ranges::move(page.documents, std::back_inserter(all));
        if (!all.empty()) {
            query.after_key = query.after_id = sdk::str(all.back().id);
        }
    }
    return all;
}

}  // namespace

void CrashHistory::prepare(Store& store) {
    std::vector<std::string> streams;
    for (std::uint64_t stream = 0; stream < kCrashStreams; ++stream) {
        streams.push_back(stream_name(stream));
    }
    store.commit(Group().append(note(kFirst), streams));
}

void CrashHistory::hear(const std::string& line) {
    std::istringstream text(line);
    char what = 0;
    text >> what;
    if (what == 'B') {
        const auto work = Work::parse(line.substr(2));
        begun_[work.number] = work;
        unknown_.push_back(work.number);
    } else if (what == 'A') {
        std::uint64_t number = 0;
        text >> number;
        auto& seqs = answered_[number];
        for (std::uint64_t seq = 0; text >> seq;) {
            seqs.push_back(seq);
        }
        std::erase(unknown_, number);
        ++acknowledged_;
    } else {
        throw testkit::Failed("the process that was to be killed says " + line);
    }
}

void CrashHistory::repeat_unknown(Store& store) {
    for (const auto number : unknown_) {
        repeat(store, begun_.at(number));
    }
    unknown_.clear();
}

void CrashHistory::repeat(Store& store, const Work& work) {
    const auto result = store.commit(group_of(work, true));
    const bool can_be_done_already = work.kind == Work::Kind::publish ||
                                     work.kind == Work::Kind::count ||
                                     work.kind == Work::Kind::settle;
    if (result.status == Status::conflict && can_be_done_already) {
        return;
    }
    if (result.status != Status::ok) {
        throw testkit::Failed("repeating " + work.line() + ": " + result.message);
    }
    for (const auto& one : result.results) {
        if (one.status == Status::duplicate) {
            throw testkit::Failed("half of a group was there: " + work.line());
        }
    }
}

std::string CrashHistory::fault(Store& store) {
    for (const auto& [number, work] : begun_) {
        if (work.kind == Work::Kind::mark) {
            read_.emplace(streams_of(work).at(0), work.value);
        }
    }
    for (std::uint64_t stream = 0; stream < kCrashStreams; ++stream) {
        if (auto one = stream_fault(store, stream); !one.empty()) {
            return stream_name(stream) + ": " + one;
        }
    }
    Documents documents;
    for (auto& document : all_of(store, "docs")) {
        documents[document.id] = document;
    }
    for (const auto& [number, work] : begun_) {
        if (auto one = publish_fault(work, documents); !one.empty()) {
            return work.line() + ": " + one;
        }
    }
    if (!documents.empty()) {
        return "document " + documents.begin()->first + " is of nobody";
    }
    for (std::uint64_t thread = 0; thread < kCrashThreads; ++thread) {
        if (auto one = counter_fault(store, thread); !one.empty()) {
            return one;
        }
        if (auto one = job_fault(store, thread); !one.empty()) {
            return one;
        }
    }
    return {};
}

std::string CrashHistory::stream_fault(Store& store, std::uint64_t stream) {
    const auto name = stream_name(stream);
    const auto head = store.head(name);
    const auto entries = read_all(store, query_of(name));
    auto& found = found_[stream];
    if (epochs_.emplace(stream, head.epoch).first->second != head.epoch) {
        return "another epoch";
    }
    if (head.earliest < found.earliest || (stream != kTrimmedStream && head.earliest != 1)) {
        return "earliest is " + std::to_string(head.earliest);
    }
    found = {{}, head.earliest};
    if (entries.size() != head.head + 1 - head.earliest || head.unread != unread_of(entries)) {
        return std::to_string(entries.size()) + " entries, " + std::to_string(unread_of(entries)) +
               " unread, and the head says " + std::to_string(head.earliest) + " to " +
               std::to_string(head.head) + ", " + std::to_string(head.unread) + " unread";
    }
    auto next = head.earliest;
    for (const auto& entry : entries) {
        if (entry.seq != next++) {
            return "a hole before " + std::to_string(entry.seq);
        }
        if (auto one = entry_fault(stream, entry); !one.empty()) {
            return "entry " + std::to_string(entry.seq) + ": " + one;
        }
    }
    return order_fault(stream);
}

std::string CrashHistory::entry_fault(std::uint64_t stream, const sdk::Entry& entry) {
    const auto& id = entry.notification->id;
    const bool is_read = read_.contains({stream, entry.seq});
    if (entry.state != (is_read ? BF_STATE_READ : 0)) {
        return id + " has the state " + std::to_string(entry.state);
    }
    if (id == kFirst) {
        return {};
    }
    const auto number = number_of(id);
    if (!begun_.contains(number)) {
        return id + " is of nobody";
    }
    if (!found_[stream].seqs.emplace(number, entry.seq).second) {
        return id + " is there twice";
    }
    return difference(note_of(number), *entry.notification);
}

/// What a thread wrote one after the other is there one after the other, but for what was repeated.
std::string CrashHistory::order_fault(std::uint64_t stream) const {
    std::map<std::uint64_t, std::uint64_t> last;  // by thread
    for (const auto& [number, seq] : found_.at(stream).seqs) {
        if (!answered_.contains(number)) {
            continue;
        }
        auto& before = last[begun_.at(number).thread];
        if (seq <= before) {
            return id_of(number) + " is before what was written before it";
        }
        before = seq;
    }
    return {};
}

std::string CrashHistory::place_fault(const Work& work) const {
    const auto answered = answered_.find(work.number);
    std::size_t place = 0;
    for (const auto stream : streams_of(work)) {
        const auto& found = found_.at(stream);
        const auto seq = found.seqs.find(work.number);
        const auto told = answered == answered_.end() ? 0 : answered->second.at(place++);
        if (seq != found.seqs.end() && told != 0 && seq->second != told) {
            return stream_name(stream) + ": told " + std::to_string(told) + ", found " +
                   std::to_string(seq->second);
        }
        const bool may_be_gone =
            stream == kTrimmedStream && found.earliest > 1 && told < found.earliest;
        if (seq == found.seqs.end() && !may_be_gone) {
            return stream_name(stream) + ": is not there";
        }
    }
    return {};
}

std::string CrashHistory::publish_fault(const Work& work, Documents& documents) const {
    if (work.kind == Work::Kind::settle) {
        return place_fault(work);
    }
    if (work.kind != Work::Kind::publish) {
        return {};
    }
    const auto document = documents.extract(id_of(work.number));
    if (document.empty() || document.mapped().document != document_of(work.number) ||
        document.mapped().version != 1) {
        return "the document is not there, or another one";
    }
    return place_fault(work);
}

std::string CrashHistory::counter_fault(Store& store, std::uint64_t thread) {
    const auto count = static_cast<std::uint64_t>(std::ranges::count_if(begun_, [&](auto& one) {
        return one.second.kind == Work::Kind::count && one.second.thread == thread;
    }));
    const auto name = thread_name(thread);
    const auto counter = store.get("counters", name).value;
    const auto cursors = store.cursor(stream_name(0), name).cursors;
    const auto delivered = cursors.empty() ? 0 : cursors[0].delivered;
    const auto expected = count == 0 ? "" : std::to_string(count);
    if (counter.version != count || counter.document != expected || delivered != count) {
        return "counter " + name + ": expected " + std::to_string(count) + ", found version " +
               std::to_string(counter.version) + " \"" + counter.document + "\", cursor " +
               std::to_string(delivered);
    }
    return {};
}

std::string CrashHistory::job_fault(Store& store, std::uint64_t thread) {
    std::set<std::string> expected;
    for (const auto& [number, work] : begun_) {
        if (work.kind == Work::Kind::publish && work.thread == thread) {
            expected.insert(id_of(number));
        }
    }
    for (const auto& [number, work] : begun_) {
        if (work.kind == Work::Kind::settle && work.thread == thread) {
            expected.erase(id_of(work.job));
        }
    }
    std::set<std::string> found;
    std::string after;
    for (bool more = true; more;) {
        const auto page = store.jobs(queue_name(thread), BF_JOB_PENDING, after, 1'000);
        for (const auto& job : page.jobs) {
            after = job.id;
            if (job.payload != job.id) {
                return "job " + job.id + " has another payload";
            }
            found.insert(job.id);
        }
        more = page.more && !page.jobs.empty();
    }
    return found == expected
               ? ""
               : queue_name(thread) + ": expected " + std::to_string(expected.size()) +
                     " jobs, found " + std::to_string(found.size());
}

}  // namespace belfry::conformance
