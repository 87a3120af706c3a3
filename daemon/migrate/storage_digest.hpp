/// Count and hash of everything a storage has: two storages with equal digests hold the same.
#pragma once

#include "daemon/base/digest.hpp"
#include "daemon/plugin/storage.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace belfry::migrate {

constexpr std::size_t kKinds = std::variant_size_v<Record>;
/// By the index in Record.
constexpr std::array<std::string_view, kKinds> kKindNames = {"bodies",  "streams",   "entries",
                                                             "cursors", "documents", "jobs"};

/// Of the records of one kind, in the order of dump.
struct KindDigest {
    std::uint64_t count = 0;
    std::string sha256;  ///< 32 bytes
    bool operator==(const KindDigest&) const = default;
};
using Digest = std::array<KindDigest, kKinds>;

/// Record by record. The document of a migration under way does not count.
class Digester {
public:
    void add(const Record& record);
    /// Once.
    Digest finish();

private:
    std::array<Sha256, kKinds> hashes_;
    std::array<std::uint64_t, kKinds> counts_{};
};

/// Reads all of the storage; `seen` hears how many records that are so far. Blocks; completions
/// come on `home`, which must be another thread's.
Result<Digest> digest_of(Storage& storage, Executor& home,
                         const std::function<void(std::uint64_t)>& seen);

}  // namespace belfry::migrate
