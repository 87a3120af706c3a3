#include "tests/bench/storage_answers.hpp"

#include "tests/bench/storage_runs.hpp"
#include "tests/bench/storage_writes.hpp"

namespace belfry::bench {
namespace {

constexpr std::size_t kPages = 10'000;
constexpr std::size_t kHeads = 500'000;
constexpr std::size_t kHeadsTogether = 100;
constexpr std::size_t kRate = 2'000;
constexpr std::size_t kSeconds = 10;

std::vector<std::string> random_streams(Random& random, std::size_t count) {
    std::vector<std::string> streams;
    streams.reserve(count);
    while (streams.size() < count) {
        streams.push_back(stream_of(random.below(kMailboxes)));
    }
    return streams;
}

Result<double> rate(std::uint64_t count, const Result<Run>& run) {
    return run ? Result<double>(run->per_second(count)) : std::unexpected(run.error());
}

Result<> measure_paced(Database& database, Sheet& sheet) {
    MessageMaker maker(3, kMailboxes);
    std::vector<double> p50;
    std::vector<double> p99;
    for (int i = 0; i < kRepetitions; ++i) {
        const auto done = with_storage(database, kStorage, [&](Subject& subject) -> Result<> {
            const auto messages = maker.make(kRate * kSeconds, Events::none);
            const auto latencies = commit_paced(subject, messages, kSecond / kRate);
            if (!latencies) {
                return std::unexpected(latencies.error());
            }
            p50.push_back(latencies->milliseconds(0.5));
            p99.push_back(latencies->milliseconds(0.99));
            return {};
        });
        if (!done) {
            return done;
        }
        sheet.tell("p99 of paced commits", p99.back(), " ms");
    }
    const std::string conditions = std::to_string(kRate) + "/s one by one for " +
                                   std::to_string(kSeconds) +
                                   " s, from when each was due until it was durable";
    sheet.add("commit_p50", p50, "ms", conditions);
    sheet.add("commit_p99", p99, "ms", conditions);
    return {};
}

Result<> measure_reads(Sheet& sheet) {
    SeededRandom random(4);
    auto done = sheet.repeat(
        "pages",
        "the " + std::to_string(kFilled) + " newest entries of " + std::to_string(kMailboxes) +
            " mailboxes, 16 reads under way",
        [&random](Subject& subject) {
            return rate(kPages, read_pages(subject, random_streams(random, kPages), kFilled));
        });
    return !done ? done
                 : sheet.repeat(
                       "heads",
                       std::to_string(kHeadsTogether) + " streams in a call, 16 calls under way",
                       [&random](Subject& subject) {
                           return rate(kHeads, read_heads(subject, random_streams(random, kHeads),
                                                          kHeadsTogether));
                       });
}

}  // namespace

Result<> measure_answers(Database& database, Sheet& sheet) {
    auto done = measure_paced(database, sheet);
    return done ? measure_reads(sheet) : done;
}

}  // namespace belfry::bench
