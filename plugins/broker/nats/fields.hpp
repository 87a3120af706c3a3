/// Members of a JSON object, each with what it is without a value.
#pragma once

#include <belfry/types.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::nats {

/// Throws sdk::ConfigError, which names the member, where a value is of another type.
class Fields {
public:
    explicit Fields(const boost::json::object& object) : object_(object) {}

    void require_known(std::initializer_list<std::string_view> keys) const {
        for (const auto& member : object_) {
            const std::string_view key = member.key();
            if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
                throw sdk::ConfigError(std::string(key) + ": no such key");
            }
        }
    }
    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = {}) const {
        const auto* value = object_.if_contains(key);
        require(value == nullptr || value->is_string(), key, "a string");
        return std::string(value == nullptr ? otherwise : std::string_view(value->get_string()));
    }
    /// One of `values`, the first where there is none.
    [[nodiscard]] std::string choice(std::string_view key,
                                     std::initializer_list<std::string_view> values) const {
        auto found = text(key, *values.begin());
        for (const auto value : values) {
            if (found == value) {
                return found;
            }
        }
        throw sdk::ConfigError(std::string(key) + ": \"" + found + "\" is none of its values");
    }
    [[nodiscard]] bool boolean(std::string_view key, bool otherwise) const {
        const auto* value = object_.if_contains(key);
        require(value == nullptr || value->is_bool(), key, "true or false");
        return value == nullptr ? otherwise : value->get_bool();
    }
    [[nodiscard]] double number(std::string_view key, double otherwise, double least) const {
        const auto* value = object_.if_contains(key);
        require(value == nullptr || value->is_number(), key, "a number");
        const double found = value == nullptr ? otherwise : value->to_number<double>();
        require(found >= least, key, "at least " + std::to_string(least));
        return found;
    }
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise,
                                       std::int64_t least) const {
        const auto* value = object_.if_contains(key);
        boost::json::error_code error;
        const auto found = value == nullptr ? otherwise : value->to_number<std::int64_t>(error);
        require(!error && found >= least, key, "an integer of at least " + std::to_string(least));
        return found;
    }
    [[nodiscard]] std::vector<std::string> texts(std::string_view key,
                                                 std::vector<std::string> otherwise) const {
        const auto* value = object_.if_contains(key);
        if (value == nullptr) {
            return otherwise;
        }
        require(value->is_array(), key, "a list of strings");
        std::vector<std::string> found;
        for (const auto& item : value->get_array()) {
            require(item.is_string(), key, "a list of strings");
            found.emplace_back(std::string_view(item.get_string()));
        }
        return found;
    }
    [[nodiscard]] const boost::json::object* object(std::string_view key) const {
        const auto* value = object_.if_contains(key);
        require(value == nullptr || value->is_object(), key, "an object");
        return value == nullptr ? nullptr : &value->get_object();
    }

private:
    static void require(bool holds, std::string_view key, std::string_view expected) {
        if (!holds) {
            throw sdk::ConfigError(std::string(key) + ": expected " + std::string(expected));
        }
    }

    const boost::json::object& object_;
};

}  // namespace belfry::nats
