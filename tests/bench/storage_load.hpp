/// What the storage benches write.
#pragma once

#include "daemon/base/ids.hpp"
#include "daemon/base/random.hpp"

#include <belfry/abi/storage.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace belfry::bench {

/// The same numbers for the same seed.
class SeededRandom : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mt19937_64 engine_;
};

constexpr std::size_t kDataBytes = 128;
constexpr std::string_view kMessageType = "bench";
constexpr std::string_view kEventSource = "bench";

/// A notification for one mailbox, with all that the daemon would give it.
struct Message {
    std::uint64_t mailbox = 0;
    std::string stream;
    std::string id;
    std::string data;
    std::string event_id;  ///< empty: no event, and no hash
    std::string hash;
    std::int64_t created_at = 0;
};

std::string stream_of(std::uint64_t mailbox);

enum class Events { none, random };

class MessageMaker {
public:
    /// To mailboxes 0 ... `mailboxes` - 1.
    MessageMaker(std::uint64_t seed, std::uint64_t mailboxes);

    /// To a random mailbox each.
    std::vector<Message> make(std::size_t count, Events events);
    /// To every mailbox once before one gets the next, in a random order.
    std::vector<Message> make_even(std::size_t count, Events events);

private:
    Message make_one(std::uint64_t mailbox, Events events);
    std::string random_text(std::size_t size);

    SeededRandom random_;
    SeededRandom id_random_;  ///< how much of it is used depends on the time
    IdMaker ids_;
    std::uint64_t mailboxes_;
    std::vector<std::uint64_t> turn_;  ///< mailboxes that make_even has still to serve
};

/// One call of commit; borrows the messages.
class Groups {
public:
    /// A group for each.
    explicit Groups(std::span<const Message> messages);
    /// One group, one body, for all these streams.
    Groups(const Message& message, std::span<const std::string> streams);
    Groups(Groups&&) = default;
    Groups& operator=(Groups&&) = default;
    Groups(const Groups&) = delete;
    Groups& operator=(const Groups&) = delete;
    ~Groups() = default;

    [[nodiscard]] const bf_group* data() const { return groups_.data(); }
    [[nodiscard]] std::uint64_t size() const { return groups_.size(); }
    /// How many entries it makes.
    [[nodiscard]] std::uint64_t entries() const { return streams_.size(); }

private:
    void add(const Message& message, const bf_str* streams, std::uint64_t count);
    void finish();

    std::vector<bf_str> streams_;
    std::vector<bf_notification> notifications_;
    std::vector<bf_op_append> appends_;
    std::vector<const bf_op*> ops_;
    std::vector<bf_group> groups_;
};

}  // namespace belfry::bench
