/// Whether the cluster can be reached.
#pragma once

#include "plugins/broker/kafka/conf.hpp"
#include "plugins/broker/kafka/standing.hpp"

#include <belfry/types.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace belfry::kafka {

/// Asks the cluster for a sign of life, every second or two and whenever a handle is in trouble.
class Watch : public Troubles {
public:
    /// What is to be looked at now and then while the connection stands, on the watch's thread.
    using Look = std::function<void()>;

    Watch(const sdk::Env& env, const Settings& settings, Standing& standing);
    ~Watch() override { stop(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// `done` is completed at the first sign of life, or when there is none in time.
    void start(sdk::Done<> done, Look look);
    void stop();

    /// A handle without a group, for looking; any thread, until the watch is destroyed.
    [[nodiscard]] rd_kafka_t* handle() const { return handle_.get(); }

    void trouble(rd_kafka_resp_err_t code, const std::string& text) override;

private:
    void run();
    void probe();
    void answer_start(bool is_up);
    [[nodiscard]] bool wait();

    const sdk::Env env_;
    const std::string place_;
    Standing& standing_;
    HandlePtr handle_;
    Look look_;
    std::optional<sdk::Done<>> started_;  // the thread's
    std::int64_t start_until_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_over_ = false;
    bool is_suspect_ = false;
    bool is_refused_ = false;
    std::string trouble_;
    std::thread thread_;
};

}  // namespace belfry::kafka
