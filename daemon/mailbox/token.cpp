#include "daemon/mailbox/token.hpp"

#include "daemon/base/ids.hpp"

namespace belfry {

std::string Token::print() const { return to_base32(epoch) + '.' + to_base32(seq); }

std::optional<Token> Token::parse(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto epoch = from_base32(text.substr(0, dot));
    const auto seq = from_base32(text.substr(dot + 1));
    if (!epoch || !seq) {
        return std::nullopt;
    }
    return Token{*epoch, *seq};
}

}  // namespace belfry
