#include "tests/unit/plugin/support.hpp"

#include "daemon/config/document.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace belfry::plugin::test {

namespace fs = std::filesystem;

ThreadExecutor::ThreadExecutor() : thread_([this] { run(); }) {}

ThreadExecutor::~ThreadExecutor() {
    {
        const std::scoped_lock lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void ThreadExecutor::after(Nanos delay, Task task) {
    {
        const std::scoped_lock lock(mutex_);
        tasks_.emplace(system_clock().monotonic() + delay, std::move(task));
    }
    changed_.notify_all();
}

void ThreadExecutor::run() {
    std::unique_lock lock(mutex_);
    while (!is_ending_) {
        if (tasks_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const Nanos left = tasks_.begin()->first - system_clock().monotonic();
        if (left > 0) {
            changed_.wait_for(lock, std::chrono::nanoseconds(left));
            continue;
        }
        Task task = std::move(tasks_.extract(tasks_.begin()).mapped());
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

void ThreadExecutor::settle() {
    std::promise<void> reached;
    post([&] { reached.set_value(); });
    reached.get_future().wait();
}

TempDirectory::TempDirectory() {
    std::string name = (fs::temp_directory_path() / "belfry-plugin-XXXXXX").string();
    path_ = mkdtemp(name.data());
}
TempDirectory::~TempDirectory() {
    std::error_code error;
    fs::remove_all(path_, error);
}
std::string TempDirectory::path(const std::string& name) const {
    return name.empty() ? path_.string() : (path_ / name).string();
}

std::string plugin_path(const std::string& name) {
    return std::string(BELFRY_TEST_PLUGIN_DIR) + "/" + name + ".so";
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    fs::permissions(path, fs::perms(0644));
}

config::InstanceConfig instance(const std::string& name, const std::string& plugin,
                                const std::string& yaml, bool required) {
    auto document = config::parse_document(yaml, "test.yaml");
    EXPECT_TRUE(document.problems.empty());
    config::InstanceConfig made;
    made.name = name;
    made.plugin = plugin;
    made.required = required;
    made.where = document.root.mark;
    made.config = std::move(document.root);
    made.path = "apps." + name + ".config";
    return made;
}

void EchoServices::ingest(const std::string& instance, Event event, Callback<bool> done) {
    if (event.data == "full") {
        done(std::unexpected(Error{Code::retry, "full", {}, 7}));
        return;
    }
    done(instance + event.source + event.id + event.type + event.subject == "onesitu" &&
         event.data == "again" && event.attributes.size() == 1);
}

void EchoServices::call(const std::string& instance, OperationCall call,
                        Callback<std::string> done) {
    if (call.input == "keep") {
        kept.push_back(std::move(done));
        return;
    }
    done(instance + "|" + call.operation + "|" + call.principal + "|" + call.input);
}

void EchoServices::transaction(const std::string& /*instance*/, std::vector<OperationCall> calls,
                               Callback<std::string> done) {
    std::string names;
    for (const OperationCall& call : calls) {
        names += call.operation + call.input;
    }
    done(names);
}

HostTest::HostTest() : environment_(config::system_environment()) {
    settings_.directories = {BELFRY_TEST_PLUGIN_DIR};
    settings_.probe_program = BELFRY_PROBE_HELPER;
    settings_.probe_time = 30 * kSecond;
}

HostTest::~HostTest() {
    if (is_running_) {
        stop();
    }
    executor_.settle();
    home_.settle();
}

void HostTest::make_host() {
    host_ = std::make_unique<PluginHost>(
        settings_, HostParts{system_clock(), system_random(), metrics_, executor_, environment_});
    host_->serve(services_);
}

Result<> HostTest::load(const std::vector<config::InstanceConfig>& instances, Kind kind) {
    if (host_ == nullptr) {
        make_host();
    }
    return host_->load(instances, std::vector{kind});
}

Result<> HostTest::start() {
    is_running_ = true;
    Waiter<> waiter;
    host_->start_all(waiter.callback());
    return waiter.get();
}

void HostTest::stop() {
    is_running_ = false;
    std::promise<void> stopped;
    host_->stop_all([&] { stopped.set_value(); });
    ASSERT_EQ(stopped.get_future().wait_for(kPatience), std::future_status::ready);
    executor_.settle();
}

void HostTest::run(const std::string& plugin, Kind kind, const std::string& yaml) {
    const auto loaded = load({instance("one", plugin, yaml)}, kind);
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto started = start();
    ASSERT_TRUE(started) << started.error().message;
}

InstanceStatus HostTest::status(const std::string& name) const {
    for (const InstanceStatus& one : host_->status()) {
        if (one.name == name) {
            return one;
        }
    }
    ADD_FAILURE() << "no instance " << name;
    return {};
}

}  // namespace belfry::plugin::test
