#include "plugins/broker/rabbitmq/bus.hpp"

#include "plugins/broker/rabbitmq/table.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace belfry::rabbitmq {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr std::size_t kMostWaiting = 8'192;
constexpr std::size_t kMostBytes = std::size_t{16} << 20U;
constexpr std::int64_t kMostAtBroker = 20'000;  ///< for a node that is slow; then the oldest go
constexpr std::int64_t kIdle = 60'000'000'000;
constexpr std::size_t kBetweenReads = 64;

}  // namespace

Bus::Bus(Shared& shared)
    : shared_(shared),
      lost_(shared.env.counter("rabbitmq_bus_lost_total", "Bus messages that were not sent")),
      reconnects_(shared.env.counter("rabbitmq_reconnects_total", "Connections made again",
                                     {{"connection", "bus"}})),
      backoff_(shared.env) {}

Bus::~Bus() { stop(); }

void Bus::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                 sdk::Done<> done) {
    std::unique_lock lock(mutex_);
    if (is_stopped_) {
        lock.unlock();
        done.fail(sdk::Status::closed, shared_.place + ": is not running");
        return;
    }
    requests_.push_back({{partitions.begin(), partitions.end()}, listener, std::move(done)});
    start_thread();
    lock.unlock();
    wake_.notify();
}

void Bus::broadcast(std::uint32_t partition, sdk::Bytes message) {
    {
        const std::lock_guard lock(mutex_);
        const bool is_full =
            outbox_.size() >= kMostWaiting || outbox_bytes_ + message.size() > kMostBytes;
        if (is_stopped_ || is_away_ || is_full) {
            lost_.add();
            return;
        }
        outbox_.push_back({partition, std::string(message.begin(), message.end())});
        outbox_bytes_ += message.size();
        start_thread();
    }
    wake_.notify();
}

void Bus::start_thread() {
    if (!thread_.joinable()) {
        thread_ = std::thread([this] { run(); });
    }
}

void Bus::stop() {
    std::thread thread;
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        thread = std::move(thread_);
    }
    wake_.notify();
    cutter_.cut();
    if (thread.joinable()) {
        thread.join();
    }
}

void Bus::run() {
    bool is_first = true;
    while (!is_stopped()) {
        try {
            connect();
            if (!std::exchange(is_first, false)) {
                reconnects_.add();
            }
            serve();
        } catch (const Trouble& trouble) {
            lose(trouble.failure(shared_.place + ": bus"));
        }
    }
    cutter_.release();
    connection_.reset();
    const sdk::Failure stopped(sdk::Status::closed, shared_.place + ": is being stopped");
    tell(&stopped);
}

void Bus::connect() {
    connection_ = std::make_unique<Connection>(shared_.settings, "bus");
    cutter_.hold(*connection_);
    assembler_ = Assembler();
    connection_->open_channel(kChannel);
    auto* const state = connection_->get();
    amqp_exchange_declare(state, kChannel, bytes_of(shared_.settings.bus_exchange),
                          bytes_of("direct"), 0, 1, 0, 0, amqp_empty_table);
    connection_->require(kChannel);
    Table arguments;
    arguments.add("x-max-length", kMostAtBroker);
    queue_ = shared_.settings.prefix + ".bus." + shared_.next_stamp();
    amqp_queue_declare(state, kChannel, bytes_of(queue_), 0, 0, 1, 1, arguments.get());
    connection_->require(kChannel);
    bound_.clear();
    rebind();
    amqp_basic_consume(state, kChannel, bytes_of(queue_), amqp_empty_bytes, 0, 1, 1,
                       amqp_empty_table);
    connection_->require(kChannel);
    backoff_.succeeded();
    shared_.standing.clear("bus");
    const std::lock_guard lock(mutex_);
    is_away_ = false;
}

void Bus::serve() {
    while (!is_stopped()) {
        while (const auto frame = connection_->next()) {
            take(*frame);
        }
        obey();
        send_all();
        connection_->wait(wake_, kIdle);
    }
}

void Bus::take(const amqp_frame_t& frame) {
    if (Assembler::is_part(frame)) {
        if (const auto content = assembler_.take(frame)) {
            hear(content->message);
        }
    } else if (frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD) {
        throw connection_->closed_by(frame);
    } else if (frame.payload.method.id == AMQP_BASIC_CANCEL_METHOD) {
        throw Trouble(Trouble::Kind::lost, 0, "the node's queue " + queue_ + " was deleted");
    }
}

