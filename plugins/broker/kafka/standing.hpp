/// The instance's health: the connection, and each source.
#pragma once

#include <belfry/host.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::kafka {

/// Any thread.
class Standing {
public:
    explicit Standing(const sdk::Env& env) : env_(env) {}

    void set_link(bool is_up, const std::string& reason);
    /// An empty reason: it stands.
    void set_source(std::string_view name, const std::string& reason);
    [[nodiscard]] bool is_up() const { return is_up_; }
    /// Why the connection is gone.
    [[nodiscard]] std::string reason() const;
    /// How often the connection came back.
    [[nodiscard]] std::uint64_t reconnects() const { return reconnects_; }

private:
    void report();

    const sdk::Env env_;
    std::atomic<bool> is_up_ = false;
    std::atomic<std::uint64_t> reconnects_ = 0;

    mutable std::mutex mutex_;
    bool was_up_ = false;
    std::string link_reason_;
    std::map<std::string, std::string, std::less<>> troubles_;  ///< of sources, by name
    std::optional<std::pair<sdk::Health, std::string>> reported_;
};

}  // namespace belfry::kafka
