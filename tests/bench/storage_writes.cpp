#include "tests/bench/storage_writes.hpp"

#include "tests/bench/storage_runs.hpp"

#include <algorithm>

namespace belfry::bench {
namespace {

constexpr std::uint64_t kAudience = 100'000;
constexpr std::size_t kFillGroups = 4096;
constexpr std::size_t kWarmUp = 20;    ///< commits
constexpr std::size_t kCommits = 400;  ///< of a run
constexpr std::uint64_t kEntries = kCommits * kCommitGroups;
constexpr std::size_t kFanOuts = 5;  ///< of a run
constexpr std::uint64_t kFannedOut = kFanOuts * kAudience;

Result<double> rate(std::uint64_t count, const Result<Run>& run) {
    return run ? Result<double>(run->per_second(count)) : std::unexpected(run.error());
}

Result<double> rate(std::uint64_t count, const Result<Nanos>& took) {
    return took ? Result<double>(Run{*took, {}}.per_second(count)) : std::unexpected(took.error());
}

Result<> fill(Subject& subject, MessageMaker& maker) {
    if (const auto durability = subject.durability(); !durability) {
        return std::unexpected(durability.error());
    }
    constexpr std::size_t kAll = kMailboxes * kFilled;
    for (std::size_t filled = 0; filled < kAll; filled += kFillGroups) {
        const auto messages = maker.make_even(std::min(kFillGroups, kAll - filled), Events::random);
        subject.commit(Groups(messages), [] {});
        if (auto waited = subject.calls().wait(kCommitsUnderWay); !waited) {
            return waited;
        }
    }
    return subject.calls().wait(1);
}

std::vector<std::vector<Message>> make_transactions(MessageMaker& maker, std::size_t count,
                                                    Events events) {
    std::vector<std::vector<Message>> transactions;
    for (std::size_t i = 0; i < count; ++i) {
        transactions.push_back(maker.make(kCommitGroups, events));
    }
    return transactions;
}

Result<> compare_unicast(MessageMaker& maker, Events events, Limit& limit, Sheet& sheet) {
    const bool has_events = events == Events::random;
    const std::string conditions =
        std::string(has_events ? "with" : "without") + " event ids, " +
        std::to_string(kCommitGroups) + " groups in a commit, " + std::to_string(kCommitsUnderWay) +
        " commits under way, " + std::to_string(kDataBytes) + "-byte data, " +
        std::to_string(kMailboxes) + " mailboxes, " + std::to_string(kEntries) +
        " entries in a run; aim: 0.5 of the limit";
    return sheet.compare(
        has_events ? "unicast_events" : "unicast", conditions,
        [&](Subject& subject) {
            const auto transactions = make_transactions(maker, kWarmUp + kCommits, events);
            const std::vector<Groups> commits(transactions.begin(), transactions.end());
            return rate(kEntries, commit_warm(subject, commits, kWarmUp));
        },
        [&] { return rate(kEntries, limit.insert(make_transactions(maker, kCommits, events))); });
}

std::vector<std::string> make_audience() {
    std::vector<std::string> streams;
    for (std::uint64_t mailbox = 0; mailbox < kAudience; ++mailbox) {
        streams.push_back(stream_of(mailbox));
    }
    return streams;
}

Result<Nanos> insert_entries(Limit& limit) {
    Nanos sum = 0;
    for (std::size_t i = 0; i < kFanOuts; ++i) {
        const auto took = limit.insert_entries(kAudience);
        if (!took) {
            return took;
        }
        sum += *took;
    }
    return sum;
}

}  // namespace

Result<> measure_unicast(Database& database, Limit& limit, Sheet& sheet) {
    MessageMaker maker(1, kMailboxes);
    progress("storage: " + database.name() + ": filling " + std::to_string(kMailboxes) +
             " mailboxes with " + std::to_string(kFilled) + " entries each");
    auto done = with_storage(database, kStorage,
                             [&maker](Subject& subject) { return fill(subject, maker); });
    for (const Events events : {Events::none, Events::random}) {
        if (done) {
            done = compare_unicast(maker, events, limit, sheet);
        }
    }
    return done;
}

Result<> measure_fan_out(Database& database, Limit& limit, Sheet& sheet) {
    MessageMaker maker(2, kMailboxes);
    const auto audience = make_audience();
    const auto fan_out = [&](Subject& subject, std::size_t count, std::size_t warm_up) {
        const auto messages = maker.make(count, Events::none);
        std::vector<Groups> commits;
        for (const Message& message : messages) {
            commits.emplace_back(message, audience);
        }
        return commit_warm(subject, commits, warm_up);
    };
    const auto made = with_storage(database, kStorage, [&](Subject& subject) -> Result<> {
        const auto run = fan_out(subject, 1, 0);
        return run ? Result<>() : std::unexpected(run.error());
    });
    if (!made) {
        return made;
    }
    return sheet.compare(
        "fanout",
        "one body to " + std::to_string(kAudience) + " mailboxes that exist, " +
            std::to_string(kFanOuts) +
            " in a run, two under way; limit: their entries' rows, each time in one transaction; "
            "aim: 0.7 of the limit",
        [&](Subject& subject) { return rate(kFannedOut, fan_out(subject, 1 + kFanOuts, 1)); },
        [&] { return rate(kFannedOut, insert_entries(limit)); });
}

}  // namespace belfry::bench
