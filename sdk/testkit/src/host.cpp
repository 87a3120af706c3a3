#include "belfry/testkit/memory_host.hpp"
#include "host_impl.hpp"

#include <algorithm>

namespace belfry::testkit {

namespace {

std::int64_t since_epoch(auto clock_now) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_now.time_since_epoch())
        .count();
}

}  // namespace

Seat::Seat(Host& host, std::string name)
    : host_(host), name_(std::move(name)), stopped_(std::make_shared<std::atomic<bool>>(false)),
      executor_([&host] { return host.monotonic(); }) {}

void Seat::check_running(const char* call) {
    if (*stopped_) {
        violate(std::string("called ") + call + " after stop");
    }
}

void Seat::violate(const std::string& what) { host_.violation_list().add(name_ + ": " + what); }

Host::Host() : impl_(std::make_unique<Impl>()) {
    impl_->owner = this;
    bf_host& table = impl_->table;
    table.size = sizeof table;
    table.abi_major = BF_ABI_MAJOR;
    table.abi_minor = BF_ABI_MINOR;
    table.version = sdk::str("testkit");
    fill_core(table);
    fill_services(table);
    fill_links(table);
    fill_apps(table);
}

Host::~Host() = default;

const bf_host* Host::table() const { return &impl_->table; }

void Host::advance(std::int64_t by) {
    impl_->skipped += by;
    const std::lock_guard lock(impl_->mutex);
    for (const auto& seat : impl_->seats) {
        seat->executor().wake();
    }
}

std::int64_t Host::now() const {
    return since_epoch(std::chrono::system_clock::now()) + impl_->skipped;
}

std::int64_t Host::monotonic() const {
    return since_epoch(std::chrono::steady_clock::now()) + impl_->skipped;
}

std::vector<LogLine> Host::logs() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->logs;
}

std::size_t Host::logged(std::string_view event) const {
    const std::lock_guard lock(impl_->mutex);
    return static_cast<std::size_t>(
        std::count_if(impl_->logs.begin(), impl_->logs.end(),
                      [event](const LogLine& line) { return line.event == event; }));
}

double Host::metric(std::string_view instance, std::string_view name, const Fields& labels) const {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->metrics.find(Impl::metric_key(instance, name, labels));
    return found == impl_->metrics.end() ? 0 : found->second->value.load();
}

HealthReport Host::health(std::string_view instance) const {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->health.find(instance);
    return found == impl_->health.end() ? HealthReport{} : found->second;
}

std::string Host::take_failure() {
    const std::lock_guard lock(impl_->mutex);
    return std::exchange(impl_->failure, {});
}

std::vector<std::string> Host::violations() const { return impl_->violations.list(); }

Violations& Host::violation_list() { return impl_->violations; }

std::shared_ptr<Seat> Host::Impl::seat(std::string name) {
    auto made = std::make_shared<Seat>(*owner, std::move(name));
    const std::lock_guard lock(mutex);
    seats.push_back(made);
    return made;
}

std::string Host::Impl::metric_key(std::string_view instance, std::string_view name,
                                   const Fields& labels) {
    std::string key = std::string(instance) + '\n' + std::string(name);
    for (const auto& [label, value] : labels) {
        key.append(1, '\n').append(label).append(1, '=').append(value);
    }
    return key;
}

Fields fields_of(const bf_pair* pairs, std::uint64_t count) {
    Fields fields;
    for (const bf_pair& pair : std::span(pairs, count)) {
        fields.emplace_back(sdk::view(pair.name), sdk::view(pair.value));
    }
    return fields;
}

}  // namespace belfry::testkit
