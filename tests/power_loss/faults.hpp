/// A disk that fails.
#pragma once

#include "tests/power_loss/disk_vfs.hpp"

#include <atomic>
#include <cstdint>

namespace belfry::power_loss {

/// Lets the Nth operation of a kind fail, and where it is asked to, all of the kind from then on.
/// Any thread.
class FaultyDisk : public DiskObserver {
public:
    struct Fault {
        Kind kind = Kind::write;
        int code = 0;           ///< SQLITE_FULL, SQLITE_IOERR_WRITE ...
        std::uint64_t nth = 0;  ///< from 1 on; 0 = never
        bool stays = false;
    };

    explicit FaultyDisk(const Fault& fault) : fault_(fault) {}

    int before(const Operation& operation) override {
        if (operation.kind != fault_.kind || is_mended_) {
            return 0;
        }
        const auto count = ++count_;
        const bool fails = count == fault_.nth || (fault_.stays && count > fault_.nth);
        if (!fails || fault_.nth == 0) {
            return 0;
        }
        ++failures_;
        return fault_.code;
    }
    void after(const Operation& /*operation*/) override {}

    /// From now on nothing fails.
    void mend() { is_mended_ = true; }
    /// Operations of the kind so far, and those that failed.
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
    const Fault fault_;
    std::atomic<bool> is_mended_ = false;
    std::atomic<std::uint64_t> count_ = 0;
    std::atomic<std::uint64_t> failures_ = 0;
};

}  // namespace belfry::power_loss
