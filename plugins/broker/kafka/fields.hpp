/// A JSON object of a configuration, member by member.
#pragma once

#include <belfry/types.hpp>

#include <boost/json.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::kafka {

/// Throws sdk::Failure (invalid) naming the key, what was expected and what was found.
class Fields {
public:
    /// `name` is that of the object in messages; empty for the whole configuration.
    Fields(const boost::json::value& value, std::string name) : name_(std::move(name)) {
        if (!value.is_object()) {
            refuse(name_.empty() ? "the configuration" : name_, "an object", value);
        }
        object_ = &value.get_object();
    }

    [[nodiscard]] std::string text(std::string_view key, std::string otherwise = {}) {
        const auto* value = take(key);
        if (value == nullptr) {
            return otherwise;
        }
        return text_of(*value, path(key));
    }
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) {
        const auto* value = take(key);
        if (value == nullptr || !value->is_array() || value->get_array().empty()) {
            refuse(path(key), "an array of texts", value == nullptr ? nullptr : *value);
        }
        std::vector<std::string> all;
        for (const auto& one : value->get_array()) {
            all.push_back(text_of(one, path(key)));
        }
        return all;
    }
    /// Leaves `to` alone where there is no such member.
    template <class Number>
    void number(std::string_view key, Number least, Number& to) {
        const auto* value = take(key);
        if (value == nullptr) {
            return;
        }
        boost::json::error_code error;
        const auto number = value->to_number<Number>(error);
        if (error || number < least) {
            refuse(path(key),
                   "a number of at least " + boost::json::serialize(boost::json::value(least)),
                   *value);
        }
        to = number;
    }
    /// One of two words; true for the second.
    [[nodiscard]] bool choice(std::string_view key, std::string_view usual,
                              std::string_view other) {
        const std::string word = text(key, std::string(usual));
        if (word != usual && word != other) {
            refuse(path(key), std::string(usual) + " or " + std::string(other),
                   boost::json::value(word));
        }
        return word == other;
    }
    /// Null where there is no such member.
    [[nodiscard]] const boost::json::value* take(std::string_view key) {
        taken_.insert(key);
        return object_->if_contains(key);
    }
    /// Nothing but what was asked for may be there.
    void expect_no_more() const {
        for (const auto& member : *object_) {
            if (!taken_.contains(std::string_view(member.key()))) {
                throw sdk::Failure(sdk::Status::invalid, path(member.key()) + ": no such key");
            }
        }
    }

private:
    [[nodiscard]] std::string path(std::string_view key) const {
        return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
    }
    static std::string text_of(const boost::json::value& value, const std::string& path) {
        if (!value.is_string()) {
            refuse(path, "a text", value);
        }
        return std::string(std::string_view(value.get_string()));
    }
    [[noreturn]] static void refuse(const std::string& key, const std::string& expected,
                                    const boost::json::value& found) {
        throw sdk::Failure(sdk::Status::invalid, key + ": expected " + expected + ", found " +
                                                     boost::json::serialize(found));
    }

    std::string name_;
    const boost::json::object* object_ = nullptr;
    std::set<std::string_view> taken_;
};

}  // namespace belfry::kafka
