#include "daemon/base/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

namespace belfry {

struct Sha256::State {
    struct Free {
        void operator()(EVP_MD_CTX* held) const { EVP_MD_CTX_free(held); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

void Sha256::add_sized(std::string_view bytes) {
    const std::uint64_t size = bytes.size();
    EVP_DigestUpdate(state_->context.get(), &size, sizeof size);
    add(bytes);
}

std::string Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length);
    return {reinterpret_cast<const char*>(digest.data()), length};
}

}  // namespace belfry
