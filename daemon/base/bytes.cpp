#include "daemon/base/bytes.hpp"

#include <atomic>
#include <cstring>
#include <new>

namespace belfry {
namespace {

/// The bytes follow the header in the same allocation.
struct CountedBuf {
    bf_buf buf;
    std::atomic<std::uint64_t> owners;
};

CountedBuf* counted(bf_buf* buf) { return reinterpret_cast<CountedBuf*>(buf); }

}  // namespace

SharedBytes SharedBytes::concat(std::span<const ByteView> parts) {
    std::size_t length = 0;
    for (const ByteView part : parts) {
        length += part.size();
    }
    void* memory = ::operator new(sizeof(CountedBuf) + length);
    auto* start = static_cast<std::uint8_t*>(memory) + sizeof(CountedBuf);
    auto* made = new (memory) CountedBuf{{start, length}, 1};
    for (const ByteView part : parts) {
        if (!part.empty()) {
            std::memcpy(start, part.data(), part.size());
            start += part.size();
        }
    }
    return SharedBytes(&made->buf);
}

SharedBytes SharedBytes::share(bf_buf* buf) {
    buf_ref(buf);
    return SharedBytes(buf);
}

SharedBytes::SharedBytes(const SharedBytes& other) : buf_(other.buf_) {
    if (buf_ != nullptr) {
        buf_ref(buf_);
    }
}

SharedBytes::~SharedBytes() {
    if (buf_ != nullptr) {
        buf_unref(buf_);
    }
}

bf_buf* buf_make(bf_bytes content) {
    return SharedBytes::copy(ByteView{content.ptr, content.len}).release();
}

void buf_ref(bf_buf* buf) { counted(buf)->owners.fetch_add(1, std::memory_order_relaxed); }

void buf_unref(bf_buf* buf) {
    CountedBuf* owned = counted(buf);
    if (owned->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        owned->~CountedBuf();
        ::operator delete(owned);
    }
}

}  // namespace belfry
