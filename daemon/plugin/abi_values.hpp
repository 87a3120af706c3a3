/// Reading what a plugin passed, of whatever version, without trusting it; and the way back.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/error.hpp"

#include <belfry/abi.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace belfry::plugin {

/// Larger than any struct of the ABI will be: a size beyond it is garbage.
constexpr std::uint32_t kMaxStruct = 64U << 10U;

// A null pointer with a length is read as nothing.
inline std::string_view view(bf_str text) {
    return text.ptr == nullptr ? std::string_view{} : std::string_view{text.ptr, text.len};
}
inline ByteView view(bf_bytes bytes) {
    return bytes.ptr == nullptr ? ByteView{} : ByteView{bytes.ptr, bytes.len};
}
inline std::string_view text(bf_bytes bytes) { return text_of(view(bytes)); }
inline std::span<const bf_pair> pairs(const bf_pair* first, std::uint64_t count) {
    return first == nullptr ? std::span<const bf_pair>{} : std::span(first, count);
}

inline bf_str str(std::string_view content) { return {content.data(), content.size()}; }
inline bf_bytes bytes(std::string_view content) {
    return {reinterpret_cast<const std::uint8_t*>(content.data()), content.size()};
}
inline bf_bytes bytes(ByteView content) { return {content.data(), content.size()}; }

/// For what a plugin answered against its contract.
inline std::unexpected<Error> wrong(std::string what) { return fail(Code::retry, std::move(what)); }

/// An unknown status is `retry`. BF_OK has no code.
Code to_code(std::uint32_t status);
std::uint32_t to_status(Code code);

inline std::uint32_t size_at(const void* start) {
    std::uint32_t size = 0;
    std::memcpy(&size, start, sizeof size);
    return size;
}

/// A size-prefixed struct as this daemon knows it: what the plugin's version does not have is zero,
/// what it has beyond is dropped. Nothing for NULL and for a size that cannot be.
template <class Struct>
std::optional<Struct> fetch(const void* from) {
    if (from == nullptr) {
        return std::nullopt;
    }
    const std::uint32_t size = size_at(from);
    if (size < sizeof size || size > kMaxStruct) {
        return std::nullopt;
    }
    Struct value{};
    std::memcpy(&value, from, std::min<std::size_t>(size, sizeof value));
    return value;
}

/// An array of size-prefixed structs, stepped through by the size of its first element.
template <class Struct>
class AbiArray {
public:
    AbiArray(const Struct* first, std::uint64_t count)
        : first_(reinterpret_cast<const char*>(first)), count_(count),
          step_(first == nullptr || count == 0 ? 0 : size_at(first)) {}

    /// At most `most` elements, of a believable size. The others only after this said true.
    [[nodiscard]] bool is_sound(std::uint64_t most) const {
        return count_ == 0 || (first_ != nullptr && count_ <= most && step_ >= sizeof step_ &&
                               step_ <= kMaxStruct);
    }
    [[nodiscard]] std::uint64_t size() const { return count_; }
    [[nodiscard]] Struct operator[](std::uint64_t index) const {
        Struct value{};
        std::memcpy(&value, first_ + index * step_, std::min<std::size_t>(step_, sizeof value));
        return value;
    }

private:
    const char* first_;
    std::uint64_t count_;
    std::uint32_t step_;
};

}  // namespace belfry::plugin
