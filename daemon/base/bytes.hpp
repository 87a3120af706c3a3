/// Shared immutable bytes: the host's side of bf_buf.
#pragma once

#include <belfry/abi.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace belfry {

using ByteView = std::span<const std::uint8_t>;

inline ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A reference-counted immutable buffer. Copying takes a reference; any thread.
class SharedBytes {
public:
    SharedBytes() = default;
    /// A copy of these parts, one behind the other.
    static SharedBytes concat(std::span<const ByteView> parts);
    static SharedBytes copy(ByteView content) { return concat({&content, 1}); }
    static SharedBytes copy(std::string_view content) { return copy(bytes_of(content)); }
    /// Takes over one reference from a plugin.
    static SharedBytes adopt(bf_buf* buf) { return SharedBytes(buf); }
    /// Takes a further reference.
    static SharedBytes share(bf_buf* buf);

    SharedBytes(const SharedBytes& other);
    SharedBytes(SharedBytes&& other) noexcept : buf_(std::exchange(other.buf_, nullptr)) {}
    SharedBytes& operator=(const SharedBytes& other) { return *this = SharedBytes(other); }
    SharedBytes& operator=(SharedBytes&& other) noexcept {
        std::swap(buf_, other.buf_);
        return *this;
    }
    ~SharedBytes();

    [[nodiscard]] bool empty() const { return buf_ == nullptr || buf_->len == 0; }
    [[nodiscard]] std::size_t size() const { return buf_ == nullptr ? 0 : buf_->len; }
    [[nodiscard]] ByteView view() const {
        return buf_ == nullptr ? ByteView{} : ByteView{buf_->data, buf_->len};
    }
    [[nodiscard]] bf_buf* get() const { return buf_; }
    /// Gives the reference away.
    [[nodiscard]] bf_buf* release() { return std::exchange(buf_, nullptr); }

private:
    explicit SharedBytes(bf_buf* buf) : buf_(buf) {}
    bf_buf* buf_ = nullptr;
};

/// The functions behind bf_host.buf_make, buf_ref and buf_unref.
bf_buf* buf_make(bf_bytes content);
void buf_ref(bf_buf* buf);
void buf_unref(bf_buf* buf);

}  // namespace belfry
