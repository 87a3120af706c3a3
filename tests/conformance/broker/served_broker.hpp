/// The memory broker behind a make-believe server, to prove what the conformance kit finds when a
/// server or a process is killed: what is published and settled is written to a file, and while
/// another file is there the server is away. Breaks the promise its configuration names.
#pragma once

#include "plugins/broker/memory/broker.hpp"

#include <belfry/plugin.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace belfry::served {

using sdk::Done;

/// What was published and not settled, in a file. A line is written whole or not at all, as far as
/// killing the process goes. Bodies have no line breaks.
class Journal {
public:
    explicit Journal(std::string path);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    void published(std::string_view destination, std::string_view body) const;
    void settled(std::string_view body) const;
    /// Destinations, by body.
    [[nodiscard]] std::map<std::string, std::string> left() const;

private:
    void write(std::string line) const;

    const std::string path_;
    int file_;
};

class ServedBroker final : public sdk::Broker {
public:
    static constexpr sdk::About kAbout{.name = "served-broker",
                                       .version = "1.0.0",
                                       .summary = "The memory broker behind a make-believe server",
                                       .config_schema = R"({"type": "object", "properties": {
        "journal": {"type": "string"}, "outage": {"type": "string"},
        "fault": {"type": "string", "default": ""}}})"};
    static constexpr std::string_view kSourceSchema = memory::kSourceSchema;

    ServedBroker(sdk::Env env, std::string_view name, std::string_view config);

    void start(Done<> done) override;
    void drain(std::int64_t deadline, Done<> done) override {
        inner_.drain(deadline, std::move(done));
    }
    void stop(Done<> done) override;
    void publish(const bf_message& message, Done<> done) override;
    void consume(const bf_source& source, Done<> done) override;
    void cancel(std::string_view source, Done<> done) override {
        inner_.cancel(source, std::move(done));
    }
    void settle(std::string_view source, sdk::Array<bf_settlement> settlements) override;
    void pause(std::string_view source, bool paused) override;
    void broadcast(std::uint32_t partition, sdk::Bytes message) override;
    void listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                Done<> done) override {
        inner_.listen(partitions, listener, std::move(done));
    }
    void source_stats(std::string_view source, Done<sdk::SourceStats> done) override;
    void dead_letters(std::string_view source, std::uint64_t limit,
                      Done<sdk::DeadLetters> done) override {
        inner_.dead_letters(source, limit, std::move(done));
    }
    void replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                Done<sdk::Replayed> done) override {
        inner_.replay(source, limit, before, std::move(done));
    }

private:
    struct Inlet {
        ServedBroker& owner;
        std::string name;
        bf_source outer;
        std::map<std::uint64_t, std::string> in_flight = {};  ///< bodies, by token
        bool is_paused = false;
    };

    static void deliver(void* ctx, const bf_message* messages, std::uint64_t count);
    [[nodiscard]] bool has(std::string_view fault) const { return fault_ == fault; }
    /// Looks for the outage again and again, until the stop.
    void watch();
    void go_away();
    void come_back();
    void settle_inside(const std::string& source, bf_settlement settlement);
    Inlet* inlet_of(std::string_view name);

    const std::string fault_;
    const std::string outage_;
    const Journal journal_;
    memory::Broker inner_;
    std::mutex mutex_;
    std::deque<Inlet> inlets_;
    std::atomic<std::uint64_t> published_ = 0;
    std::atomic<std::uint64_t> reconnects_ = 0;
    std::atomic<bool> is_away_ = false;
    std::atomic<bool> is_stopped_ = false;
    std::thread watcher_;
};

}  // namespace belfry::served
