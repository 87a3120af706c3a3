#include "cli/backoff.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/line_source.hpp"
#include "cli/text.hpp"
#include "daemon/base/ids.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <iterator>
#include <random>
#include <system_error>
#include <thread>

namespace belfry::cli {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kBatchBytes = 64 * 1024;  // as text; escaped it can be six times as long
constexpr std::size_t kBodyBytes =
    192 * 1024;  // of one request at first; the daemon's usual limit is 256 KiB
constexpr auto kPatience = std::chrono::minutes(5);

json::object to_notification(const SendOptions& options, std::string_view text) {
    json::object notification{{"to", to_stream(options.to)}, {"body", to_utf8(text)}};
    if (!options.title.empty()) {
        notification["title"] = to_utf8(options.title);
    }
    if (!options.type.empty()) {
        notification["type"] = to_utf8(options.type);
    }
    return notification;
}

/// Names this run, so that a line that is sent twice is stored once.
std::string make_source() {
    std::random_device random;
    std::string name(8, '\0');
    for (char& byte : name) {
        byte = static_cast<char>(random() & 255U);
    }
    return "belfry-send-" + to_hex(name);
}

/// Sends lines until each is stored or refused for good.
class Sender {
public:
    Sender(const Common& common, const SendOptions& options)
        : common_(common), options_(options), client_(common.socket), source_(make_source()) {}

    Outcome<> send(std::vector<Line> lines) {
        std::erase_if(lines, [this](const Line& line) {
            if (line.is_too_long) {
                refuse(line, "it is longer than " + std::to_string(kLongestLine) + " bytes");
            }
            return line.is_too_long;
        });
        Backoff backoff(std::chrono::milliseconds(100), std::chrono::seconds(5));
        const auto give_up = steady_clock::now() + kPatience;
        while (!lines.empty()) {
            const std::size_t before = lines.size();
            const Batch batch = to_batch(lines);
            const auto answer = client_.request("POST", "/v1/notifications/batch", batch.text);
            const auto settled = answer ? settle(*answer, lines, batch)
                                        : Outcome<unsigned>(std::unexpected(answer.error()));
            if (!settled &&
                (!client_.has_connected() || settled.error().exit_code != EX_UNAVAILABLE ||
                 steady_clock::now() > give_up)) {
                return fail(settled.error().exit_code,
                            settled.error().message + "; not sent: line " +
                                std::to_string(lines.front().number) + " and what follows");
            }
            if (lines.size() < before) {
                backoff.reset();
                continue;
            }
            std::this_thread::sleep_for(std::max<std::chrono::milliseconds>(
                backoff.next(), std::chrono::seconds(settled.value_or(0))));
        }
        return {};
    }

    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    [[nodiscard]] std::uint64_t refused() const { return refused_; }

private:
    struct Batch {
        std::string text;
        std::size_t count = 0;  ///< of the lines, from the first
    };

    [[nodiscard]] Batch to_batch(const std::vector<Line>& lines) const {
        Batch batch{.text = "["};
        for (const Line& line : lines) {
            json::object notification = to_notification(options_, line.text);
            notification["source"] = source_;
            notification["event_id"] = std::to_string(line.number);
            const std::string item = json::serialize(notification);
            if (batch.count > 0 && batch.text.size() + item.size() > body_bytes_) {
                break;
            }
            batch.text += batch.count == 0 ? "" : ",";
            batch.text += item;
            ++batch.count;
        }
        batch.text += ']';
        return batch;
    }

    /// Takes out of the lines of `batch` what is stored or refused; -> seconds to wait before
    /// the rest goes again.
    Outcome<unsigned> settle(const Answer& answer, std::vector<Line>& lines, const Batch& batch) {
        if (answer.status == 503 || answer.status == 429) {
            return std::max(answer.retry_after, 1U);
        }
        const std::size_t count = batch.count;
        if (answer.status == 413 && count > 1) {
            body_bytes_ = batch.text.size() / 2;
            return 0U;
        }
        if (answer.status == 413) {
            refuse(lines.front(), "it is too long");
            lines.erase(lines.begin());
            return 0U;
        }
        boost::system::error_code error;
        const json::value value = json::parse(answer.body, error);
        const json::value* results =
            !error && value.is_object() ? value.get_object().if_contains("results") : nullptr;
        if (answer.status != 200 || results == nullptr || !results->is_array() ||
            results->get_array().size() != count) {
            return std::unexpected(to_failure(answer));
        }
        std::vector<Line> left;
        for (std::size_t i = 0; i < count; ++i) {
            settle_line(results->get_array()[i], std::move(lines[i]), left);
        }
        const auto rest = lines.begin() + static_cast<std::ptrdiff_t>(count);
        left.insert(left.end(), std::move_iterator(rest), std::move_iterator(lines.end()));
        lines = std::move(left);
        return 0U;
    }

    void settle_line(const json::value& result, Line line, std::vector<Line>& left) {
        const auto status = result.at("status").to_number<unsigned>();
        if (status == 503) {
            left.push_back(std::move(line));
        } else if (status == 200 || status == 201) {
            ++sent_;
            if (common_.is_json) {
                print_line(json::serialize(result));
            }
        } else {
            const auto* detail = result.get_object().if_contains("detail");
            refuse(line, detail == nullptr ? "" : printable(detail->get_string()));
        }
    }

    void refuse(const Line& line, const std::string& why) {
        ++refused_;
        std::fprintf(stderr, "belfry: line %llu was refused: %s\n",
                     static_cast<unsigned long long>(line.number), why.c_str());
    }

    const Common& common_;
    const SendOptions& options_;
    Client client_;
    std::string source_;
    std::size_t body_bytes_ =
        kBodyBytes;  ///< of one request, as far as the daemon's limit is known
    std::uint64_t sent_ = 0;
    std::uint64_t refused_ = 0;
};

Outcome<> send_lines(const Common& common, const SendOptions& options) {
    LineSource source(STDIN_FILENO);
    Sender sender(common, options);
    for (;;) {
        auto lines = source.take(kBatch, kBatchBytes);
        if (lines.empty()) {
            break;
        }
        if (auto sent = sender.send(std::move(lines)); !sent) {
            return sent;
        }
    }
    if (const int error = source.error(); error != 0) {
        return fail(EX_IOERR, std::string("cannot read standard input: ") +
                                  std::generic_category().message(error) +
                                  "; lines sent before: " + std::to_string(sender.sent()) +
                                  ", refused: " + std::to_string(sender.refused()));
    }
    if (sender.refused() > 0) {
        return fail(EX_DATAERR, std::to_string(sender.refused()) + " lines were refused, " +
                                    std::to_string(sender.sent()) + " sent");
    }
    return {};
}

}  // namespace

Outcome<> send(const Common& common, const SendOptions& options) {
    if (options.text == "-") {
        return send_lines(common, options);
    }
    Client client(common.socket);
    const auto answer = client.request("POST", "/v1/notifications",
                                       json::serialize(to_notification(options, options.text)));
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (answer->status != 201) {
        return std::unexpected(to_failure(*answer));
    }
    print_line(common.is_json
                   ? answer->body
                   : "sent " + json::value_to<std::string>(json::parse(answer->body).at("id")));
    return {};
}

}  // namespace belfry::cli
