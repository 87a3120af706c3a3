#include "tests/bench/benches.hpp"
#include "tests/bench/storage_databases.hpp"
#include "tests/bench/storage_machine.hpp"
#include "tests/bench/storage_runs.hpp"

#include <algorithm>
#include <utility>

namespace belfry::bench {
namespace {

constexpr std::uint64_t kMailboxes = 10'000;
constexpr std::uint64_t kAudience = 100'000;  ///< of a fan-out
constexpr std::uint64_t kNewest = 50;         ///< entries of a page
constexpr std::size_t kFilled = kMailboxes * kNewest;
constexpr std::size_t kFillGroups = 4096;
constexpr std::size_t kCommits = 100;  ///< of a run
constexpr std::size_t kPages = 10'000;
constexpr std::size_t kHeads = 500'000;
constexpr std::size_t kHeadsTogether = 100;
constexpr std::size_t kPaced = 20'000;
constexpr Nanos kPacedInterval = kSecond / 2'000;
constexpr int kRepetitions = 5;
constexpr std::uint64_t kSeed = 1;

/// What the storage and the database by itself reached in alternating runs.
struct Pair {
    std::vector<double> storage, limit;
};

std::string whole(double value) { return std::to_string(static_cast<std::uint64_t>(value)); }

double rate(std::uint64_t count, Nanos took) { return Run{took, {}}.per_second(count); }

/// One database from the first figure to the last.
class Measurement {
public:
    Measurement(Database& database, Subject& subject, Limit& limit)
        : database_(database), subject_(subject), limit_(limit), maker_(kSeed, kMailboxes) {
        for (std::uint64_t mailbox = 0; mailbox < kAudience; ++mailbox) {
            streams_.push_back(stream_of(mailbox));
        }
    }

    Result<Figures> run() {
        for (const auto part : {&Measurement::fill, &Measurement::unicast,
                                &Measurement::unicast_events, &Measurement::paced,
                                &Measurement::pages, &Measurement::heads, &Measurement::fan_out}) {
            if (auto done = (this->*part)(); !done) {
                return fail(done.error().code, database_.name() + ": " + done.error().message);
            }
        }
        return std::move(figures_);
    }

private:
    Result<> fill() {
        progress("storage: " + database_.name() + ": filling " + std::to_string(kMailboxes) +
                 " mailboxes with " + std::to_string(kNewest) + " entries each");
        for (std::size_t filled = 0; filled < kFilled; filled += kFillGroups) {
            const auto messages =
                maker_.make_even(std::min(kFillGroups, kFilled - filled), Events::random);
            subject_.commit(Groups(messages), [] {});
            if (auto waited = subject_.calls().wait(kCommitsUnderWay); !waited) {
                return waited;
            }
        }
        return subject_.calls().wait(1);
    }

    /// First the one and then the other in turn, after one run of each that does not count.
    template <class Storage, class Bare>
    Result<Pair> alternate(const std::string& what, Storage storage, Bare limit) {
        Pair pair;
        for (int i = -2; i < 2 * kRepetitions; ++i) {
            const bool is_limit = i % 4 == 0 || i % 4 == 3 || i == -1;
            const Result<double> value = is_limit ? limit() : storage();
            if (!value) {
                return std::unexpected(value.error());
            }
            if (i >= 0) {
                (is_limit ? pair.limit : pair.storage).push_back(*value);
            }
            progress("storage: " + database_.name() + ": " + what + ": " +
                     (is_limit ? "limit " : "belfry ") + whole(*value) + "/s");
        }
        return pair;
    }

    [[nodiscard]] std::vector<std::vector<Message>> make_transactions(Events events) {
        std::vector<std::vector<Message>> transactions;
        for (std::size_t i = 0; i < kCommits; ++i) {
            transactions.push_back(maker_.make(kCommitGroups, events));
        }
        return transactions;
    }

    Result<double> commit_transactions(Events events) {
        const auto transactions = make_transactions(events);
        const std::vector<Groups> commits(transactions.begin(), transactions.end());
        const auto run = commit_all(subject_, commits);
        return run ? Result<double>(run->per_second(kCommits * kCommitGroups))
                   : std::unexpected(run.error());
    }

    Result<double> insert_transactions(Events events) {
        const auto took = limit_.insert(make_transactions(events));
        return took ? Result<double>(rate(kCommits * kCommitGroups, *took))
                    : std::unexpected(took.error());
    }

    Result<> unicast(Events events, const std::string& name, const std::string& text) {
        const auto pair = alternate(
            name, [&] { return commit_transactions(events); },
            [&] { return insert_transactions(events); });
        if (!pair) {
            return std::unexpected(pair.error());
        }
        add(name, *pair,
            text + ", " + std::to_string(kCommitGroups) + " groups in a commit, " +
                std::to_string(kCommitsUnderWay) + " commits under way, " +
                std::to_string(kDataBytes) + "-byte data, " + std::to_string(kMailboxes) +
                " mailboxes; aim: 0.5 of the limit");
        return {};
    }

    Result<> unicast() { return unicast(Events::none, "unicast", "without event ids"); }
    Result<> unicast_events() {
        return unicast(Events::random, "unicast_events", "with event ids");
    }

