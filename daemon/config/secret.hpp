/// Text that must not be shown.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace belfry::config {

/// Prints as "***"; the text comes out only by asking for it.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] bool empty() const { return text_.empty(); }
    /// The text itself; never for logs or messages.
    [[nodiscard]] const std::string& reveal() const { return text_; }

    friend std::ostream& operator<<(std::ostream& out, const Secret& /*secret*/) {
        return out << "***";
    }

private:
    std::string text_;
};

}  // namespace belfry::config
