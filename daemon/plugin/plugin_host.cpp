#include "daemon/plugin/plugin_host.hpp"

#include "daemon/base/log.hpp"
#include "daemon/plugin/plugin_host_impl.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace belfry::plugin {
namespace {

/// What is started before what.
constexpr std::array kOrder{Kind::storage, Kind::broker, Kind::push, Kind::transport, Kind::app};

void add_line(std::string& lines, const std::string& line) {
    lines += (lines.empty() ? "" : "\n") + line;
}

}  // namespace

PluginHost::Impl::Impl(HostSettings settings, const HostParts& parts)
    : settings_(std::move(settings)), parts_(parts),
      surroundings_(
          std::make_shared<Surroundings>(parts.clock, parts.random, parts.metrics, parts.executor)),
      loader_(settings_.directories, settings_.probe_program, settings_.probe_time) {}

void PluginHost::Impl::enqueue(std::move_only_function<void(Task done)> work) {
    parts_.executor.post([this, work = std::move(work)]() mutable {
        work_.push_back(std::move(work));
        run_next();
    });
}

void PluginHost::Impl::run_next() {
    if (is_busy_ || work_.empty()) {
        return;
    }
    is_busy_ = true;
    auto work = std::move(work_.front());
    work_.pop_front();
    work([this] {
        is_busy_ = false;
        run_next();
    });
}

void PluginHost::Impl::for_each(std::vector<Member*> members, std::shared_ptr<Step> step,
                                Task done) {
    if (members.empty()) {
        done();
        return;
    }
    Member& next = *members.front();
    members.erase(members.begin());
    (*step)(next, [this, members = std::move(members), step, done = std::move(done)]() mutable {
        for_each(std::move(members), std::move(step), std::move(done));
    });
}

std::vector<PluginHost::Impl::Member*> PluginHost::Impl::members_of(
    std::span<const Kind> kinds) const {
    std::vector<Member*> found;
    for (const Kind kind : kOrder) {
        for (const auto& member : members_) {
            std::string reason;
            if (member->instance != nullptr && member->loaded.about.kind == kind &&
                std::ranges::find(kinds, kind) != kinds.end() &&
                member->instance->state(reason) == State::loaded) {
                found.push_back(member.get());
            }
        }
    }
    return found;
}

void PluginHost::Impl::start_one(Member& member, const std::shared_ptr<std::string>& errors,
                                 Task next) {
    if (is_stopping_.load()) {
        add_line(*errors,
                 "instance " + member.name + ": not started, since the daemon is stopping");
        next();
        return;
    }
    started_.push_back(&member);
    member.instance->start(
        {settings_.start_time, settings_.stop_time},
        [&member, errors, next = std::move(next)](const Result<>& started) mutable {
            if (!started) {
                report_start(member, started.error(), *errors);
            }
            next();
        });
}

void PluginHost::Impl::report_start(const Member& member, const Error& error, std::string& errors) {
    const std::string line =
        "instance " + member.name + " of plugin " + member.loaded.about.name + ": " + error.message;
    if (member.required) {
        add_line(errors, line);
    } else {
        log::error("optional plugin instance left out",
                   {{"instance", member.name}, {"reason", line}});
    }
}

void PluginHost::Impl::start(std::vector<Kind> kinds, Callback<> done) {
    enqueue([this, kinds = std::move(kinds), done = std::move(done)](Task finished) mutable {
        auto errors = std::make_shared<std::string>();
        auto step = std::make_shared<Step>([this, errors](Member& member, Task next) {
            start_one(member, errors, std::move(next));
        });
        for_each(
            members_of(kinds), std::move(step),
            [errors, done = std::move(done), finished = std::move(finished)]() mutable {
                done(errors->empty() ? Result<>{} : fail(Code::unavailable, std::move(*errors)));
                finished();
            });
    });
}

void PluginHost::Impl::drain_all(Nanos deadline, Task done) {
    enqueue([this, deadline, done = std::move(done)](Task finished) mutable {
        auto step = std::make_shared<Step>([deadline](Member& member, Task next) {
            member.instance->drain(deadline, std::move(next));
        });
        for_each({started_.rbegin(), started_.rend()}, std::move(step),
                 [done = std::move(done), finished = std::move(finished)]() mutable {
                     done();
                     finished();
                 });
    });
}

