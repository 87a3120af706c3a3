/// How the storage is, and who is told.
#pragma once

#include "plugins/storage/sqlite/trouble.hpp"

#include <belfry/host.hpp>

#include <atomic>
#include <mutex>
#include <string>

namespace belfry::sqlite {

/// Any thread.
class Condition {
public:
    Condition(sdk::Env env, std::string path);

    /// What is on the disk is not certain any more: nothing may be read or written.
    [[nodiscard]] bool is_broken() const { return is_broken_; }
    /// What keeps the storage from writing; empty = nothing.
    [[nodiscard]] std::string reason() const;

    /// Writing failed.
    void fail(const Trouble& trouble);
    /// Writing works.
    void work();
    /// Something is damaged; the rest can be used.
    void report_damage(const std::string& message);
    /// The log cannot be moved into the database; commits go on as long as there is room for it.
    void delay(const Trouble& trouble);
    void end_delay();

private:
    void tell(sdk::Health health, const std::string& reason, std::string_view event);

    sdk::Env env_;
    const std::string path_;
    sdk::Metric damages_;
    mutable std::mutex mutex_;
    std::string down_;
    std::string damage_;
    bool is_delayed_ = false;
    std::atomic<bool> is_broken_ = false;
};

}  // namespace belfry::sqlite
