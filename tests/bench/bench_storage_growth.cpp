#include "tests/bench/benches.hpp"
#include "tests/bench/storage_databases.hpp"
#include "tests/bench/storage_machine.hpp"
#include "tests/bench/storage_runs.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace belfry::bench {
namespace {

constexpr std::uint64_t kMailboxes = 10'000;
constexpr std::size_t kWarmUp = 20;    ///< commits
constexpr std::size_t kCommits = 200;  ///< of a run
constexpr int kRepetitions = 3;
constexpr double kAimOfRate = 0.8;
constexpr double kAimOfP99 = 1.2;
constexpr std::uintmax_t kDiskBytes = 30'000'000'000;

struct Size {
    std::uint64_t entries;
    std::string_view name;
};
constexpr std::array<Size, 4> kSizes{
    {{10'000, "1e4"}, {100'000, "1e5"}, {1'000'000, "1e6"}, {10'000'000, "1e7"}}};

struct Series {
    std::vector<double> rates, p99;
};

/// A storage of a size. Each run makes it larger by little, or it is made anew.
class Site {
public:
    Site(Database& database, Size size)
        : database_(database), size_(size), storage_("grown_" + std::string(size.name)),
          maker_(size.entries, kMailboxes) {}

    Result<> measure(Events events, Series& series) {
        auto done =
            entries_ == 0 ? use([this](Subject& subject) { return fill(subject); }) : Result<>();
        if (done) {
            done = use([&](Subject& subject) { return run(subject, events, series); });
        }
        return done && 2 * entries_ > 3 * size_.entries ? remove() : done;
    }

    Result<> remove() {
        return std::exchange(entries_, 0) == 0 ? Result<>() : database_.remove_storage(storage_);
    }

private:
    Result<> use(const std::function<Result<>(Subject&)>& use) {
        return with_storage(database_, storage_, use);
    }

    Result<> run(Subject& subject, Events events, Series& series) {
        std::vector<std::vector<Message>> messages;
        std::vector<Groups> commits;
        messages.reserve(kWarmUp + kCommits);
        while (messages.size() < kWarmUp + kCommits) {
            commits.emplace_back(messages.emplace_back(maker_.make(kCommitGroups, events)));
        }
        const auto run = commit_warm(subject, commits, kWarmUp);
        if (!run) {
            return std::unexpected(run.error());
        }
        entries_ += commits.size() * kCommitGroups;
        series.rates.push_back(run->per_second(kCommits * kCommitGroups));
        series.p99.push_back(run->latencies.milliseconds(0.99));
        return {};
    }

    /// Every mailbox has its first entry before one has two.
    Result<> fill(Subject& subject) {
        constexpr std::uint64_t kTogether = 4096;
        constexpr std::uint64_t kTold = 1'000'000;
        while (entries_ < size_.entries) {
            const auto messages =
                maker_.make_even(std::min(kTogether, size_.entries - entries_), Events::random);
            subject.commit(Groups(messages), [] {});
            if (auto waited = subject.calls().wait(kCommitsUnderWay); !waited) {
                return waited;
            }
            entries_ += messages.size();
            if (entries_ / kTold != (entries_ - messages.size()) / kTold) {
                progress("storage_growth: " + database_.name() + ": " + std::to_string(entries_) +
                         " of " + std::string(size_.name) + " entries are there");
            }
        }
        return subject.calls().wait(1);
    }

    Database& database_;
    const Size size_;
    const std::string storage_;
    MessageMaker maker_;
    std::uint64_t entries_ = 0;
};

class Growth {
public:
    explicit Growth(Database& database) : database_(database) {
        for (const Size& size : kSizes) {
            sites_.push_back(std::make_unique<Site>(database, size));
        }
    }

    Result<Figures> run() {
        for (int i = 0; i < kRepetitions; ++i) {
            for (std::size_t at = 0; at < kSizes.size(); ++at) {
                if (auto done = measure(at); !done) {
                    return std::unexpected(done.error());
                }
            }
        }
        for (const auto& site : sites_) {
            if (auto removed = site->remove(); !removed) {
                return std::unexpected(removed.error());
            }
        }
        tell("", plain_, "without event ids");
        tell("events_", with_events_, "with event ids");
        return std::move(figures_);
    }

private:
    using AllSizes = std::array<Series, kSizes.size()>;

    Result<> measure(std::size_t at) {
        for (const auto& [events, all] :
             {std::pair{Events::none, &plain_}, std::pair{Events::random, &with_events_}}) {
            Series& series = all->at(at);
            if (auto done = sites_.at(at)->measure(events, series); !done) {
                return fail(done.error().code, database_.name() + ": " + done.error().message);
            }
            progress("storage_growth: " + database_.name() + ": at " +
                     std::string(kSizes.at(at).name) +
                     (events == Events::none ? "" : " with event ids") + ": " +
                     std::to_string(static_cast<std::uint64_t>(series.rates.back())) + "/s, p99 " +
                     std::to_string(series.p99.back()) + " ms");
        }
        return {};
    }

    void tell(const std::string& prefix, const AllSizes& all, const std::string& events) {
        const std::string conditions =
            std::to_string(kCommitGroups) + " groups in a commit, " +
            std::to_string(kCommitsUnderWay) + " commits under way, " + events + ", to " +
            std::to_string(kMailboxes) + " mailboxes; the next " +
            std::to_string(kCommits * kCommitGroups) +
            " entries after that many, which came with event ids; median of " +
            std::to_string(kRepetitions) + ", the sizes in turn; " + database_.describe();
        for (std::size_t at = 0; at < kSizes.size(); ++at) {
            const std::string name = prefix + "at_" + std::string(kSizes.at(at).name);
            add(name, median(all.at(at).rates), "1/s", {}, conditions);
            add(name + "_p99", median(all.at(at).p99), "ms", {}, conditions);
        }
        add(prefix + "rate_1e7_to_1e4", median(all.back().rates) / median(all.front().rates), "",
            {"aim", kAimOfRate}, conditions);
        add(prefix + "p99_1e7_to_1e4", median(all.back().p99) / median(all.front().p99), "",
            {"aim", kAimOfP99}, conditions);
    }

    void add(const std::string& name, double value, const std::string& unit, Reference reference,
             const std::string& conditions) {
        figures_.push_back({"storage_growth", database_.name() + '_' + name, value, unit,
                            std::move(reference), conditions});
    }

    Database& database_;
    std::vector<std::unique_ptr<Site>> sites_;
    AllSizes plain_;
    AllSizes with_events_;
    Figures figures_;
};

}  // namespace

Result<Figures> run_storage_growth(const Machine& machine) {
    std::error_code error;
    const auto space = std::filesystem::space("/var/tmp", error);
    if (error || space.available < kDiskBytes) {
        return fail(Code::unavailable, "/var/tmp: expected " + std::to_string(kDiskBytes) +
                                           " bytes of space, found " +
                                           std::to_string(error ? 0 : space.available));
    }
    return for_each_database(machine, [](Database& database) { return Growth(database).run(); });
}

}  // namespace belfry::bench
