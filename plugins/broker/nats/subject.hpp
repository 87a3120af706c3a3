/// Subjects: tokens between dots, `*` for one token, `>` for all that follow.
#pragma once

#include <string_view>

namespace belfry::nats {

/// Can be published to: no wildcard, no empty token, nothing the protocol cannot carry.
[[nodiscard]] bool is_subject(std::string_view text);
/// Can be subscribed to.
[[nodiscard]] bool is_pattern(std::string_view text);
/// Does `subject` belong to `pattern`? `subject` may have wildcards itself: then all it stands for
/// does.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view subject);
/// Good for a stream or a durable consumer.
[[nodiscard]] bool is_name(std::string_view text);

}  // namespace belfry::nats
