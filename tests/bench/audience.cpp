#include "tests/bench/audience.hpp"

#include "tests/bench/audience_client.hpp"
#include "tests/bench/stamped.hpp"

#include <algorithm>

namespace belfry::bench {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;
constexpr std::size_t kConnectingAtOnce = 64;
constexpr std::size_t kRing = 4;
constexpr Nanos kAttachTime = 40 * kSecond;

std::string subscription_to(const std::string& stream) {
    return stream.empty()
               ? std::string()
               : client_frame(Opcode::text, R"({"op":"subscribe","stream":")" + stream + "\"}");
}

}  // namespace

Audience::Audience(Poller& poller, Script script)
    : poller_(poller), script_(std::move(script)), subscription_(subscription_to(script_.stream)),
      buffer_(kBuffer), reached_(kRing) {}

Audience::~Audience() = default;

void Audience::connect_next() {
    clients_.push_back(std::make_unique<Client>(*this, clients_.size()));
    if (auto begun = clients_.back()->connect(); !begun) {
        poller_.fail(std::move(begun.error()));
    }
}

void Audience::on_attached() { ++attached_; }

Result<> Audience::grow_to(std::size_t count) {
    clients_.reserve(count);
    return poller_.run_until(
        [this, count] {
            while (clients_.size() < count && clients_.size() - attached_ < kConnectingAtOnce) {
                connect_next();
            }
            return attached_ == count;
        },
        kAttachTime, "attaching " + std::to_string(count) + " clients");
}

void Audience::begin(std::uint64_t round, std::uint64_t sample_every) {
    received_ = {};
    round_ = round;
    sample_every_ = sample_every;
    to_sample_ = 1;
    std::ranges::fill(reached_, 0);
    for (const auto& client : clients_) {
        client->entries = 0;
    }
}

void Audience::on_entry(const Frame& frame) {
    ++received_.entries;
    received_.bytes += frame.size;
    if (--to_sample_ != 0) {
        return;
    }
    to_sample_ = sample_every_;
    if (const auto sent = find_stamp(frame.payload)) {
        received_.latencies.add(system_clock().monotonic() - *sent);
    } else {
        poller_.fail({Code::invalid, "an entry without the stamp it was published with"});
    }
}

/// A client's entries were `before`, and are `now`.
void Audience::on_read(std::uint64_t before, std::uint64_t now) {
    for (std::uint64_t done = before / round_ + 1; done <= now / round_; ++done) {
        if (++reached_[done % kRing] == clients_.size()) {
            reached_[done % kRing] = 0;
            ++received_.rounds;
        }
    }
}

Result<> Audience::check_each(std::uint64_t entries) const {
    const auto wrong = std::ranges::find_if(
        clients_, [entries](const auto& client) { return client->entries != entries; });
    if (wrong == clients_.end()) {
        return {};
    }
    return fail(Code::conflict, "client " + std::to_string(wrong - clients_.begin()) +
                                    ": expected " + std::to_string(entries) + " entries, found " +
                                    std::to_string((*wrong)->entries));
}

}  // namespace belfry::bench
