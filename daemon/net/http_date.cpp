#include "daemon/net/http_date.hpp"

#include <array>
#include <ctime>

namespace belfry::net {

const std::string& http_date(Nanos time) {
    thread_local std::time_t last = -1;
    thread_local std::string text;
    const std::time_t second = time / kSecond;
    if (second != last) {
        std::tm parts{};
        gmtime_r(&second, &parts);
        std::array<char, 64> buffer{};
        const auto length =
            std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        text.assign(buffer.data(), length);
        last = second;
    }
    return text;
}

}  // namespace belfry::net
