/// The instance's health, put together from its parts.
#pragma once

#include <belfry/host.hpp>

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace belfry::rabbitmq {

/// Any thread. Reports to the daemon only what changes.
class Standing {
public:
    explicit Standing(const sdk::Env& env) : env_(env) {}

    /// What is wrong with that part.
    void set(const std::string& part, sdk::Health state, std::string reason);
    /// Nothing is wrong with it any more.
    void clear(const std::string& part);

private:
    struct Report {
        sdk::Health state = sdk::Health::ok;
        std::string reason;

        bool operator==(const Report&) const = default;
    };

    void report();

    sdk::Env env_;
    std::mutex mutex_;
    std::map<std::string, Report> parts_;
    bool has_reported_ = false;
    Report reported_;
};

}  // namespace belfry::rabbitmq
