#include "tests/bench/fan_out.hpp"

#include "tests/bench/stamped.hpp"

namespace belfry::bench {
namespace {

constexpr std::uint64_t kMostUnderWay = 2;  ///< batches
constexpr std::uint64_t kSampleEvery = 61;  ///< no divisor of the numbers of clients or of a batch
constexpr Nanos kLongestRound = 20 * kSecond;

std::string repeat(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

}  // namespace

FanOut::FanOut(Poller& poller, Script script, std::string request)
    : poller_(poller), port_(script.port), audience_(poller, std::move(script)), publisher_(poller),
      request_(std::move(request)) {}

Result<> FanOut::attach(std::size_t clients) {
    auto attached = audience_.grow_to(clients);
    return attached ? publisher_.connect(port_) : attached;
}

Result<FanOut::Round> FanOut::run(std::size_t batch, Nanos duration) {
    Stamped requests(repeat(request_, batch));
    audience_.begin(batch, kSampleEvery);
    const Received& received = audience_.received();
    const Nanos begin = system_clock().monotonic();
    Nanos now = begin;
    std::uint64_t written = 0;
    auto done = poller_.run_until(
        [&] {
            now = system_clock().monotonic();
            const bool is_over = now - begin >= duration;
            if (!is_over && publisher_.waiting() == 0 &&
                written - received.rounds < kMostUnderWay) {
                publisher_.send(requests.at(now), batch);
                ++written;
            }
            return is_over && publisher_.waiting() == 0 && received.rounds == written;
        },
        kLongestRound, "fan-out of batches of " + std::to_string(batch));
    if (done) {
        done = audience_.check_each(written * batch);
    }
    if (!done) {
        return std::unexpected(done.error());
    }
    const auto entries = static_cast<double>(received.entries);
    return Round{
        .per_second = entries * static_cast<double>(kSecond) / static_cast<double>(now - begin),
        .p99 = received.latencies.milliseconds(0.99),
        .frame_bytes = static_cast<double>(received.bytes) / entries};
}

}  // namespace belfry::bench
