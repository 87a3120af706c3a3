/// Digests.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace belfry {

/// SHA-256, piece by piece.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void add(std::string_view bytes);
    /// The length first, so that pieces cannot run into each other.
    void add_sized(std::string_view bytes);
    /// 32 bytes. Once.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace belfry
