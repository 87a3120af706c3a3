/// A plain subscription: at most once.
#pragma once

#include "plugins/broker/nats/source.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace belfry::nats {

/// What fails is kept and delivered again from memory; what does not fit is lost, and counted.
class CoreSource final : public Source {
public:
    CoreSource(Site& site, Order order, SourceSettings settings);

    void attach(std::shared_ptr<Link> link, Attached attached) override;
    void detach() override;
    [[nodiscard]] sdk::SourceStats stats() const override;

private:
    void acknowledge(std::uint64_t token, Held& held) override;
    void acknowledge_dead(std::uint64_t token, Held& held) override;
    void put_back(std::uint64_t token, Held& held, std::int64_t delay) override;
    void close() override;

    [[nodiscard]] std::shared_ptr<CoreSource> self();
    void arrived(Message message);
    void drop(std::uint64_t token, const Held& held);
    void drop_delayed();

    std::vector<Link::Subscribed> subscriptions_;
    std::string run_;  ///< random: no other run gives the same coordinates
    std::uint64_t last_ = 0;
    std::size_t bytes_ = 0;
    sdk::Metric lost_;
};

}  // namespace belfry::nats
