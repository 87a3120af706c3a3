/// What the parts of an instance share.
#pragma once

#include "plugins/broker/kafka/producer.hpp"
#include "plugins/broker/kafka/publisher.hpp"
#include "plugins/broker/kafka/settings.hpp"
#include "plugins/broker/kafka/standing.hpp"
#include "plugins/broker/kafka/watch.hpp"
#include "plugins/broker/kafka/worker.hpp"

#include <belfry/host.hpp>

#include <atomic>
#include <cstdint>

namespace belfry::kafka {

struct Shared {
    Shared(const sdk::Env& given, Settings config)
        : env(given), settings(std::move(config)), standing(env), watch(env, settings, standing),
          producer(make_confirming(settings, watch)),
          publisher(producer, looker, standing, watch.handle()) {}

    const sdk::Env env;
    const Settings settings;
    Standing standing;
    Watch watch;
    Worker looker;  ///< looks topics up for the publisher
    Worker clerk;   ///< statistics and dead letters
    Producer producer;
    Publisher publisher;

    /// Unique in the instance. Any thread.
    std::uint64_t next_token() { return ++last_token_; }

private:
    std::atomic<std::uint64_t> last_token_ = 0;
};

}  // namespace belfry::kafka
