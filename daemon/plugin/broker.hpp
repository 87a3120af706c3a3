/// A broker as the core sees it.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/executor.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/plugin/values.hpp"

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace belfry {

/// A message as the broker has it.
struct Message {
    std::string destination, exchange, key, id, content_type;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    Nanos time = 0;
    std::uint64_t attempt = 0;
    std::uint64_t token = 0;
    std::string coordinates;
};

struct Settlement {
    enum class Outcome : std::uint32_t {
        ok = BF_SETTLED_OK,
        retry = BF_SETTLED_RETRY,
        dead = BF_SETTLED_DEAD,
    };
    Outcome outcome = Outcome::ok;
    std::uint64_t token = 0;
    Nanos delay = 0;
    std::string reason;
};

struct SourceConfig {
    std::string name;
    std::string config;  ///< JSON, valid by the broker's source_schema, defaults filled in
    std::uint64_t max_in_flight = 0;
};

struct SourceStats {
    bool connected = false;
    std::uint64_t lag = UINT64_MAX;
    std::uint64_t in_flight = 0, redelivered = 0, dead = 0, reconnects = 0;
    Nanos oldest = 0;                         ///< 0: nothing waits, or unknown
    std::uint64_t dead_letters = UINT64_MAX;  ///< UINT64_MAX: unknown
};

/// Calls come from any thread and never block; callbacks run on `home`. What the calls promise:
/// sdk/include/belfry/abi/broker.h.
class Broker {
public:
    Broker() = default;
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    virtual ~Broker() = default;

    using Deliver = std::function<void(std::vector<Message>)>;
    using Hear = std::function<void(std::uint32_t partition, SharedBytes message)>;

    virtual void publish(const Message& message, Executor& home, Callback<> done) = 0;
    /// `deliver` runs on `home`.
    virtual void consume(const SourceConfig& source, Executor& home, Deliver deliver,
                         Callback<> done) = 0;
    virtual void cancel(const std::string& source, Executor& home, Callback<> done) = 0;
    virtual void settle(const std::string& source, std::span<const Settlement> settlements) = 0;
    virtual void pause(const std::string& source, bool paused) = 0;
    virtual void broadcast(std::uint32_t partition, ByteView message) = 0;
    /// `hear` runs on `home`. Call it once.
    virtual void listen(std::span<const std::uint32_t> partitions, Executor& home, Hear hear,
                        Callback<> done) = 0;
    virtual void source_stats(const std::string& source, Executor& home,
                              Callback<SourceStats> done) = 0;
    /// Of a source's configuration; nullptr where the plugin has none.
    [[nodiscard]] virtual const config::Schema* source_schema() const = 0;
    /// The oldest dead letters of a source, at most `limit`; they stay.
    virtual void dead_letters(const std::string& source, std::uint64_t limit, Executor& home,
                              Callback<std::vector<Message>> done) = 0;
    /// Sends the oldest dead letters that died before `before`, at most `limit`, back to where they
    /// came from -> how many; 0: none is left.
    virtual void replay(const std::string& source, std::uint64_t limit, Nanos before,
                        Executor& home, Callback<std::uint64_t> done) = 0;
};

}  // namespace belfry
