/// What the parts of an instance share.
#pragma once

#include "plugins/broker/rabbitmq/publisher.hpp"
#include "plugins/broker/rabbitmq/settings.hpp"
#include "plugins/broker/rabbitmq/standing.hpp"

#include <belfry/host.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace belfry::rabbitmq {

struct Shared {
    Shared(const sdk::Env& given, Settings config)
        : env(given), settings(std::move(config)), place(settings.place()), standing(env),
          publisher(settings, env, standing), run_(random_text(env)) {}

    const sdk::Env env;
    const Settings settings;
    const std::string place;
    Standing standing;
    Publisher publisher;

    /// Unique in the instance. Any thread.
    std::uint64_t next_token() { return ++last_token_; }
    /// Tells a message from all others, also of other processes. Any thread.
    std::string next_stamp() { return run_ + "-" + std::to_string(++last_stamp_); }

private:
    static std::string random_text(const sdk::Env& env) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::array<std::uint8_t, 8> bytes{};
        env.random(bytes);
        std::string text;
        for (const std::uint8_t byte : bytes) {
            text += kDigits[byte >> 4U];
            text += kDigits[byte & 15U];
        }
        return text;
    }

    const std::string run_;
    std::atomic<std::uint64_t> last_token_ = 0;
    std::atomic<std::uint64_t> last_stamp_ = 0;
};

}  // namespace belfry::rabbitmq
