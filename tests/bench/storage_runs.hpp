/// What a storage is made to do, and how long it takes.
#pragma once

#include "tests/bench/samples.hpp"
#include "tests/bench/storage_subject.hpp"

#include <span>

namespace belfry::bench {

struct Run {
    Nanos took = 0;     ///< from the first call to the last completion
    Samples latencies;  ///< of each commit

    /// `count` of anything in this run.
    [[nodiscard]] double per_second(std::uint64_t count) const;
};

/// Commits that are under way at once in the daemon.
constexpr std::size_t kCommitsUnderWay = 2;
/// Groups that the daemon puts into one commit.
constexpr std::size_t kCommitGroups = 512;

/// One commit after the other, two under way.
Result<Run> commit_all(Subject& subject, std::span<const Groups> commits);
/// The same; the first `warm_up` commits do not count.
Result<Run> commit_warm(Subject& subject, std::span<const Groups> commits, std::size_t warm_up);

/// A group every `interval`, whatever happens -> from when each was due until it was durable.
/// They share commits as in the daemon's Ingest: nothing waits when nothing is under way; else a
/// group goes with a second commit once it has waited 2 ms, and when one is completed all that wait
/// go together.
Result<Samples> commit_paced(Subject& subject, std::span<const Message> messages, Nanos interval);

/// The `newest` entries of each of the streams, 16 reads under way.
Result<Run> read_pages(Subject& subject, std::span<const std::string> streams,
                       std::uint64_t newest);

/// The heads of all streams, `together` in a call, 16 calls under way.
Result<Run> read_heads(Subject& subject, std::span<const std::string> streams,
                       std::size_t together);

}  // namespace belfry::bench
