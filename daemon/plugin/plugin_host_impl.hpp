/// The inside of PluginHost, in two parts: host_load.cpp and plugin_host.cpp.
#pragma once

#include "daemon/plugin/instance.hpp"
#include "daemon/plugin/loader.hpp"
#include "daemon/plugin/plugin_host.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace belfry::plugin {

class PluginHost::Impl {
public:
    Impl(HostSettings settings, const HostParts& parts);

    Result<> load(std::span<const config::InstanceConfig> instances, std::span<const Kind> kinds);
    Result<> load(const config::Profile& profile);
    void serve(HostServices& services) { surroundings_->services.store(&services); }

    void start(std::vector<Kind> kinds, Callback<> done);
    void drain_all(Nanos deadline, Task done);
    void stop_all(Task done);

    [[nodiscard]] std::vector<InstanceStatus> status() const;
    [[nodiscard]] Health health() const;
    [[nodiscard]] std::vector<PluginRow> describe() const;

    /// What `get` gives for each instance that was created, without nullptr.
    template <class Part>
    [[nodiscard]] std::vector<Part*> all(Part* (Instance::*get)() const) const {
        std::vector<Part*> found;
        for (const auto& member : members_) {
            if (member->instance != nullptr && (member->instance.get()->*get)() != nullptr) {
                found.push_back((member->instance.get()->*get)());
            }
        }
        return found;
    }
    [[nodiscard]] Broker* broker(std::string_view name) const;

private:
    /// An instance of the profile, there or not.
    struct Member {
        std::string name;
        bool required = true;
        Loaded loaded;
        std::string failure;  ///< why there is no instance
        std::unique_ptr<Instance> instance;
    };
    /// A step for one instance that calls back when it is done.
    using Step = std::function<void(Member& member, Task next)>;

    Result<> load_one(Member& member, const config::InstanceConfig& wanted,
                      std::span<const Kind> kinds);
    void start_one(Member& member, const std::shared_ptr<std::string>& errors, Task next);
    static void report_start(const Member& member, const Error& error, std::string& errors);
    [[nodiscard]] static InstanceStatus status_of(const Member& member);

    /// Runs `work`, which calls its argument when done, after all that was enqueued before.
    void enqueue(std::move_only_function<void(Task done)> work);
    void run_next();
    /// One after the other.
    void for_each(std::vector<Member*> members, std::shared_ptr<Step> step, Task done);
    [[nodiscard]] std::vector<Member*> members_of(std::span<const Kind> kinds) const;

    HostSettings settings_;
    HostParts parts_;
    std::shared_ptr<Surroundings> surroundings_;
    Loader loader_;
    std::vector<std::unique_ptr<Member>> members_;  ///< unchanged after the last `load`

    // Only on the executor.
    std::deque<std::move_only_function<void(Task done)>> work_;
    bool is_busy_ = false;
    std::vector<Member*> started_;  ///< in the order tried

    std::atomic<bool> is_stopping_ = false;
};

}  // namespace belfry::plugin
