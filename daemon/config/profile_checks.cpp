#include "daemon/config/profile_checks.hpp"

#include "daemon/config/profile.hpp"
#include "daemon/config/text.hpp"

#include <boost/json/value.hpp>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace belfry::config {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestSocket = sizeof(sockaddr_un::sun_path) - 1;

bool is_instance_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name[0] >= 'a' && name[0] <= 'z' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::string text_of(const json::object& from, std::string_view key) {
    const std::string_view value = from.at(key).as_string();
    return std::string(value);
}

class Checker {
public:
    Checker(const json::object& profile, const Node& root) : profile_(profile), root_(&root) {}

    std::vector<Problem> run() {
        check_names();
        check_listeners();
        check_socket();
        check_sources();
        check_bus();
        check_ingest();
        return std::move(problems_);
    }

private:
    /// The node at the end of `keys`, or the last one there on the way.
    [[nodiscard]] const Node& at(std::initializer_list<std::string_view> keys) const {
        const Node* node = root_;
        for (const std::string_view key : keys) {
            const Node* next = node->find(key);
            if (next == nullptr) {
                break;
            }
            node = next;
        }
        return *node;
    }

    void report(const Mark& where, std::string path, std::string message) {
        problems_.push_back({where, std::move(path), std::move(message)});
    }

    void check_names() {
        for (const char* kind : {"brokers", "deliveries", "apps", "sources"}) {
            for (const auto& [key, value] : profile_.at(kind).as_object()) {
                const std::string_view name = key;
                if (!is_instance_name(name)) {
                    report(at({kind, name}).key_mark, join_path(kind, name),
                           "expected a name of a-z, 0-9 and - that begins with a letter and has "
                           "at most 64 characters, found " +
                               quote(name));
                }
            }
        }
    }

    /// `node` is nullptr where the address is a default.
    void check_address(const std::string& value, const Node* node, const std::string& path) {
        const Node& shown = node == nullptr ? *root_ : *node;
        const auto address = parse_address(value);
        if (!address) {
            report(shown.mark, path,
                   "expected an address such as 127.0.0.1:8480, [::1]:8480 or unix:/path, found " +
                       quote(shown.text));
            return;
        }
        const bool is_any_port = !address->is_unix() && address->port == 0;
        const auto [before, is_new] = addresses_.emplace(to_string(*address), path);
        if (!is_new && !is_any_port) {
            report(shown.mark, path,
                   "expected an address of its own, found that of " + before->second);
        }
    }

    void check_listeners() {
        const Node* list = root_->find("listeners");
        const bool is_written = list != nullptr && list->kind == Node::Kind::sequence;
        std::map<std::string, std::string> names;
        const json::array& listeners = profile_.at("listeners").as_array();
        for (std::size_t i = 0; i < listeners.size(); ++i) {
            const json::object& listener = listeners[i].as_object();
            const Node* node = is_written ? &list->children[i] : nullptr;
            const std::string path = join_path("listeners", i);
            check_address(text_of(listener, "address"),
                          node == nullptr ? nullptr : node->find("address"),
                          join_path(path, "address"));
            const std::string name = text_of(listener, "name");
            const auto [before, is_new] = names.emplace(name, path);
            if (!is_new) {
                const Node* name_node = node == nullptr ? nullptr : node->find("name");
                report(name_node == nullptr ? root_->mark : name_node->mark,
                       join_path(path, "name"),
                       "expected a name of its own, found that of " + before->second);
            }
        }
        const Node* admin = root_->find("admin");
        check_address(text_of(profile_.at("admin").as_object(), "address"),
                      admin == nullptr ? nullptr : admin->find("address"), "admin.address");
    }

    void check_socket() {
        const std::string socket = text_of(profile_.at("control").as_object(), "socket");
        const std::string path = "control.socket";
        const Mark& where = at({"control", "socket"}).mark;
        if (socket.size() > kLongestSocket) {
            report(where, path,
                   "expected a path of at most " + std::to_string(kLongestSocket) +
                       " bytes, found " + std::to_string(socket.size()));
        } else if (const auto taken = addresses_.find("unix:" + socket);
                   taken != addresses_.end()) {
            report(where, path, "expected a path of its own, found that of " + taken->second);
        }
    }

    void check_broker(const std::string& broker, const Node& node, const std::string& path) {
        const json::object& brokers = profile_.at("brokers").as_object();
        if (brokers.contains(broker)) {
            return;
        }
        std::vector<std::string> known;
        for (const auto& [key, value] : brokers) {
            known.emplace_back(std::string_view(key));
        }
        std::string message = "expected a name from brokers, found " + quote(node.text);
        if (const auto similar = nearest(broker, known)) {
            message += "; did you mean " + quote(*similar) + "?";
        } else {
            message += known.empty() ? "; there are none" : "; known are " + join(known);
        }
        report(node.mark, path, std::move(message));
    }

    void check_sources() {
        for (const auto& [key, value] : profile_.at("sources").as_object()) {
            const std::string_view name = key;
            check_broker(text_of(value.as_object(), "broker"), at({"sources", name, "broker"}),
                         join_path(join_path("sources", name), "broker"));
        }
    }

    void check_bus() {
        if (const auto* bus = profile_.if_contains("bus")) {
            check_broker(text_of(bus->as_object(), "broker"), at({"bus", "broker"}), "bus.broker");
        }
    }

    void check_ingest() {
        const json::object& ingest = profile_.at("engine").as_object().at("ingest").as_object();
        const auto batch = ingest.at("batch").as_int64();
        const auto queue = ingest.at("queue").as_int64();
        if (batch > queue) {
            report(at({"engine", "ingest", "batch"}).mark, "engine.ingest.batch",
                   "expected at most engine.ingest.queue (" + std::to_string(queue) + "), found " +
                       std::to_string(batch));
        }
    }

    const json::object& profile_;
    const Node* root_;
    std::map<std::string, std::string> addresses_;  ///< with the key that has it
    std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check_profile(const json::object& json, const Node& root) {
    return Checker(json, root).run();
}

}  // namespace belfry::config
