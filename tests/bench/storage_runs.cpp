#include "tests/bench/storage_runs.hpp"

#include <algorithm>
#include <utility>

namespace belfry::bench {
namespace {

constexpr std::size_t kReadsUnderWay = 16;
constexpr Nanos kLongestWait = 2 * kMillisecond;

Nanos now() { return system_clock().monotonic(); }

/// Makes each of `count` calls when fewer than `under_way` are.
template <class Call>
Result<Nanos> time_calls(Subject& subject, std::size_t count, std::size_t under_way, Call call) {
    const Nanos begin = now();
    for (std::size_t i = 0; i < count; ++i) {
        if (auto waited = subject.calls().wait(under_way); !waited) {
            return std::unexpected(waited.error());
        }
        call(i);
    }
    if (auto waited = subject.calls().wait(1); !waited) {
        return std::unexpected(waited.error());
    }
    return now() - begin;
}

/// Groups that come at a fixed rate.
class Pacer {
public:
    Pacer(Subject& subject, std::span<const Message> messages, Nanos interval)
        : subject_(subject), messages_(messages), interval_(interval) {}

    Result<Samples> run() {
        begin_ = now();
        while (sent_ < messages_.size()) {
            if (auto waited = step(); !waited) {
                return std::unexpected(waited.error());
            }
        }
        if (auto waited = subject_.calls().wait(1); !waited) {
            return std::unexpected(waited.error());
        }
        return std::move(*latencies_);
    }

private:
    [[nodiscard]] Nanos due(std::size_t index) const {
        return begin_ + static_cast<Nanos>(index) * interval_;
    }

    /// Sends what may go, or waits until something changes.
    Result<> step() {
        const Nanos time = now();
        const std::size_t under_way = subject_.calls().under_way();
        arrived_ =
            std::min(messages_.size(), static_cast<std::size_t>((time - begin_) / interval_) + 1);
        const bool is_one_done = under_way < std::exchange(seen_under_way_, under_way);
        if (arrived_ > sent_ && under_way < kCommitsUnderWay &&
            (under_way == 0 || is_one_done || arrived_ - sent_ >= kCommitGroups ||
             time - due(sent_) >= kLongestWait)) {
            send();
            return {};
        }
        const auto waited = subject_.calls().wait(under_way, next_time(time));
        return waited ? Result<>() : std::unexpected(waited.error());
    }

    [[nodiscard]] Nanos next_time(Nanos time) const {
        Nanos next = arrived_ < messages_.size() ? due(arrived_) : time + kSecond;
        if (arrived_ > sent_ && seen_under_way_ < kCommitsUnderWay) {
            next = std::min(next, due(sent_) + kLongestWait);
        }
        return next;
    }

    void send() {
        const std::size_t count = std::min(arrived_ - sent_, kCommitGroups);
        const Groups groups(messages_.subspan(sent_, count));
        ++seen_under_way_;
        subject_.commit(groups,
                        [samples = latencies_, first = due(sent_), count, interval = interval_] {
                            const Nanos time = now();
                            for (std::size_t i = 0; i < count; ++i) {
                                samples->add(time - first - static_cast<Nanos>(i) * interval);
                            }
                        });
        sent_ += count;
    }

    Subject& subject_;
    std::span<const Message> messages_;
    Nanos interval_;
    Nanos begin_ = 0;
    std::size_t arrived_ = 0;
    std::size_t sent_ = 0;
    std::size_t seen_under_way_ = 0;
    std::shared_ptr<Samples> latencies_ = std::make_shared<Samples>();
};

}  // namespace

double Run::per_second(std::uint64_t count) const {
    return static_cast<double>(count) * static_cast<double>(kSecond) / static_cast<double>(took);
}

Result<Run> commit_all(Subject& subject, std::span<const Groups> commits) {
    auto latencies = std::make_shared<Samples>();
    const auto took = time_calls(subject, commits.size(), kCommitsUnderWay, [&](std::size_t index) {
        subject.commit(commits[index],
                       [latencies, begin = now()] { latencies->add(now() - begin); });
    });
    if (!took) {
        return std::unexpected(took.error());
    }
    return Run{*took, std::move(*latencies)};
}

Result<Run> commit_warm(Subject& subject, std::span<const Groups> commits, std::size_t warm_up) {
    const auto warm = commit_all(subject, commits.first(warm_up));
    return warm ? commit_all(subject, commits.subspan(warm_up)) : warm;
}

Result<Samples> commit_paced(Subject& subject, std::span<const Message> messages, Nanos interval) {
    return Pacer(subject, messages, interval).run();
}

Result<Run> read_pages(Subject& subject, std::span<const std::string> streams,
                       std::uint64_t newest) {
    const auto took = time_calls(subject, streams.size(), kReadsUnderWay, [&](std::size_t index) {
        subject.read_newest(streams[index], newest);
    });
    return took ? Result<Run>(Run{*took, {}}) : std::unexpected(took.error());
}

Result<Run> read_heads(Subject& subject, std::span<const std::string> streams,
                       std::size_t together) {
    const std::size_t calls = (streams.size() + together - 1) / together;
    const auto took = time_calls(subject, calls, kReadsUnderWay, [&](std::size_t index) {
        const std::size_t first = index * together;
        std::vector<bf_str> names;
        for (const std::string& name :
             streams.subspan(first, std::min(together, streams.size() - first))) {
            names.push_back(sdk::str(name));
        }
        subject.read_heads(names);
    });
    return took ? Result<Run>(Run{*took, {}}) : std::unexpected(took.error());
}

}  // namespace belfry::bench
