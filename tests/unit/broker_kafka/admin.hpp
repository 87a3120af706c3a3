/// The server, as its operator and as other programs see it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::test {

/// The server of a folder; see tests/support/kafka/server.
class KafkaServer {
public:
    /// The one of the ctest fixture; empty brokers where there is none.
    static KafkaServer shared();
    /// One of its own, which goes with this process; skipped where `shared` is.
    static KafkaServer own();

    [[nodiscard]] const std::string& brokers() const { return brokers_; }
    [[nodiscard]] const std::string& sasl_brokers() const { return sasl_brokers_; }
    /// SIGKILL, and started again.
    void restart() const { run("restart", dir_); }
    void kill() const { run("kill", dir_); }
    void start() const { run("start", dir_); }

private:
    explicit KafkaServer(std::string dir);
    static void run(const std::string& command, const std::string& arguments);

    std::string dir_;
    std::string brokers_;
    std::string sasl_brokers_;
};

/// Each call has a handle of its own, waits, and throws testkit::Failed.
class KafkaAdmin {
public:
    explicit KafkaAdmin(std::string brokers) : brokers_(std::move(brokers)) {}

    void create(const std::string& topic, int partitions = 1) const;
    void remove(const std::string& topic) const;
    [[nodiscard]] bool has(const std::string& topic) const;
    /// -1 where nothing is committed.
    [[nodiscard]] std::int64_t committed(const std::string& group, const std::string& topic,
                                         int partition = 0) const;
    /// The bodies of partition 0.
    [[nodiscard]] std::vector<std::string> bodies(const std::string& topic) const;

private:
    std::string brokers_;
};

}  // namespace belfry::test
