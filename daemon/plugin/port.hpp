/// Where calls go into a plugin instance, and come back.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/plugin/env.hpp"
#include "daemon/plugin/values.hpp"

#include <belfry/abi.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace belfry::plugin {

/// Open between the start and the stop of an instance. Any thread.
class Port {
public:
    explicit Port(std::shared_ptr<bf_env> env) : env_(std::move(env)) {}
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port() = default;

    void open(void* instance);
    /// No call begins from now on.
    void close();
    /// No call is under way; ask after `close`.
    [[nodiscard]] bool is_idle() const;

    /// Holds the instance while a call is in it. False where the port is not open.
    class Visit {
    public:
        explicit Visit(Port& port) : port_(port), is_in_(port.enter()) {}
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;
        ~Visit() {
            if (is_in_) {
                port_.inside_.fetch_sub(1);
            }
        }
        explicit operator bool() const { return is_in_; }
        [[nodiscard]] void* instance() const { return port_.instance_; }

    private:
        Port& port_;
        bool is_in_;
    };

    [[nodiscard]] bf_env& env() const { return *env_; }
    /// For an array or struct from the plugin that cannot be: names the instance and the plugin.
    [[nodiscard]] Error garbage(std::string_view call, std::string_view what) const;
    [[nodiscard]] Error not_offered(std::string_view call) const;
    [[nodiscard]] Error not_open() const;
    /// Reports what a call threw; call it in a catch clause.
    void report_exception(std::string_view call) const;

private:
    enum class Phase : std::uint8_t { unopened, open, closed };

    bool enter();

    std::shared_ptr<bf_env> env_;
    void* instance_ = nullptr;
    std::atomic<Phase> phase_ = Phase::unopened;
    std::atomic<std::uint64_t> inside_ = 0;
};

/// A call that answers at once, or not at all: `call(instance)`, or `otherwise()` where the port is
/// not open or the call throws.
template <class Call, class Otherwise>
auto visit(Port& port, const char* name, Call call, Otherwise otherwise) {
    const Port::Visit entered(port);
    if (entered) {
        try {
            return call(entered.instance());
        } catch (...) {
            port.report_exception(name);
        }
    }
    return otherwise();
}
template <class Call>
void visit(Port& port, const char* name, Call call) {
    visit(port, name, call, [] {});
}

template <class Value>
void answer(Executor& home, Callback<Value> done, Result<Value> result) {
    home.post([done = std::move(done), result = std::move(result)]() mutable {
        done(std::move(result));
    });
}

/// One asynchronous call into a plugin.
template <class Value>
class Call {
public:
    /// `name` is a literal.
    Call(Port& port, const char* name, Executor& home, Callback<Value> done)
        : port_(port), name_(name), home_(home), done_(std::move(done)) {}

    /// `function`: the table's, perhaps NULL. `invoke(instance, bf_done)` makes the call;
    /// `convert(const void*) -> Result<Value>` copies what it brought, on the completing thread;
    /// its error is about what the plugin did wrong.
    template <class Function, class Invoke, class Convert>
    void run(Function function, Invoke invoke, Convert convert) && {
        if (function == nullptr) {
            answer<Value>(home_, std::move(done_), std::unexpected(port_.not_offered(name_)));
            return;
        }
        const Port::Visit visit(port_);
        if (!visit) {
            answer<Value>(home_, std::move(done_), std::unexpected(port_.not_open()));
            return;
        }
        const bf_done completion = port_.env().calls().open(
            name_, [&port = port_, name = name_, &home = home_, done = std::move(done_),
                    convert = std::move(convert)](Result<const void*> outcome) mutable {
                Result<Value> result =
                    outcome ? checked(port, name, convert, *outcome)
                            : Result<Value>(std::unexpected(std::move(outcome.error())));
                answer<Value>(home, std::move(done), std::move(result));
            });
        if (completion.call == nullptr) {
            return;
        }
        try {
            invoke(visit.instance(), completion);
        } catch (...) {
            port_.report_exception(name_);
            bf_env::refuse(completion, Code::retry, "the plugin threw an exception");
        }
    }

private:
    template <class Convert>
    static Result<Value> checked(Port& port, const char* name, Convert& convert,
                                 const void* value) {
        std::string wrong;
        try {
            Result<Value> result = convert(value);
            if (result) {
                return result;
            }
            wrong = std::move(result.error().message);
        } catch (const std::exception& error) {
            wrong = error.what();
        }
        port.env().violations().report(name, wrong);
        return std::unexpected(port.garbage(name, wrong));
    }

    Port& port_;
    const char* name_;
    Executor& home_;
    Callback<Value> done_;
};

}  // namespace belfry::plugin
