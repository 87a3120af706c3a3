/// What the process that is killed does, and the one that kills it knows of.
#pragma once

#include "sdk/testkit/conformance/group.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::conformance {

/// One group. All of it follows from these few members, so a line is enough to know it.
struct Work {
    enum class Kind : std::uint32_t {
        publish,  ///< one entry in some streams, a document, a job
        mark,     ///< the entry `value` of the stream `streams` becomes read
        count,    ///< a counter's document goes from version `value` to the next, a cursor with it
        settle,   ///< the job of the work `job` ends with the lease `value`, and an entry says so
        trim,     ///< the last stream is cut
    };

    Kind kind = Kind::publish;
    std::uint64_t thread = 0;
    std::uint64_t number = 0;   ///< unique; a thread's rise
    std::uint64_t streams = 1;  ///< bits
    std::uint64_t value = 0;
    std::uint64_t job = 0;

    [[nodiscard]] std::string line() const;
    static Work parse(const std::string& line);
};

constexpr std::uint64_t kCrashStreams = 6;
constexpr std::uint64_t kTrimmedStream = kCrashStreams - 1;
constexpr std::uint64_t kSettledStream = 1;
constexpr std::uint64_t kCrashThreads = 5;

std::string stream_name(std::uint64_t number);
std::string thread_name(std::uint64_t thread);
std::string queue_name(std::uint64_t thread);
/// Of the entry, the document and the job of a work.
std::string id_of(std::uint64_t number);
std::uint64_t number_of(const std::string& id);
sdk::Notification note_of(std::uint64_t number);
std::string document_of(std::uint64_t number);
std::vector<std::uint64_t> streams_of(const Work& work);

/// `is_repeated`: it was tried before, and nobody knows what became of it.
Group group_of(const Work& work, bool is_repeated);

}  // namespace belfry::conformance