void PluginHost::Impl::stop_all(Task done) {
    is_stopping_.store(true);
    enqueue([this, done = std::move(done)](Task finished) mutable {
        auto step = std::make_shared<Step>([this](Member& member, Task next) {
            member.instance->stop(settings_.stop_time, std::move(next));
        });
        std::vector<Member*> all = started_;
        std::ranges::copy(members_of(kOrder), std::back_inserter(all));
        for_each({all.rbegin(), all.rend()}, std::move(step),
                 [done = std::move(done), finished = std::move(finished)]() mutable {
                     // In this order: `done` may be the end of this.
                     finished();
                     done();
                 });
    });
}

InstanceStatus PluginHost::Impl::status_of(const Member& member) {
    InstanceStatus status{.name = member.name,
                          .plugin = member.loaded.about.name,
                          .kind = member.loaded.about.kind,
                          .required = member.required,
                          .state = State::failed};
    if (member.instance == nullptr) {
        status.health = member.required ? Health::down : Health::degraded;
        status.reason = member.failure;
        return status;
    }
    status.state = member.instance->state(status.reason);
    if (status.state == State::started) {
        status.health = member.instance->env().health(status.reason);
    } else {
        status.health = Health::down;
    }
    if (!member.required) {
        status.health = std::min(status.health, Health::degraded);
    }
    status.violations = member.instance->env().violations().list();
    return status;
}

std::vector<InstanceStatus> PluginHost::Impl::status() const {
    std::vector<InstanceStatus> all;
    all.reserve(members_.size());
    for (const auto& member : members_) {
        all.push_back(status_of(*member));
    }
    return all;
}

Health PluginHost::Impl::health() const {
    Health worst = Health::ok;
    for (const auto& member : members_) {
        worst = std::max(worst, status_of(*member).health);
    }
    return worst;
}

Broker* PluginHost::Impl::broker(std::string_view name) const {
    for (const auto& member : members_) {
        if (member->name == name && member->instance != nullptr &&
            member->instance->broker() != nullptr) {
            return member->instance->broker();
        }
    }
    return nullptr;
}

PluginHost::PluginHost(HostSettings settings, const HostParts& parts)
    : impl_(std::make_unique<Impl>(std::move(settings), parts)) {}
PluginHost::~PluginHost() = default;

Result<> PluginHost::load(std::span<const config::InstanceConfig> instances,
                          std::span<const Kind> kinds) {
    return impl_->load(instances, kinds);
}
Result<> PluginHost::load(const config::Profile& profile) { return impl_->load(profile); }
void PluginHost::serve(HostServices& services) { impl_->serve(services); }

void PluginHost::start(std::vector<Kind> kinds, Callback<> done) {
    impl_->start(std::move(kinds), std::move(done));
}
void PluginHost::start_all(Callback<> done) {
    impl_->start({kOrder.begin(), kOrder.end()}, std::move(done));
}
void PluginHost::drain_all(Nanos deadline, Task done) {
    impl_->drain_all(deadline, std::move(done));
}
void PluginHost::stop_all(Task done) { impl_->stop_all(std::move(done)); }

Storage* PluginHost::storage() const {
    const auto all = storages();
    return all.empty() ? nullptr : all.front();
}
std::vector<Storage*> PluginHost::storages() const { return impl_->all(&Instance::storage); }
Broker* PluginHost::broker(std::string_view name) const { return impl_->broker(name); }
std::vector<Transport*> PluginHost::transports() const { return impl_->all(&Instance::transport); }
std::vector<App*> PluginHost::apps() const { return impl_->all(&Instance::app); }

std::vector<InstanceStatus> PluginHost::status() const { return impl_->status(); }
Health PluginHost::health() const { return impl_->health(); }
std::vector<PluginRow> PluginHost::describe() const { return impl_->describe(); }

}  // namespace belfry::plugin
