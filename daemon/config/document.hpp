/// YAML text as a tree that remembers where everything stood.
#pragma once

#include "daemon/config/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::config {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxNodes = 10'000;
constexpr std::size_t kMaxDepth = 32;

/// A value. Scalars keep their text; what it means (a number, a word) the schema decides.
struct Node {
    enum class Kind : std::uint8_t { null, scalar, sequence, map };

    Kind kind = Kind::null;
    bool is_quoted = false;  ///< scalar: was in quotes, a block, or tagged !!str
    std::string text;        ///< scalar
    Mark mark;
    std::string key;             ///< where the parent is a map
    Mark key_mark;               ///< where the parent is a map
    std::vector<Node> children;  ///< of a sequence or map, in the order of the file

    /// A map's value by key; nullptr where there is none (or this is no map).
    [[nodiscard]] const Node* find(std::string_view name) const;
    [[nodiscard]] Node* find(std::string_view name);
    /// An empty map that claims to stand at `where`.
    static Node make_map(Mark where);
};

struct Document {
    Node root;                      ///< an empty document is an empty map
    std::vector<Problem> problems;  ///< not empty: `root` is not to be used
};

/// Parses one YAML document. Refuses what reliable configuration cannot have: more than
/// kMaxFileBytes, kMaxNodes or kMaxDepth, text that is not UTF-8, control characters, anchors,
/// aliases and merge keys, duplicate keys, keys that are not plain text, a second document, and
/// tags other than !!str, !!seq,
/// !!map. A byte order mark is skipped. `filename` is only shown.
Document parse_document(std::string_view text, std::string_view filename);

}  // namespace belfry::config
