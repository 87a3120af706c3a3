#include "plugins/storage/sqlite/condition.hpp"

#include <utility>

namespace belfry::sqlite {

Condition::Condition(sdk::Env env, std::string path)
    : env_(env), path_(std::move(path)),
      damages_(env.counter("sqlite_damages_total", "Reads that met something damaged")) {}

std::string Condition::reason() const {
    const std::lock_guard lock(mutex_);
    return down_;
}

void Condition::tell(sdk::Health health, const std::string& reason, std::string_view event) {
    env_.health(health, reason);
    env_.log(sdk::Level::error, event, {{"path", path_}, {"reason", reason}});
}

void Condition::fail(const Trouble& trouble) {
    const std::lock_guard lock(mutex_);
    const bool is_news = down_.empty() || (trouble.fatal && !is_broken_);
    if (is_broken_) {
        return;
    }
    is_broken_ = trouble.fatal;
    down_ = trouble.message;
    if (is_news) {
        tell(sdk::Health::down, down_, "storage cannot write");
    }
}

void Condition::work() {
    const std::lock_guard lock(mutex_);
    if (is_broken_ || std::exchange(down_, {}).empty()) {
        return;
    }
    env_.health(damage_.empty() ? sdk::Health::ok : sdk::Health::degraded, damage_);
    env_.log(sdk::Level::info, "storage works again", {{"path", path_}});
}

void Condition::report_damage(const std::string& message) {
    damages_.add();
    const std::lock_guard lock(mutex_);
    if (std::exchange(damage_, message) == message || !down_.empty()) {
        return;
    }
    tell(sdk::Health::degraded, damage_, "storage is damaged");
}

void Condition::delay(const Trouble& trouble) {
    if (trouble.fatal) {
        fail(trouble);
        return;
    }
    const std::lock_guard lock(mutex_);
    if (!std::exchange(is_delayed_, true)) {
        env_.log(sdk::Level::warning, "write-ahead log cannot be moved into the database",
                 {{"path", path_}, {"reason", trouble.message}});
    }
}

void Condition::end_delay() {
    const std::lock_guard lock(mutex_);
    is_delayed_ = false;
}

}  // namespace belfry::sqlite
