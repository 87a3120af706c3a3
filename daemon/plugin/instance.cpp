#include "daemon/plugin/instance.hpp"

#include "daemon/base/log.hpp"
#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/host_table.hpp"

#include <algorithm>
#include <utility>

namespace belfry::plugin {
namespace {

constexpr Nanos kLookAgain = kMillisecond;
/// No status of a plugin becomes this one.
constexpr Code kTimeIsUp = Code::limited;

std::string with_reason(std::string what) {
    const std::string reason = take_failure();
    return std::move(what) + (reason.empty() ? ", without a reason" : ": " + reason);
}

/// A completion and a deadline, of which one comes first.
struct Awaited {
    std::shared_ptr<bf_env> env;
    const char* name;
    Callback<> done;

    void finish(Result<> result) {
        if (done) {
            std::exchange(done, nullptr)(std::move(result));
        } else {
            env->violations().report(name, "completed after its time was up");
        }
    }
};

}  // namespace

Result<std::unique_ptr<Instance>> Instance::create(std::shared_ptr<Surroundings> surroundings,
                                                   const Description& description,
                                                   const std::string& name,
                                                   const std::string& config) {
    const bf_lifecycle& lifecycle = description.lifecycle;
    auto env = std::make_shared<bf_env>(std::move(surroundings), name, description.about.name);
    take_failure();
    try {
        if (lifecycle.check(str(config)) != 1) {
            return fail(Code::invalid, with_reason("it refuses its configuration"));
        }
        void* handle = lifecycle.create(env.get(), str(name), str(config));
        if (handle == nullptr) {
            env->over();
            return fail(Code::invalid, with_reason("it cannot be created"));
        }
        return std::unique_ptr<Instance>(new Instance(std::move(env), description, handle));
    } catch (const std::exception& error) {
        return fail(Code::invalid, std::string("it cannot be created: threw ") + error.what());
    } catch (...) {
        return fail(Code::invalid, "it cannot be created: threw an exception of an unknown type");
    }
}

Instance::Instance(std::shared_ptr<bf_env> env, const Description& description, void* handle)
    : env_(std::move(env)), lifecycle_(description.lifecycle), handle_(handle), port_(env_) {
    const void* table = description.table;
    switch (description.about.kind) {
        case Kind::storage: storage_ = std::make_unique<StorageAdapter>(port_, table); break;
        case Kind::broker:
            broker_ = std::make_shared<BrokerAdapter>(port_, table, description.source_schema);
            break;
        case Kind::transport: transport_ = std::make_unique<TransportAdapter>(port_, table); break;
        case Kind::app: app_ = std::make_shared<AppAdapter>(port_, table); break;
        case Kind::push: break;
    }
}

Instance::~Instance() {
    std::string reason;
    if (state(reason) == State::loaded) {
        finish({});
    } else if (handle_ != nullptr) {
        env_->keep({broker_, app_});
    }
}

void Instance::set_state(State state, std::string reason) {
    const std::scoped_lock lock(mutex_);
    state_ = state;
    reason_ = std::move(reason);
}

State Instance::state(std::string& reason) const {
    const std::scoped_lock lock(mutex_);
    reason = reason_;
    return state_;
}

void Instance::await(const char* name, Nanos limit, const std::function<void(bf_done)>& invoke,
                     Callback<> done) {
    Executor& executor = env_->surroundings().executor;
    auto awaited = std::make_shared<Awaited>(env_, name, std::move(done));
    const bf_done completion =
        env_->calls().open(name, [&executor, awaited](Result<const void*> outcome) {
            executor.post([awaited, outcome = std::move(outcome)]() mutable {
                awaited->finish(outcome ? Result<>{} : std::unexpected(std::move(outcome.error())));
            });
        });
    executor.after(limit, [awaited, limit] {
        if (awaited->done) {
            awaited->finish(fail(kTimeIsUp, std::string(awaited->name) +
                                                " did not complete within " +
                                                std::to_string(limit / kMillisecond) + " ms"));
        }
    });
    try {
        invoke(completion);
    } catch (...) {
        port_.report_exception(name);
        bf_env::refuse(completion, Code::retry, std::string(name) + " threw an exception");
    }
}

void Instance::start(StartLimits limits, Callback<> done) {
    await(
        "start", limits.start,
        [this](bf_done completion) { lifecycle_.start(handle_, completion); },
        [this, limits, done = std::move(done)](Result<> started) mutable {
            if (started) {
                port_.open(handle_);
                set_state(State::started);
                done({});
                return;
            }
            const std::string reason = "cannot be started: " + started.error().message;
            end(limits.stop, [this, reason, done = std::move(done)](const Result<>&) mutable {
                set_state(State::failed, reason);
                done(fail(Code::unavailable, reason));
            });
        });
}

void Instance::drain(Nanos deadline, Task done) {
    std::string reason;
    if (state(reason) != State::started) {
        done();
        return;
    }
    const Nanos left = std::max<Nanos>(deadline - env_->surroundings().clock.now(), 0);
    await(
        "drain", left,
        [this, deadline](bf_done completion) { lifecycle_.drain(handle_, deadline, completion); },
        [this, done = std::move(done)](const Result<>& drained) mutable {
            if (!drained) {
                log::warning("plugin instance did not drain",
                             {{"instance", env_->name()}, {"reason", drained.error().message}});
            }
            done();
        });
}

void Instance::stop(Nanos limit, Task done) {
    std::string reason;
    switch (state(reason)) {
        case State::loaded:
            finish({});
            done();
            return;
        case State::started: break;
        default: done(); return;
    }
    end(limit, [done = std::move(done)](const Result<>&) mutable { done(); });
}

/// Waits until no call is under way, since they may not be when the plugin's instance goes.
void Instance::stop_calls(Nanos limit, Task done) {
    port_.close();
    if (port_.is_idle() || limit <= 0) {
        done();
        return;
    }
    env_->surroundings().executor.after(kLookAgain,
                                        [this, limit, done = std::move(done)]() mutable {
                                            stop_calls(limit - kLookAgain, std::move(done));
                                        });
}

void Instance::end(Nanos limit, Callback<> done) {
    stop_calls(limit, [this, limit, done = std::move(done)]() mutable {
        env_->stopping();
        await(
            "stop", limit, [this](bf_done completion) { lifecycle_.stop(handle_, completion); },
            [this, done = std::move(done)](Result<> stopped) mutable {
                finish(stopped);
                done(std::move(stopped));
            });
    });
}

void Instance::finish(const Result<>& stopped) {
    const bool is_stopped = stopped || stopped.error().code != kTimeIsUp;
    env_->over();
    if (app_ != nullptr) {
        app_->close();
    }
    if (is_stopped && port_.is_idle()) {
        destroy();
        set_state(State::stopped);
        return;
    }
    const std::string reason =
        stopped ? "a call into it has not returned" : stopped.error().message;
    set_state(State::failed, "cannot be stopped: " + reason);
    log::error("plugin instance cannot be stopped and stays in memory",
               {{"instance", env_->name()}, {"plugin", env_->plugin()}, {"reason", reason}});
}

void Instance::destroy() {
    try {
        lifecycle_.destroy(std::exchange(handle_, nullptr));
    } catch (...) {
        port_.report_exception("destroy");
    }
}

}  // namespace belfry::plugin
