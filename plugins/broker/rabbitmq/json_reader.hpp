/// One JSON object of a configuration, read key by key.
#pragma once

#include <belfry/types.hpp>

#include <boost/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace belfry::rabbitmq {

/// Throws sdk::Failure (invalid) naming the key, what was expected and what was found.
class JsonReader {
public:
    /// `path` begins the names of keys in messages, such as "retry.".
    JsonReader(const boost::json::value& value, std::string path) : path_(std::move(path)) {
        object_ = value.if_object();
        if (object_ == nullptr) {
            refuse("", "an object", value);
        }
    }

    /// Refuses all other keys.
    void allow(std::initializer_list<std::string_view> keys) const {
        for (const auto& member : *object_) {
            bool known = false;
            for (const auto key : keys) {
                known = known || key == std::string_view(member.key());
            }
            if (!known) {
                throw sdk::Failure(sdk::Status::invalid,
                                   path_ + std::string(member.key()) + ": no such key");
            }
        }
    }
    void read(std::string_view key, std::string& to) const {
        if (const auto* value = find(key)) {
            if (!value->is_string()) {
                refuse(key, "a text", *value);
            }
            to = std::string_view(value->as_string());
        }
    }
    void read(std::string_view key, bool& to) const {
        if (const auto* value = find(key)) {
            if (!value->is_bool()) {
                refuse(key, "true or false", *value);
            }
            to = value->as_bool();
        }
    }
    void read(std::string_view key, boost::json::object& to) const {
        if (const auto* value = find(key)) {
            if (!value->is_object()) {
                refuse(key, "an object", *value);
            }
            to = value->as_object();
        }
    }
    /// A number from `least` to `most`.
    template <class Number>
    void read(std::string_view key, Number least, Number most, Number& to) const {
        const auto* value = find(key);
        if (value == nullptr) {
            return;
        }
        boost::json::error_code error;
        const auto number = value->to_number<Number>(error);
        if (error || number < least || number > most) {
            refuse(key,
                   "a number from " + boost::json::serialize(boost::json::value(least)) + " to " +
                       boost::json::serialize(boost::json::value(most)),
                   *value);
        }
        to = number;
    }
    /// Calls `take(value, path)` for each item of an array.
    template <class Take>
    void each(std::string_view key, Take take) const {
        const auto* value = find(key);
        if (value == nullptr) {
            return;
        }
        if (!value->is_array()) {
            refuse(key, "an array", *value);
        }
        std::size_t index = 0;
        for (const auto& item : value->as_array()) {
            take(item, path_ + std::string(key) + "[" + std::to_string(index++) + "].");
        }
    }
    [[nodiscard]] const boost::json::value* find(std::string_view key) const {
        return object_->if_contains(key);
    }

private:
    [[noreturn]] void refuse(std::string_view key, const std::string& expected,
                             const boost::json::value& found) const {
        throw sdk::Failure(sdk::Status::invalid, path_ + std::string(key) + ": expected " +
                                                     expected + ", found " +
                                                     boost::json::serialize(found));
    }

    std::string path_;
    const boost::json::object* object_ = nullptr;
};

}  // namespace belfry::rabbitmq
