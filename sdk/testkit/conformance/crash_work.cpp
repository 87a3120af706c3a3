#include "sdk/testkit/conformance/crash_work.hpp"

#include <sstream>

namespace belfry::conformance {

namespace {

constexpr std::uint64_t kKept = 150;
constexpr std::uint64_t kTrimmedAtOnce = 20;

}  // namespace

std::string Work::line() const {
    std::ostringstream text;
    text << static_cast<std::uint32_t>(kind) << ' ' << thread << ' ' << number << ' ' << streams
         << ' ' << value << ' ' << job;
    return text.str();
}

Work Work::parse(const std::string& line) {
    Work work;
    std::uint32_t kind = 0;
    std::istringstream text(line);
    text >> kind >> work.thread >> work.number >> work.streams >> work.value >> work.job;
    work.kind = static_cast<Kind>(kind);
    return work;
}

std::string stream_name(std::uint64_t number) { return "s" + std::to_string(number); }

std::string thread_name(std::uint64_t thread) { return "t" + std::to_string(thread); }

std::string queue_name(std::uint64_t thread) { return "q" + std::to_string(thread); }

std::string id_of(std::uint64_t number) { return "w" + std::to_string(number); }

std::uint64_t number_of(const std::string& id) { return std::stoull(id.substr(1)); }

sdk::Notification note_of(std::uint64_t number) {
    auto sent = note_of(id_of(number), "crash", id_of(number));
    sent.body.assign(number * 7'919 % 1'500, static_cast<char>('a' + number % 26));
    sent.data = std::string("\0data of ", 9) + sent.id;
    return sent;
}

std::string document_of(std::uint64_t number) {
    return "document of " + id_of(number) + std::string(number % 300, '.');
}

std::vector<std::uint64_t> streams_of(const Work& work) {
    std::vector<std::uint64_t> streams;
    for (std::uint64_t stream = 0; stream < kCrashStreams; ++stream) {
        if ((work.streams >> stream & 1U) != 0) {
            streams.push_back(stream);
        }
    }
    return streams;
}

Group group_of(const Work& work, bool is_repeated) {
    Group group;
    const auto flags = is_repeated ? BF_APPEND_REPEATED : 0;
    const auto id = id_of(work.number);
    std::vector<std::string> streams;
    for (const auto stream : streams_of(work)) {
        streams.push_back(stream_name(stream));
    }
    switch (work.kind) {
        case Work::Kind::publish:
            group.append(note_of(work.number), streams, id, BF_ENTRY_NOTIFICATION, flags)
                .put("docs", id, BF_VERSION_NONE, document_of(work.number),
                     {{"owner", thread_name(work.thread), false}, {"name", id, true}})
                .owe(queue_name(work.thread), id, static_cast<std::int64_t>(work.number), "", id);
            break;
        case Work::Kind::mark: group.mark(streams.at(0), BF_STATE_READ, 0, {work.value}); break;
        case Work::Kind::count:
            group
                .put("counters", thread_name(work.thread), work.value,
                     std::to_string(work.value + 1))
                .cursor(stream_name(0), thread_name(work.thread), work.value + 1, 0);
            break;
        case Work::Kind::settle: {
            sdk::Job job;
            job.queue = queue_name(work.thread);
            job.id = id_of(work.job);
            job.lease = work.value;
            group.settle(job, BF_SETTLE_DONE)
                .append(note_of(work.number), {stream_name(kSettledStream)}, id,
                        BF_ENTRY_NOTIFICATION, flags);
            break;
        }
        case Work::Kind::trim:
            group.trim({.op = {},
                        .stream = {},
                        .older_than = 0,
                        .keep = kKept,
                        .expired_at = 0,
                        .limit = kTrimmedAtOnce},
                       stream_name(kTrimmedStream));
            break;
    }
    return group;
}

}  // namespace belfry::conformance
