/// What plugins reach of the daemon.
#pragma once

#include "daemon/mailbox/mailbox.hpp"
#include "daemon/ops/app_door.hpp"
#include "daemon/plugin/services.hpp"

namespace belfry {

/// Any thread.
class PluginServices final : public HostServices {
public:
    /// Both outlive this.
    PluginServices(Mailbox& mailbox, ops::AppDoor& door) : mailbox_(mailbox), door_(door) {}

    void ingest(const std::string& instance, Event event, Callback<bool> done) override;
    void call(const std::string& instance, OperationCall call, Callback<std::string> done) override;
    void transaction(const std::string& instance, std::vector<OperationCall> calls,
                     Callback<std::string> done) override;

private:
    Mailbox& mailbox_;
    ops::AppDoor& door_;
};

}  // namespace belfry
