#include "belfry/testkit/link.hpp"

#include "host_impl.hpp"

namespace belfry::testkit {
namespace {

using sdk::str;
using sdk::view;

Link& link_of(bf_link* link) { return *reinterpret_cast<Link*>(link); }

}  // namespace

struct Link::Table {
    static void respond(bf_link* handle, std::uint32_t status, const bf_pair* headers,
                        std::uint64_t count, bf_bytes body) {
        Link& link = link_of(handle);
        if (link.responded_ || link.upgraded_) {
            link.violate("answered twice");
        }
        link.responded_ =
            Answer{status, fields_of(headers, count), std::string(sdk::text_of(body))};
    }

    static void upgrade(bf_link* handle, std::uint32_t status, const bf_pair* headers,
                        std::uint64_t count) {
        Link& link = link_of(handle);
        if (link.responded_ || link.upgraded_) {
            link.violate("answered twice");
        }
        link.upgraded_ = Answer{status, fields_of(headers, count)};
    }

    static void write(bf_link* handle, bf_buf* bytes) {
        Link& link = link_of(handle);
        if (!link.upgraded_ || link.finished_) {
            link.violate("wrote to a link that is no open stream");
        }
        link.written_.append(reinterpret_cast<const char*>(bytes->data), bytes->len);
    }

    static void finish(bf_link* handle) {
        Link& link = link_of(handle);
        if (!link.upgraded_) {
            link.violate("finished a link that is no stream");
        }
        link.finished_ = true;
    }

    static void attach(bf_link* handle, const bf_attach* how) {
        Link& link = link_of(handle);
        if (link.attaching_) {
            link.violate("attached while an attach was open");
        }
        link.attaching_ = true;
        link.attach_ = Attach{std::string(view(how->dialect)), std::string(view(how->credential)),
                              std::string(view(how->device)), std::string(view(how->since)),
                              std::string(view(how->key))};
    }

    static void message(bf_link* handle, bf_bytes message, std::uint32_t is_text) {
        Link& link = link_of(handle);
        if (link.finished_) {
            link.violate("passed a message on after finish");
        }
        link.received_.push_back({std::string(sdk::text_of(message)), is_text != 0});
    }

    static void join(bf_link* link, bf_str key) { link_of(link).joins_.emplace_back(view(key)); }
    static void alive(bf_link* link) { ++link_of(link).alive_; }
    static void timer(bf_link* link, std::int64_t delay) { link_of(link).timer_ = delay; }
    static void want(bf_link* link, std::uint64_t bytes) { link_of(link).wanted_ = bytes; }
};

void fill_links(bf_host& table) {
    table.link_respond = Link::Table::respond;
    table.link_upgrade = Link::Table::upgrade;
    table.link_write = Link::Table::write;
    table.link_finish = Link::Table::finish;
    table.link_attach = Link::Table::attach;
    table.link_message = Link::Table::message;
    table.link_join = Link::Table::join;
    table.link_alive = Link::Table::alive;
    table.link_timer = Link::Table::timer;
    table.link_want = Link::Table::want;
}

Link::Link(const Instance& instance) : instance_(instance) {}

Link::~Link() { closed(); }

const bf_transport& Link::transport() const { return instance_.table<bf_transport>(); }

void Link::violate(const std::string& what) const {
    instance_.host().violation_list().add(instance_.name() + ": " + what);
}

void Link::open(const Request& request) {
    const WireRequest wire(request);
    opened_ = true;
    state_ = transport().open(instance_.handle(), reinterpret_cast<bf_link*>(this), &wire.get());
    if (state_ == nullptr && !responded_) {
        violate("open returned no state and did not answer");
    }
}

void Link::read(std::string_view bytes) {
    // An own allocation of the exact size, so that reading beyond it is found.
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
    transport().read(instance_.handle(), state_, {exact.data(), exact.size()});
}

void Link::accept() {
    attaching_ = false;
    const bf_attached attached{sizeof attached, BF_OK, {}, 200, 0, {}, 0, 0};
    transport().attached(instance_.handle(), state_, &attached);
}

void Link::reject(sdk::Status status, std::uint32_t http_status, std::string_view message,
                  std::string_view problem) {
    attaching_ = false;
    const bf_attached attached{sizeof attached,
                               static_cast<std::uint32_t>(status),
                               str(message),
                               http_status,
                               0,
                               str(problem),
                               0,
                               0};
    transport().attached(instance_.handle(), state_, &attached);
}

void Link::messages(const std::vector<bf_outgoing>& messages) {
    transport().messages(instance_.handle(), state_, messages.data(), messages.size());
}

void Link::close(std::uint32_t code, std::string_view reason) {
    transport().close(instance_.handle(), state_, code, str(reason));
}

void Link::ring() {
    timer_ = 0;
    transport().timer(instance_.handle(), state_);
}

void Link::joined(Link* owner) {
    transport().joined(instance_.handle(), state_, owner == nullptr ? nullptr : owner->state_);
}

void Link::closed() {
    if (opened_ && !closed_ && state_ != nullptr) {
        transport().closed(instance_.handle(), state_);
    }
    closed_ = true;
}

std::string frame(const Instance& instance, std::uint32_t kind, std::string_view payload,
                  std::string_view token, std::string_view event) {
    const bf_outgoing message{sizeof message, kind, sdk::bytes_of(payload), str(token), str(event)};
    bf_buf* buf = instance.table<bf_transport>().frame(instance.handle(), &message);
    if (buf == nullptr) {
        throw Failed(instance.name() + ".frame returned nothing");
    }
    std::string bytes(reinterpret_cast<const char*>(buf->data), buf->len);
    instance.host().table()->buf_unref(buf);
    return bytes;
}

}  // namespace belfry::testkit
