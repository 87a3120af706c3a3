#include "daemon/host_services.hpp"

#include "daemon/mailbox/event.hpp"

#include <utility>

namespace belfry {

void PluginServices::ingest(const std::string& /*instance*/, Event event, Callback<bool> done) {
    auto draft = draft_from(std::move(event));
    if (!draft) {
        done(std::unexpected(std::move(draft.error())));
        return;
    }
    mailbox_.publish(std::move(*draft), [done = std::move(done)](Result<Published> result) mutable {
        if (!result) {
            done(std::unexpected(std::move(result.error())));
            return;
        }
        done(result->duplicate);
    });
}

void PluginServices::call(const std::string& instance, OperationCall call,
                          Callback<std::string> done) {
    door_.call(instance, call, std::move(done));
}

void PluginServices::transaction(const std::string& instance, std::vector<OperationCall> calls,
                                 Callback<std::string> done) {
    door_.transaction(instance, calls, std::move(done));
}

}  // namespace belfry
