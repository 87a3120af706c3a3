/// Completion values from the wire to owned ones: the opposite of sdk::Wire.
#pragma once

#include "belfry/broker.hpp"
#include "belfry/push.hpp"
#include "belfry/storage.hpp"
#include "belfry/types.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::testkit {

/// Specialise it for values of your own: `static Value of(const void* wire)`.
template <class Value>
struct Copy;

template <>
struct Copy<sdk::Nothing> {
    static sdk::Nothing of(const void* /*wire*/) { return {}; }
};

template <>
struct Copy<std::string> {
    static std::string of(const void* wire) {
        return std::string(sdk::view(*static_cast<const bf_str*>(wire)));
    }
};

template <>
struct Copy<sdk::Committed> {
    static sdk::Committed of(const void* wire);
};
template <>
struct Copy<sdk::Heads> {
    static sdk::Heads of(const void* wire);
};
template <>
struct Copy<sdk::Page> {
    static sdk::Page of(const void* wire);
};
template <>
struct Copy<sdk::Document> {
    static sdk::Document of(const void* wire);
};
template <>
struct Copy<sdk::Documents> {
    static sdk::Documents of(const void* wire);
};
template <>
struct Copy<sdk::Cursors> {
    static sdk::Cursors of(const void* wire);
};
template <>
struct Copy<sdk::Jobs> {
    static sdk::Jobs of(const void* wire);
};
template <>
struct Copy<sdk::Records> {
    static sdk::Records of(const void* wire);
};
template <>
struct Copy<sdk::StorageStats> {
    static sdk::StorageStats of(const void* wire);
};
template <>
struct Copy<sdk::SourceStats> {
    static sdk::SourceStats of(const void* wire);
};
/// A message of a broker, kept.
struct Message {
    std::string destination, exchange, key, id, content_type, body, coordinates;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t time = 0;
    std::uint64_t attempt = 0;
    std::uint64_t token = 0;

    Message() = default;
    explicit Message(const bf_message& from);

    /// The first header of this name.
    [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// Of dead_letters.
template <>
struct Copy<std::vector<Message>> {
    static std::vector<Message> of(const void* wire);
};
template <>
struct Copy<sdk::Replayed> {
    static sdk::Replayed of(const void* wire);
};
template <>
struct Copy<sdk::Outcome> {
    static sdk::Outcome of(const void* wire);
};

}  // namespace belfry::testkit
