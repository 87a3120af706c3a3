/// The dead letters of a source: those behind the offsets of the group <group>.replay.
#pragma once

#include "plugins/broker/kafka/conf.hpp"
#include "plugins/broker/kafka/message.hpp"
#include "plugins/broker/kafka/settings.hpp"
#include "plugins/broker/kafka/shared.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::kafka {

/// On the clerk's thread. Calls wait for the broker and throw sdk::Failure.
class Grave {
public:
    Grave(Shared& shared, std::string source, SourceSettings settings)
        : shared_(shared), source_(std::move(source)), settings_(std::move(settings)) {}

    /// How many wait in the topic; those of other sources in it included.
    [[nodiscard]] std::uint64_t count();
    /// The oldest of this source, at most `limit`.
    [[nodiscard]] std::vector<Message> list(std::uint64_t limit);
    /// Those that died before `before` go to the retries -> how many.
    std::uint64_t replay(std::uint64_t limit, std::int64_t before);

private:
    struct Letter {
        Message message;
        std::int32_t partition = 0;
        std::int64_t offset = 0;
        std::int64_t died = 0;
    };
    class Reading;

    /// The partitions, each with the first offset that is not replayed.
    [[nodiscard]] PartitionsPtr starts();
    [[nodiscard]] std::vector<Letter> read(std::uint64_t limit);
    [[nodiscard]] Letter letter_of(const rd_kafka_message_t& record) const;
    /// -> how many of the first ones are confirmed.
    [[nodiscard]] std::size_t write(const std::vector<Letter>& letters);
    void commit(const std::vector<Letter>& letters, std::size_t count);
    [[nodiscard]] rd_kafka_t* handle();

    Shared& shared_;
    const std::string source_;
    const SourceSettings settings_;
    HandlePtr handle_;
};

}  // namespace belfry::kafka
