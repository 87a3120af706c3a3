#include "daemon/mailbox/media_type.hpp"

#include <algorithm>

namespace belfry {

std::string to_lower(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char byte) {
        return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    });
    return lower;
}

std::string essence(std::string_view media_type) {
    media_type = media_type.substr(0, media_type.find(';'));
    while (media_type.ends_with(' ') || media_type.ends_with('\t')) {
        media_type.remove_suffix(1);
    }
    while (media_type.starts_with(' ') || media_type.starts_with('\t')) {
        media_type.remove_prefix(1);
    }
    return to_lower(media_type);
}

bool is_json(std::string_view media_type) {
    const std::string type = essence(media_type);
    return type == "application/json" || type.ends_with("+json");
}

}  // namespace belfry
