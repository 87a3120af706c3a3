/// One configured instance of a plugin, from its creation to its end.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/plugin/app_adapter.hpp"
#include "daemon/plugin/broker_adapter.hpp"
#include "daemon/plugin/descriptor.hpp"
#include "daemon/plugin/env.hpp"
#include "daemon/plugin/port.hpp"
#include "daemon/plugin/storage_adapter.hpp"
#include "daemon/plugin/transport_adapter.hpp"

#include <belfry/abi.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace belfry::plugin {

/// `create`, `start`, `drain` and `stop` come one at a time; the latter three and their callbacks
/// on the executor. The rest: any thread. The executor's tasks may refer to this until `stop` has
/// called back.
class Instance {
public:
    /// Asks the plugin to check `config` (canonical JSON), then to create the instance. The error
    /// is a reason without the instance's name.
    static Result<std::unique_ptr<Instance>> create(std::shared_ptr<Surroundings> surroundings,
                                                    const Description& description,
                                                    const std::string& name,
                                                    const std::string& config);
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    /// Destroys the plugin's instance where it was never started. One that was started and not
    /// stopped stays in memory, since its threads may still use it.
    ~Instance();

    struct StartLimits {
        Nanos start = 0;
        Nanos stop = 0;  ///< where the start fails
    };
    /// After an error the instance has been stopped and destroyed.
    void start(StartLimits limits, Callback<> done);
    /// Nothing happens where it is not started.
    void drain(Nanos deadline, Task done);
    void stop(Nanos limit, Task done);

    [[nodiscard]] State state(std::string& reason) const;
    [[nodiscard]] const bf_env& env() const { return *env_; }
    [[nodiscard]] bf_env& env() { return *env_; }

    // nullptr where the plugin is of another kind.
    [[nodiscard]] Storage* storage() const { return storage_.get(); }
    [[nodiscard]] Broker* broker() const { return broker_.get(); }
    [[nodiscard]] Transport* transport() const { return transport_.get(); }
    [[nodiscard]] App* app() const { return app_.get(); }

private:
    Instance(std::shared_ptr<bf_env> env, const Description& description, void* handle);

    /// A call of the life cycle, with a deadline.
    void await(const char* name, Nanos limit, const std::function<void(bf_done)>& invoke,
               Callback<> done);
    void stop_calls(Nanos limit, Task done);
    void end(Nanos limit, Callback<> done);
    void finish(const Result<>& stopped);
    void destroy();
    void set_state(State state, std::string reason = {});

    std::shared_ptr<bf_env> env_;
    const bf_lifecycle lifecycle_;
    void* handle_;
    Port port_;
    std::unique_ptr<StorageAdapter> storage_;
    std::shared_ptr<BrokerAdapter> broker_;  ///< shared: the plugin has addresses inside
    std::unique_ptr<TransportAdapter> transport_;
    std::shared_ptr<AppAdapter> app_;  ///< likewise
    mutable std::mutex mutex_;
    State state_ = State::loaded;
    std::string reason_;
};

}  // namespace belfry::plugin
