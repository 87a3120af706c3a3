/// Writing JSON (RFC 8259) where building a tree first would cost too much.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belfry {

/// Appends the text as a JSON string, quotes included. Bytes that are not UTF-8 are passed through.
void append_json(std::string& out, std::string_view text);

/// Base64 (RFC 4648 4) of any bytes.
std::string to_base64(std::string_view bytes);
/// Nothing where `text` is not base64 with its padding.
std::optional<std::string> from_base64(std::string_view text);

/// An object, member by member, in the order added.
class JsonObject {
public:
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;
    ~JsonObject() { out_ += '}'; }

    JsonObject& text(std::string_view name, std::string_view value);
    JsonObject& number(std::string_view name, std::int64_t value);
    JsonObject& boolean(std::string_view name, bool value);
    /// `json` is taken as it is.
    JsonObject& raw(std::string_view name, std::string_view json);

private:
    void begin(std::string_view name);

    std::string& out_;
    bool is_first_ = true;
};

}  // namespace belfry
