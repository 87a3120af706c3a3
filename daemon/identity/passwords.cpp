#include "daemon/identity/passwords.hpp"

#include "daemon/base/utf8.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

namespace belfry {
namespace {

std::size_t thread_count(const config::PasswordSettings& settings) {
    return settings.threads != 0 ? settings.threads
                                 : std::max(1U, std::thread::hardware_concurrency());
}

void wipe(std::string& secret) { sodium_memzero(secret.data(), secret.size()); }

Result<std::string> hash_now(const config::PasswordSettings& settings,
                             const std::string& password) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), settings.passes,
                              settings.memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fail(Code::unavailable, "no memory to hash a password");
    }
    return std::string(text.data());
}

}  // namespace

Result<std::unique_ptr<Passwords>> Passwords::make(const config::PasswordSettings& settings) {
    if (sodium_init() < 0) {
        return fail(Code::unavailable, "libsodium: sodium_init failed");
    }
    auto nobody = hash_now(settings, "nobody has this one");
    if (!nobody) {
        return fail(Code::unavailable, "identity.passwords: cannot hash with memory " +
                                           std::to_string(settings.memory) + " and passes " +
                                           std::to_string(settings.passes));
    }
    return std::unique_ptr<Passwords>(new Passwords(settings, std::move(*nobody)));
}

Passwords::Passwords(const config::PasswordSettings& settings, std::string nobody)
    : settings_(settings), nobody_(std::move(nobody)) {
    for (std::size_t i = 0; i < thread_count(settings_); ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

void Passwords::close() {
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
        left.swap(jobs_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
    for (Job& job : left) {
        job.give_up();
    }
}

Result<> Passwords::check(std::string_view password) const {
    if (password.size() < settings_.min_length || password.size() > kLongestPassword) {
        return fail(Code::invalid,
                    "password: expected " + std::to_string(settings_.min_length) + " to " +
                        std::to_string(kLongestPassword) + " bytes, found " +
                        std::to_string(password.size()),
                    "/password");
    }
    if (!is_utf8(password) || password.contains('\0')) {
        return fail(Code::invalid, "password: expected UTF-8 without NUL", "/password");
    }
    return {};
}

template <class Value>
void Passwords::enqueue(std::move_only_function<Result<Value>()> work, Executor& home,
                        Callback<Value> done) {
    const auto shared = std::make_shared<Callback<Value>>(std::move(done));
    const auto answer = [shared, &home](Result<Value> result) {
        home.post([shared, result = std::move(result)]() mutable { (*shared)(std::move(result)); });
    };
    {
        const std::lock_guard lock(mutex_);
        if (!is_stopping_ && jobs_.size() < settings_.queue) {
            jobs_.push_back({[work = std::move(work), answer]() mutable { answer(work()); },
                             [answer] { answer(fail(Code::closed, "the daemon is stopping")); }});
            wake_.notify_one();
            return;
        }
    }
    answer(std::unexpected(
        Error{Code::unavailable, "too many passwords are being checked", {}, kSecond}));
}

void Passwords::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) {
            return;
        }
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.run();
        lock.lock();
    }
}

void Passwords::hash(std::string password, Executor& home, Callback<std::string> done) {
    enqueue<std::string>(
        [this, password = std::move(password)]() mutable {
            auto hashed = hash_now(settings_, password);
            wipe(password);
            return hashed;
        },
        home, std::move(done));
}

void Passwords::verify(std::string password, std::string stored, Executor& home,
                       Callback<Verdict> done) {
    enqueue<Verdict>(
        [this, password = std::move(password), stored = std::move(stored)]() mutable {
            const std::string& held = stored.empty() ? nobody_ : stored;
            const bool is_match =
                crypto_pwhash_str_verify(held.c_str(), password.data(), password.size()) == 0;
            wipe(password);
            const bool is_outdated = crypto_pwhash_str_needs_rehash(held.c_str(), settings_.passes,
                                                                    settings_.memory) != 0;
            return Result<Verdict>(Verdict{is_match && !stored.empty(), is_outdated});
        },
        home, std::move(done));
}

}  // namespace belfry
