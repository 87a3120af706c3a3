#include "daemon/plugin/port.hpp"

namespace belfry::plugin {

void Port::open(void* instance) {
    instance_ = instance;
    phase_.store(Phase::open);
}

void Port::close() { phase_.store(Phase::closed); }

bool Port::is_idle() const { return inside_.load() == 0; }

bool Port::enter() {
    // In this order, so that whoever closes and then sees nobody inside can be sure of it.
    inside_.fetch_add(1);
    if (phase_.load() == Phase::open) {
        return true;
    }
    inside_.fetch_sub(1);
    return false;
}

Error Port::garbage(std::string_view call, std::string_view what) const {
    return {Code::retry, "instance " + env_->name() + " of plugin " + env_->plugin() +
                             " answered " + std::string(call) +
                             " with nonsense: " + std::string(what)};
}

Error Port::not_offered(std::string_view call) const {
    return {Code::refused, "plugin " + env_->plugin() + " does not offer " + std::string(call)};
}

Error Port::not_open() const {
    const bool is_over = phase_.load() == Phase::closed;
    return {is_over ? Code::closed : Code::unavailable,
            "instance " + env_->name() + " of plugin " + env_->plugin() +
                (is_over ? " is stopped" : " is not started")};
}

void Port::report_exception(std::string_view call) const {
    std::string what = "threw an exception through the plugin ABI";
    try {
        throw;
    } catch (const std::exception& error) {
        what += std::string(": ") + error.what();
    } catch (...) {
        what += " of an unknown type";
    }
    env_->violations().report(call, what);
}

}  // namespace belfry::plugin