void Bus::hear(const Message& message) const {
    std::uint32_t partition = 0;
    const char* const end = message.routing_key.data() + message.routing_key.size();
    const auto result = std::from_chars(message.routing_key.data(), end, partition);
    if (result.ec == std::errc() && result.ptr == end && wanted_.contains(partition)) {
        listener_.hear(listener_.ctx, partition, sdk::bytes_of(message.body));
    }
}

void Bus::obey() {
    std::vector<Request> requests;
    {
        const std::lock_guard lock(mutex_);
        requests = std::exchange(requests_, {});
    }
    for (auto& request : requests) {
        wanted_ = std::move(request.partitions);
        listener_ = request.listener;
        listening_.push_back(std::move(request.done));
    }
    if (!listening_.empty() && connection_ != nullptr) {
        rebind();
        tell(nullptr);
    }
}

void Bus::rebind() {
    std::vector<std::uint32_t> gone;
    std::set_difference(bound_.begin(), bound_.end(), wanted_.begin(), wanted_.end(),
                        std::back_inserter(gone));
    for (const auto partition : gone) {
        const std::string key = std::to_string(partition);
        amqp_queue_unbind(connection_->get(), kChannel, bytes_of(queue_),
                          bytes_of(shared_.settings.bus_exchange), bytes_of(key), amqp_empty_table);
        connection_->require(kChannel);
        bound_.erase(partition);
    }
    for (const auto partition : wanted_) {
        if (!bound_.contains(partition)) {
            bind(partition);
        }
    }
}

void Bus::bind(std::uint32_t partition) {
    const std::string key = std::to_string(partition);
    amqp_queue_bind(connection_->get(), kChannel, bytes_of(queue_),
                    bytes_of(shared_.settings.bus_exchange), bytes_of(key), amqp_empty_table);
    connection_->require(kChannel);
    bound_.insert(partition);
}

void Bus::send_all() {
    std::deque<Shout> shouts;
    {
        const std::lock_guard lock(mutex_);
        shouts = std::exchange(outbox_, {});
        outbox_bytes_ = 0;
    }
    if (!connection_->blocked().empty()) {
        lost_.add(static_cast<double>(shouts.size()));
        return;
    }
    std::size_t sent = 0;
    for (const auto& shout : shouts) {
        send(shout);
        if (++sent % kBetweenReads == 0) {
            while (const auto frame = connection_->next()) {
                take(*frame);
            }
        }
    }
}

void Bus::send(const Shout& shout) {
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = AMQP_DELIVERY_NONPERSISTENT;
    const std::string key = std::to_string(shout.partition);
    Connection::require_sent(
        amqp_basic_publish(connection_->get(), kChannel, bytes_of(shared_.settings.bus_exchange),
                           bytes_of(key), 0, 0, &properties, bytes_of(shout.message)));
}

void Bus::lose(const sdk::Failure& failure) {
    cutter_.release();
    connection_.reset();
    {
        const std::lock_guard lock(mutex_);
        if (is_stopped_) {
            return;
        }
        is_away_ = true;
        lost_.add(static_cast<double>(outbox_.size()));
        outbox_.clear();
        outbox_bytes_ = 0;
    }
    shared_.standing.set("bus", sdk::Health::degraded, failure.what());
    shared_.env.log(sdk::Level::warning, "bus does not stand",
                    {{"place", shared_.place}, {"reason", failure.what()}});
    obey();
    tell(&failure);
    wait_to_reconnect();
}

void Bus::wait_to_reconnect() {
    const auto& env = shared_.env;
    const std::int64_t until = backoff_.failed();
    const sdk::Failure away(sdk::Status::unavailable, shared_.place + ": bus: is not connected");
    for (auto now = env.monotonic(); now < until && !is_stopped(); now = env.monotonic()) {
        wake_.wait(-1, until - now);
        obey();
        tell(&away);
    }
}

void Bus::tell(const sdk::Failure* failure) {
    if (failure != nullptr) {
        obey();
    }
    for (auto& done : std::exchange(listening_, {})) {
        if (failure == nullptr) {
            done.ok();
        } else {
            done.fail(*failure);
        }
    }
}

bool Bus::is_stopped() const {
    const std::lock_guard lock(mutex_);
    return is_stopped_;
}

}  // namespace belfry::rabbitmq
