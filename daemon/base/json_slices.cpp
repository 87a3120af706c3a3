#include "daemon/base/json_slices.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace belfry {
namespace {

constexpr std::string_view kSpaces = " \t\n\r";

/// Walks over valid JSON.
class Walker {
public:
    explicit Walker(std::string_view text) : text_(text) {}

    void skip_spaces() { at_ = std::min(text_.find_first_not_of(kSpaces, at_), text_.size()); }
    [[nodiscard]] bool is_at(char byte) const { return at_ < text_.size() && text_[at_] == byte; }
    [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }
    /// Spaces, one byte, spaces.
    void step() {
        skip_spaces();
        ++at_;
        skip_spaces();
    }

    /// The string that begins here, with its quotes.
    std::string_view take_string() {
        const std::size_t begin = at_++;
        while (at_ < text_.size() && text_[at_] != '"') {
            at_ += text_[at_] == '\\' ? 2 : 1;
        }
        ++at_;
        return text_.substr(begin, at_ - begin);
    }

    /// The value that begins here.
    std::string_view take_value() {
        const std::size_t begin = at_;
        if (is_at('"')) {
            return take_string();
        }
        if (is_at('{') || is_at('[')) {
            skip_nested();
        } else {
            at_ = std::min(text_.find_first_of(",]} \t\n\r", at_), text_.size());
        }
        return text_.substr(begin, at_ - begin);
    }

private:
    void skip_nested() {
        std::size_t depth = 0;
        do {
            if (is_at('"')) {
                take_string();
                continue;
            }
            if (is_at('{') || is_at('[')) {
                ++depth;
            } else if (is_at('}') || is_at(']')) {
                --depth;
            }
            ++at_;
        } while (depth > 0 && at_ < text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

bool is_name(std::string_view quoted, std::string_view name) {
    if (!quoted.contains('\\')) {
        return quoted.substr(1, quoted.size() - 2) == name;
    }
    const boost::json::value plain = boost::json::parse(quoted);
    return std::string_view(plain.as_string()) == name;
}

}  // namespace

std::string_view raw_member(std::string_view object, std::string_view name) {
    Walker walker(object);
    walker.step();
    while (!walker.is_at('}') && !walker.is_at_end()) {
        const std::string_view found = walker.take_string();
        walker.step();
        const std::string_view value = walker.take_value();
        if (is_name(found, name)) {
            return value;
        }
        walker.skip_spaces();
        if (walker.is_at(',')) {
            walker.step();
        }
    }
    return {};
}

std::vector<std::string_view> raw_items(std::string_view array) {
    std::vector<std::string_view> items;
    Walker walker(array);
    walker.step();
    while (!walker.is_at(']') && !walker.is_at_end()) {
        items.push_back(walker.take_value());
        walker.skip_spaces();
        if (walker.is_at(',')) {
            walker.step();
        }
    }
    return items;
}

}  // namespace belfry