    Result<double> fan_out_once() {
        const auto messages = maker_.make(1, Events::none);
        const Groups commit(messages.front(), streams_);
        const auto run = commit_all(subject_, {&commit, 1});
        return run ? Result<double>(run->per_second(kAudience)) : std::unexpected(run.error());
    }

    Result<> fan_out() {
        const auto pair = alternate(
            "fanout", [&] { return fan_out_once(); },
            [&]() -> Result<double> {
                const auto took = limit_.insert_entries(kAudience);
                return took ? Result<double>(rate(kAudience, *took))
                            : std::unexpected(took.error());
            });
        if (!pair) {
            return std::unexpected(pair.error());
        }
        add("fanout", *pair,
            "one body to " + std::to_string(kAudience) +
                " mailboxes that exist, one commit; limit: their entries' rows in one transaction; "
                "aim: 0.7 of the limit");
        return {};
    }

    Result<> paced() {
        std::vector<double> p50;
        std::vector<double> p99;
        for (int i = 0; i < kRepetitions; ++i) {
            const auto messages = maker_.make(kPaced, Events::none);
            const auto latencies = commit_paced(subject_, messages, kPacedInterval);
            if (!latencies) {
                return std::unexpected(latencies.error());
            }
            p50.push_back(latencies->milliseconds(0.5));
            p99.push_back(latencies->milliseconds(0.99));
            progress("storage: " + database_.name() + ": paced: p99 " + std::to_string(p99.back()) +
                     " ms");
        }
        const std::string conditions = "one group every 0.5 ms for " +
                                       std::to_string(kPaced / 2'000) +
                                       " s, from when each was due until it was durable";
        add("commit_p50", median(p50), "ms", conditions);
        add("commit_p99", median(p99), "ms", conditions);
        return {};
    }

    template <class Once>
    Result<> repeat(const std::string& name, const std::string& conditions, Once once) {
        std::vector<double> rates;
        for (int i = 0; i < kRepetitions; ++i) {
            const Result<double> value = once();
            if (!value) {
                return std::unexpected(value.error());
            }
            rates.push_back(*value);
            progress("storage: " + database_.name() + ": " + name + ": " + whole(*value) + "/s");
        }
        add(name, median(rates), "1/s", conditions);
        return {};
    }

    [[nodiscard]] std::vector<std::string> random_streams(std::size_t count) {
        std::vector<std::string> streams;
        for (std::size_t i = 0; i < count; ++i) {
            streams.push_back(streams_.at(random_.below(kMailboxes)));
        }
        return streams;
    }

    Result<> pages() {
        return repeat("pages",
                      "the " + std::to_string(kNewest) + " newest entries of " +
                          std::to_string(kMailboxes) + " mailboxes, 16 reads under way",
                      [this]() -> Result<double> {
                          const auto run = read_pages(subject_, random_streams(kPages), kNewest);
                          return run ? Result<double>(run->per_second(kPages))
                                     : std::unexpected(run.error());
                      });
    }

    Result<> heads() {
        return repeat(
            "heads", std::to_string(kHeadsTogether) + " streams in a call, 16 calls under way",
            [this]() -> Result<double> {
                const auto run = read_heads(subject_, random_streams(kHeads), kHeadsTogether);
                return run ? Result<double>(run->per_second(kHeads)) : std::unexpected(run.error());
            });
    }

    void add(const std::string& name, const Pair& pair, const std::string& conditions) {
        add(name, median(pair.storage), "1/s", conditions);
        figures_.back().reference = {"limit", median(pair.limit)};
    }

    void add(const std::string& name, double value, const std::string& unit,
             const std::string& conditions) {
        figures_.push_back({"storage",
                            database_.name() + '_' + name,
                            value,
                            unit,
                            {},
                            conditions + "; median of " + std::to_string(kRepetitions) + "; " +
                                database_.describe()});
    }

    Database& database_;
    Subject& subject_;
    Limit& limit_;
    MessageMaker maker_;
    SeededRandom random_{kSeed};
    std::vector<std::string> streams_;
    Figures figures_;
};

Result<Figures> measure(Database& database) {
    auto subject = database.make_storage("bench");
    if (!subject) {
        return std::unexpected(subject.error());
    }
    const auto durability = (*subject)->durability();
    if (!durability) {
        return std::unexpected(durability.error());
    }
    auto limit = database.make_limit();
    if (!limit) {
        return std::unexpected(limit.error());
    }
    auto figures = Measurement(database, **subject, **limit).run();
    const auto stopped = (*subject)->stop();
    return figures && !stopped ? std::unexpected(stopped.error()) : std::move(figures);
}

}  // namespace

Result<Figures> run_storage(const Machine& machine) {
    const auto flushes = time_flushes();
    if (!flushes) {
        return std::unexpected(flushes.error());
    }
    const std::string conditions = "4 KiB written over and flushed, one after the other";
    Figures all{{"storage", "flush_p50", flushes->milliseconds(0.5), "ms", {}, conditions},
                {"storage", "flush_p99", flushes->milliseconds(0.99), "ms", {}, conditions}};
    auto figures = for_each_database(machine, measure);
    if (!figures) {
        return figures;
    }
    std::ranges::move(*figures, std::back_inserter(all));
    return all;
}

}  // namespace belfry::bench
