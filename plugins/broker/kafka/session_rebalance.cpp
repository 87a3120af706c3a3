// Partitions that come and go, and how far they are.
#include "plugins/broker/kafka/session.hpp"
#include "plugins/broker/kafka/topics.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <thread>

namespace belfry::kafka {
namespace {

constexpr int kCommittedPatience = 5'000;  // ms
constexpr int kCommitAttempts = 10;
constexpr std::chrono::milliseconds kCommitPause{50};

std::span<rd_kafka_topic_partition_t> all_of(rd_kafka_topic_partition_list_t& list) {
    return {list.elems, static_cast<std::size_t>(list.cnt)};
}

}  // namespace

void Session::on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code, List* partitions,
                           void* opaque) {
    auto& self = static_cast<Session&>(*static_cast<Troubles*>(opaque));
    ErrorPtr error;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        self.assign(*partitions);
        error.reset(rd_kafka_incremental_assign(handle, partitions));
        // Paused before they are read for the first time.
        for (const bool is_retry : {false, true}) {
            if (is_retry ? self.is_retry_paused_ : self.is_fresh_paused_) {
                self.set_paused(is_retry, true);
            }
        }
    } else {
        self.revoke(*partitions);
        error.reset(rd_kafka_incremental_unassign(handle, partitions));
    }
    if (error) {
        self.is_broken_ = true;
        self.shared_.env.log(
            sdk::Level::warning, "partitions could not be taken over",
            {{"group", self.settings_.group}, {"error", rd_kafka_error_string(error.get())}});
    }
}

void Session::assign(List& partitions) {
    const bool is_known =
        partitions.cnt == 0 || rd_kafka_committed(handle_.get(), &partitions, kCommittedPatience) ==
                                   RD_KAFKA_RESP_ERR_NO_ERROR;
    for (auto& partition : all_of(partitions)) {
        partitions_.insert_or_assign(Place{partition.topic, partition.partition},
                                     begin_partition(partition, is_known));
    }
    if (partitions.cnt > 0) {
        made_again_.clear();
    }
    stands_ = true;
    reason_.clear();
}

Tracker Session::begin_partition(rd_kafka_topic_partition_t& partition, bool is_committed_known) {
    if (made_again_.contains(partition.topic)) {
        partition.offset = 0;
        return Tracker(0);
    }
    if (!is_committed_known || partition.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        partition.offset = RD_KAFKA_OFFSET_INVALID;  // the library asks again
        return Tracker();
    }
    if (partition.offset >= 0) {
        return Tracker(partition.offset, partition.offset);
    }
    partition.offset = RD_KAFKA_OFFSET_BEGINNING;
    if (!settings_.starts_latest || partition.topic == settings_.retry_topic()) {
        return Tracker();
    }
    // The end of now is committed with the next commit, so that who takes over goes on from here.
    try {
        const auto end = extent_of(handle_.get(), partition.topic, partition.partition).high;
        partition.offset = end;
        return Tracker(end);
    } catch (const sdk::Failure&) {
        is_broken_ = true;  // rather than from the beginning
        return Tracker();
    }
}

void Session::revoke(List& partitions) {
    const auto is_gone = [&](const Place& place) {
        return rd_kafka_topic_partition_list_find(&partitions, place.first.c_str(), place.second) !=
               nullptr;
    };
    backlog_.drop(is_gone);
    const bool is_lost = rd_kafka_assignment_lost(handle_.get()) != 0;
    if (!is_lost && !is_closing_) {
        const auto is_flying = [&] {
            return std::ranges::any_of(in_flight_,
                                       [&](const auto& one) { return is_gone(one.second->place); });
        };
        constexpr int kTurns = 10;
        for (int turn = 0; turn < kTurns && is_flying(); ++turn) {
            settle_();
        }
    }
    if (!is_lost && shared_.standing.is_up()) {
        commit(true);
    }
    forget(is_gone);
    std::erase_if(partitions_, [&](const auto& one) { return is_gone(one.first); });
}

void Session::forget(const std::function<bool(const Place&)>& is_gone) {
    backlog_.drop(is_gone);
    std::erase_if(in_flight_, [&](const auto& one) { return is_gone(one.second->place); });
}

PartitionsPtr Session::offsets_to_commit() const {
    auto list = make_partitions();
    for (const auto& [place, tracker] : partitions_) {
        if (const auto offset = tracker.to_commit()) {
            rd_kafka_topic_partition_list_add(list.get(), place.first.c_str(), place.second)
                ->offset = *offset;
        }
    }
    return list;
}

void Session::commit(bool waits) {
    if (waits) {
        // Once more what is only on its way: the answer may be a refusal.
        for (auto& [place, tracker] : partitions_) {
            tracker.committed(Tracker::kUnknown);
        }
    }
    const auto list = offsets_to_commit();
    if (list->cnt == 0) {
        return;
    }
    auto code = rd_kafka_commit(handle_.get(), list.get(), waits ? 0 : 1);
    for (int again = 0; code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS && again < kCommitAttempts;
         ++again) {
        std::this_thread::sleep_for(kCommitPause);
        code = rd_kafka_commit(handle_.get(), list.get(), 0);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return;
    }
    for (const auto& one : all_of(*list)) {
        partitions_[Place{one.topic, one.partition}].committed(one.offset);
    }
}

void Session::on_commit(rd_kafka_t* /*handle*/, rd_kafka_resp_err_t code, List* offsets,
                        void* opaque) {
    auto& self = static_cast<Session&>(*static_cast<Troubles*>(opaque));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || offsets == nullptr) {
        return;
    }
    for (const auto& one : all_of(*offsets)) {
        const auto found = self.partitions_.find(Place{one.topic, one.partition});
        if (found != self.partitions_.end() && !is_unknown_topic(one.err)) {
            found->second.committed(Tracker::kUnknown);  // once more, with the next
        }
    }
}

}  // namespace belfry::kafka
