#include "tests/support/nats.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <utility>

namespace belfry::test {

namespace json = boost::json;

namespace {

constexpr std::int64_t kPatience = 10'000;  // ms

std::string quoted(const std::string& text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return made + "'";
}

int run_script(const std::string& arguments) {
    return std::system((quoted(BELFRY_TEST_NATS) + " " + arguments).c_str());
}

void must_run(const std::string& arguments) {
    if (run_script(arguments) != 0) {
        throw std::runtime_error("tests/support/nats " + arguments + ": failed");
    }
}

std::string with_folder(std::string line, const std::string& folder) {
    constexpr std::string_view kMark = "{dir}";
    for (auto at = line.find(kMark); at != std::string::npos; at = line.find(kMark)) {
        line.replace(at, kMark.size(), folder);
    }
    return line;
}

void require(natsStatus status, const std::string& what) {
    if (status != NATS_OK) {
        throw std::runtime_error(what + ": " + natsStatus_GetText(status));
    }
}

json::object parse(natsMsg* answer) {
    const std::string body(natsMsg_GetData(answer),
                           static_cast<std::size_t>(natsMsg_GetDataLength(answer)));
    natsMsg_Destroy(answer);
    return json::parse(body).as_object();
}

}  // namespace

bool has_nats() { return run_script("check") == 0; }

NatsServer::NatsServer(std::vector<std::string> lines) : lines_(std::move(lines)) {
    std::string name = (std::filesystem::temp_directory_path() / "belfry-nats-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    folder_ = name;
    start();
}

NatsServer::~NatsServer() {
    (void)run_script("kill " + quoted(folder_.string()));
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void NatsServer::start() {
    std::string arguments =
        "start --until " + std::to_string(::getpid()) + " " + quoted(folder_.string());
    for (const auto& line : lines_) {
        arguments += " " + quoted(with_folder(line, folder_.string()));
    }
    must_run(arguments);
    std::ifstream(folder_ / "port") >> port_;
}

void NatsServer::kill() const { must_run("kill " + quoted(folder_.string())); }
void NatsServer::stop() const { must_run("stop " + quoted(folder_.string())); }
void NatsServer::freeze() const { must_run("freeze " + quoted(folder_.string())); }
void NatsServer::thaw() const { must_run("thaw " + quoted(folder_.string())); }

NatsClient::NatsClient(const std::string& url) {
    require(natsConnection_ConnectTo(&connection_, url.c_str()), url);
}

NatsClient::~NatsClient() { natsConnection_Destroy(connection_); }

json::object NatsClient::ask(const std::string& endpoint, const json::object& request) {
    const std::string body = json::serialize(request);
    natsMsg* answer = nullptr;
    require(natsConnection_Request(&answer, connection_, ("$JS.API." + endpoint).c_str(),
                                   body.data(), static_cast<int>(body.size()), kPatience),
            endpoint);
    return parse(answer);
}

void NatsClient::make_stream(const std::string& name, const std::vector<std::string>& subjects,
                             json::object more) {
    more["name"] = name;
    more["subjects"] = json::value_from(subjects);
    const auto answer = ask("STREAM.CREATE." + name, more);
    if (answer.contains("error")) {
        throw std::runtime_error(json::serialize(answer));
    }
}

void NatsClient::make_consumer(const std::string& stream, const std::string& name,
                               json::object more) {
    more["durable_name"] = name;
    more.emplace("ack_policy", "explicit");
    const auto answer = ask("CONSUMER.DURABLE.CREATE." + stream + "." + name,
                            {{"stream_name", stream}, {"config", more}});
    if (answer.contains("error")) {
        throw std::runtime_error(json::serialize(answer));
    }
}

void NatsClient::publish(const std::string& subject, std::string_view body) {
    natsMsg* answer = nullptr;
    require(natsConnection_Request(&answer, connection_, subject.c_str(), body.data(),
                                   static_cast<int>(body.size()), kPatience),
            subject);
    const auto object = parse(answer);
    if (!object.contains("seq")) {
        throw std::runtime_error(subject + ": " + json::serialize(object));
    }
}

void NatsClient::send(const std::string& subject, std::string_view body) {
    require(natsConnection_Publish(connection_, subject.c_str(), body.data(),
                                   static_cast<int>(body.size())),
            subject);
    require(natsConnection_FlushTimeout(connection_, kPatience), "flush");
}

void NatsClient::request_next(const std::string& stream, const std::string& consumer,
                              const std::string& subject) {
    const std::string request = "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer;
    require(natsConnection_PublishRequestString(connection_, request.c_str(), subject.c_str(),
                                                R"({"batch":1,"expires":5000000000})"),
            request);
}

std::int64_t NatsClient::count(const std::string& stream) {
    const auto info = ask("STREAM.INFO." + stream);
    return info.contains("error")
               ? -1
               : info.at("state").as_object().at("messages").to_number<std::int64_t>();
}

std::int64_t NatsClient::open(const std::string& stream, const std::string& consumer) {
    const auto info = ask("CONSUMER.INFO." + stream + "." + consumer);
    return info.contains("error") ? -1
                                  : info.at("num_pending").to_number<std::int64_t>() +
                                        info.at("num_ack_pending").to_number<std::int64_t>();
}

NatsClient::Ear::Ear(NatsClient& client, const std::string& subject) {
    require(natsConnection_SubscribeSync(&subscription_, client.connection_, subject.c_str()),
            subject);
    require(natsConnection_FlushTimeout(client.connection_, kPatience), "flush");
}

NatsClient::Ear::~Ear() { natsSubscription_Destroy(subscription_); }

std::string NatsClient::Ear::next(std::int64_t milliseconds) {
    natsMsg* message = nullptr;
    if (natsSubscription_NextMsg(&message, subscription_, milliseconds) != NATS_OK) {
        return {};
    }
    std::string body(natsMsg_GetData(message),
                     static_cast<std::size_t>(natsMsg_GetDataLength(message)));
    natsMsg_Destroy(message);
    return body;
}

void send_raw(int port, std::string_view bytes) {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    std::string all = "CONNECT {\"verbose\":false,\"headers\":true}\r\n";
    all += bytes;
    all += "PING\r\n";
    std::string heard;
    std::array<char, 4'096> block{};
    bool is_good =
        ::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(file, all.data(), all.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(all.size());
    while (is_good && !heard.contains("PONG")) {
        const auto size = ::recv(file, block.data(), block.size(), 0);
        is_good = size > 0;
        heard.append(block.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    }
    ::close(file);
    if (!is_good || heard.contains("-ERR")) {
        throw std::runtime_error("the server does not take it: " + heard);
    }
}

}  // namespace belfry::test
