#include "plugins/storage/sqlite/settling.hpp"

namespace belfry::sqlite {

void Settling::age() {
    if (is_under_way() || arrivals_.young().size() == 0) {
        return;
    }
    arrivals_.age();
    plan_ = arrivals_.old()->streams();
    now_ = 0;
    kept_ = 0;
}

void Settling::work(std::uint64_t entries) {
    if (!is_under_way()) {
        return;
    }
    for (std::uint64_t done = 0; now_ < plan_.size() && done < entries; ++now_) {
        auto* stream = streams_.find(plan_[now_]);
        ++done;
        if (stream != nullptr && stream->settled != stream->head) {
            done += stream->head - stream->settled;
            streams_.settle(*stream);
        }
    }
    if (now_ == plan_.size()) {
        journal_.remove(arrivals_.old()->last_journal());
        is_done_ = true;
    }
}

void Settling::commit() {
    kept_ = now_;
    if (is_done_) {
        is_done_ = false;
        plan_.clear();
        arrivals_.drop_old();
    }
}

void Settling::rollback() {
    now_ = kept_;
    is_done_ = false;
}

}  // namespace belfry::sqlite
