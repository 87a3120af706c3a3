/// Passwords: argon2id on threads of its own.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/config/profile.hpp"
#include "daemon/plugin/values.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace belfry {

constexpr std::size_t kLongestPassword = 1024;  ///< bytes

/// Any thread. Callbacks run on the executor given; a call beyond the queue's bound is
/// `unavailable`.
class Passwords {
public:
    /// Blocks for the time of one hash. `unavailable` where passwords cannot be hashed so: an
    /// unknown user would be told from a known one by the time it takes.
    static Result<std::unique_ptr<Passwords>> make(const config::PasswordSettings& settings);
    ~Passwords() { close(); }
    Passwords(const Passwords&) = delete;
    Passwords& operator=(const Passwords&) = delete;

    /// Waits for the hashes under way; what is queued, and every later call, gets `closed`. Again:
    /// nothing.
    void close();

    /// Whether a new password is long enough, not too long, and UTF-8 without NUL.
    [[nodiscard]] Result<> check(std::string_view password) const;

    /// -> what to store: the PHC string with its own salt and parameters.
    void hash(std::string password, Executor& home, Callback<std::string> done);

    struct Verdict {
        bool is_match = false;
        bool is_outdated = false;  ///< made with other parameters than those of now
    };
    /// An empty `stored` (no such user) takes as long as a real one and never matches.
    void verify(std::string password, std::string stored, Executor& home, Callback<Verdict> done);

private:
    struct Job {
        std::move_only_function<void()> run;
        std::move_only_function<void()> give_up;
    };

    template <class Value>
    void enqueue(std::move_only_function<Result<Value>()> work, Executor& home,
                 Callback<Value> done);
    Passwords(const config::PasswordSettings& settings, std::string nobody);
    void work();

    const config::PasswordSettings settings_;
    const std::string nobody_;  ///< the hash that stands in for that of an unknown user
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool is_stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace belfry
