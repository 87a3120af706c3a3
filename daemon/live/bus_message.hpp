/// What nodes tell each other after a commit.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"
#include "daemon/live/heard.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace belfry::live {

/// Who says it. A run is one life of a daemon.
struct BusSender {
    std::string node;
    std::uint64_t run = 0;
    std::uint64_t number = 0;  ///< of this message among the run's on its partition; from 1
    Nanos sent_at = 0;         ///< the sender's wall clock
    std::uint32_t partitions = 0;
};

/// Collects the new entries of streams for one message. A notification for many streams is in it
/// once.
class BusWriter {
public:
    /// `run`: entries of one stream and epoch, one behind the other. Where their notifications take
    /// more than `most` bytes, only the head is told.
    void add(std::span<const Place* const> run, std::size_t most);
    [[nodiscard]] std::size_t size() const { return bodies_.size() + runs_.size(); }
    [[nodiscard]] bool empty() const { return run_count_ == 0; }
    /// The message. Once.
    [[nodiscard]] std::string finish(const BusSender& sender) const;

private:
    std::unordered_map<const Notification*, std::uint64_t> known_;
    std::string bodies_;
    std::string runs_;
    std::uint64_t run_count_ = 0;
};

struct BusMessage {
    BusSender sender;
    Heard heard;
    std::uint64_t unwanted = 0;  ///< streams that `wanted` did not want
};

/// Tells whether anybody here may follow a stream.
using Wanted = std::function<bool(std::string_view stream)>;

/// Any bytes may come. `invalid` for what no BusWriter has written; what is of a later version is
/// `refused`. A message of the run `own` is only its sender.
Result<BusMessage> read_bus_message(ByteView bytes, const Wanted& wanted, std::uint64_t own);

/// The same on every node, whatever it was built with.
std::uint32_t partition_of(std::string_view stream, std::uint32_t partitions);

}  // namespace belfry::live
