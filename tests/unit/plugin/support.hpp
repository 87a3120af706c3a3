/// What the tests of the plugin host share.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/random.hpp"
#include "daemon/base/time.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/profile.hpp"
#include "daemon/plugin/plugin_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace belfry::plugin::test {

constexpr std::chrono::seconds kPatience{60};

/// Runs its tasks on a thread of its own, in order of time.
class ThreadExecutor final : public Executor {
public:
    ThreadExecutor();
    ~ThreadExecutor() override;
    ThreadExecutor(const ThreadExecutor&) = delete;
    ThreadExecutor& operator=(const ThreadExecutor&) = delete;

    void post(Task task) override { after(0, std::move(task)); }
    void after(Nanos delay, Task task) override;
    /// Waits until everything posted before has run.
    void settle();
    [[nodiscard]] std::thread::id id() const { return thread_.get_id(); }

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Nanos, Task> tasks_;
    bool is_ending_ = false;
    std::thread thread_;
};

/// A callback, and the wait for what it brings.
template <class Value = void>
class Waiter {
public:
    Callback<Value> callback() {
        return
            [promise = promise_](Result<Value> result) { promise->set_value(std::move(result)); };
    }
    Result<Value> get() {
        if (future_.wait_for(kPatience) != std::future_status::ready) {
            return fail(Code::retry, "the test waited in vain");
        }
        return future_.get();
    }
    [[nodiscard]] bool is_ready() const {
        return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }

private:
    std::shared_ptr<std::promise<Result<Value>>> promise_ =
        std::make_shared<std::promise<Result<Value>>>();
    std::future<Result<Value>> future_ = promise_->get_future();
};

/// A directory of its own, gone at the end.
class TempDirectory {
public:
    TempDirectory();
    ~TempDirectory();
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    [[nodiscard]] std::string path(const std::string& name = {}) const;

private:
    std::filesystem::path path_;
};

/// The file of a plugin from tests/plugins.
std::string plugin_path(const std::string& name);
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content);

/// `yaml`: the instance's own section.
config::InstanceConfig instance(const std::string& name, const std::string& plugin,
                                const std::string& yaml = {}, bool required = true);

/// Answers with what it was asked.
class EchoServices final : public HostServices {
public:
    void ingest(const std::string& instance, Event event, Callback<bool> done) override;
    void call(const std::string& instance, OperationCall call, Callback<std::string> done) override;
    void transaction(const std::string& instance, std::vector<OperationCall> calls,
                     Callback<std::string> done) override;

    std::vector<Callback<std::string>> kept;  ///< of calls with the input "keep"
};

/// A plugin host with everything it needs.
class HostTest : public testing::Test {
protected:
    HostTest();
    ~HostTest() override;

    /// Makes `host_`, with its settings as they are.
    void make_host();
    Result<> load(const std::vector<config::InstanceConfig>& instances, Kind kind);
    Result<> start();
    void stop();
    /// One instance of a plugin named "one", loaded and started.
    void run(const std::string& plugin, Kind kind, const std::string& yaml = {});
    [[nodiscard]] InstanceStatus status(const std::string& name = "one") const;

    HostSettings settings_;
    Metrics metrics_;
    config::Environment environment_;
    ThreadExecutor executor_;  ///< the host's
    ThreadExecutor home_;      ///< the callers'
    EchoServices services_;
    std::unique_ptr<PluginHost> host_;
    bool is_running_ = false;
};

}  // namespace belfry::plugin::test
