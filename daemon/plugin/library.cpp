#include "daemon/plugin/library.hpp"

#include "daemon/plugin/host_table.hpp"

#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>

#include <exception>

namespace belfry::plugin {
namespace {

/// What dlopen said, without what Boost puts around it.
std::string reason_of(const std::exception& error) {
    constexpr std::string_view kBefore = "dlerror system message: ";
    constexpr std::string_view kAfter = "): ";
    std::string reason = error.what();
    const auto start = reason.find(kBefore);
    if (start == std::string::npos) {
        return reason;
    }
    reason.erase(0, start + kBefore.size());
    const auto end = reason.rfind(kAfter);
    return end == std::string::npos ? reason : reason.substr(0, end);
}

}  // namespace

Result<Description> load_library(const std::string& absolute_path, std::string_view expected_name) {
    try {
        const boost::dll::shared_library library(
            boost::dll::fs::path(absolute_path),
            boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        // What was loaded stays.
        dlopen(absolute_path.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
        const auto& entry = library.get<const bf_plugin*(const bf_host*)>(BF_ENTRY_SYMBOL);
        take_failure();
        const bf_plugin* plugin = entry(&host_table());
        return check_descriptor(plugin, expected_name, take_failure());
    } catch (const std::exception& error) {
        return fail(Code::invalid, std::string("cannot be loaded: ") + reason_of(error));
    } catch (...) {
        return fail(Code::invalid, "cannot be loaded: its entry function threw");
    }
}

}  // namespace belfry::plugin
