/// What plugins ask of the daemon beyond the plugin host's own means.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/plugin/values.hpp"

#include <string>
#include <vector>

namespace belfry {

struct OperationCall {
    std::string operation;
    std::string principal;  ///< JSON; empty = the plugin instance itself
    std::string input;      ///< JSON
};

/// Implemented where the parts exist and given to the plugin host before any instance starts. Any
/// thread; callbacks run on any thread.
class HostServices {
public:
    HostServices() = default;
    HostServices(const HostServices&) = delete;
    HostServices& operator=(const HostServices&) = delete;
    virtual ~HostServices() = default;

    virtual void ingest(const std::string& instance, Event event,
                        Callback<bool> done) = 0;  ///< true = duplicate
    virtual void call(const std::string& instance, OperationCall call,
                      Callback<std::string> done) = 0;
    virtual void transaction(const std::string& instance, std::vector<OperationCall> calls,
                             Callback<std::string> done) = 0;
};

}  // namespace belfry
