/// The core executor and its thread.
#pragma once

#include "daemon/net/loop.hpp"

#include <thread>

namespace belfry::net {

class CoreThread {
public:
    CoreThread() : loop_(system_clock()), thread_([this] { loop_.run(); }) {}
    CoreThread(const CoreThread&) = delete;
    CoreThread& operator=(const CoreThread&) = delete;
    ~CoreThread() { stop(); }

    Loop& loop() { return loop_; }
    /// Ends the thread and destroys what is posted and not run.
    void stop() {
        if (thread_.joinable()) {
            loop_.stop();
            thread_.join();
            loop_.discard();
        }
    }

private:
    Loop loop_;
    std::thread thread_;
};

}  // namespace belfry::net
