/// RabbitMQ servers for tests.
#pragma once

#include <filesystem>
#include <string>

namespace belfry::test {

/// The server of the ctest fixture, by its folder; empty where RabbitMQ is not installed.
std::filesystem::path shared_rabbit();
/// The first line of a file of that folder.
std::string rabbit_file(const std::filesystem::path& folder, const std::string& name);
/// Runs rabbitmqctl there. Throws std::runtime_error where it fails.
void rabbit_control(const std::filesystem::path& folder, const std::string& arguments);

/// A server of a test's own, which can be killed and started again.
class RabbitServer {
public:
    RabbitServer();
    ~RabbitServer();
    RabbitServer(const RabbitServer&) = delete;
    RabbitServer& operator=(const RabbitServer&) = delete;

    void start();
    void kill();
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] int port() const;
    [[nodiscard]] std::string url() const { return rabbit_file(folder_, "url"); }

private:
    std::filesystem::path folder_;
};

}  // namespace belfry::test
