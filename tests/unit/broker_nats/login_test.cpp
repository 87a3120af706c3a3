// Every way to be let in, and TLS.
#include "tests/unit/broker_nats/node.hpp"

#include <cstdlib>
#include <fstream>

namespace belfry::test {
namespace {

namespace json = boost::json;

class Login : public NatsTest {
protected:
    void SetUp() override {
        if (!has_nats()) {
            GTEST_SKIP() << "no nats-server";
        }
    }

    /// How starting an instance with these members goes.
    testkit::Outcome<> try_with(const json::object& members) {
        auto instance = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN)
                            .create("nats", node_config(server->url(), members));
        return instance.try_start();
    }

    std::string write(const std::string& name, const std::string& content) const {
        const auto path = server->folder() / name;
        std::ofstream(path) << content;
        return path.string();
    }
};

TEST_F(Login, ByUserAndPassword) {
    server.emplace(std::vector<std::string>{"authorization { user: nina, password: hunter2 }"});
    EXPECT_TRUE(try_with({{"user", "nina"}, {"password", "hunter2"}}).ok());
    const auto refused = try_with({{"user", "nina"}, {"password", "hunter3"}});
    EXPECT_EQ(refused.status, sdk::Status::refused) << refused.message;
    EXPECT_EQ(refused.message.find("hunter"), std::string::npos) << refused.message;
    EXPECT_EQ(try_with({}).status, sdk::Status::refused);
}

TEST_F(Login, ByToken) {
    server.emplace(std::vector<std::string>{"authorization { token: sesame }"});
    EXPECT_TRUE(try_with({{"token", "sesame"}}).ok());
    EXPECT_EQ(try_with({{"token", "open"}}).status, sdk::Status::refused);
}

// Made for this test, and good for nothing else.
constexpr std::string_view kUser = "UAIAQ5ISTJON2OES5U5RBCSOFMIUVJGNFWPWM6GLWRNI2JS54WVSSNMS";
constexpr std::string_view kSeed = "SUAFU5GXUARXVEGFIR2ZUV6MHDL3B36QKSZVSJDTVTCRIALYCF7WRIM25Q";
constexpr std::string_view kAccount = "ACQS6RONGBDVLWDE6EU2RPG73VB35KQEHQYDZVPOI56ZWZV4DTWFYRNM";
constexpr std::string_view kSystem = "ABFW72RCTMN4622QLMYY7A2MAV3EZJTPFQ3GVGSUCWE5NKTOO2SMDNTY";
constexpr std::string_view kOperatorJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJPIiwiaWF0IjoxNzAwMDAwM"
    "DAwLCJpc3MiOiJPQUtBTkJPTVRQTENLUzRLTTRPRENGSVJVR0RCV1RNSEJUUkRWT0RHRFdZV01YWTJBR"
    "zRQNVpZTyIsIm5hbWUiOiJ0ZXN0Iiwic3ViIjoiT0FLQU5CT01UUExDS1M0S000T0RDRklSVUdEQldUT"
    "UhCVFJEVk9ER0RXWVdNWFkyQUc0UDVaWU8iLCJuYXRzIjp7InR5cGUiOiJvcGVyYXRvciIsInZlcnNpb"
    "24iOjJ9fQ._S0upe03e_NjKD5FXy29SZWP9Cp5tzYC5hbwu-Pz9Vs-Yu8ziUj8lpLqA8KJPukrhir9Ho"
    "XifoGWI0_eiG9tAg";
constexpr std::string_view kAccountJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJBIiwiaWF0IjoxNzAwMDAwM"
    "DAwLCJpc3MiOiJPQUtBTkJPTVRQTENLUzRLTTRPRENGSVJVR0RCV1RNSEJUUkRWT0RHRFdZV01YWTJBR"
    "zRQNVpZTyIsIm5hbWUiOiJ0ZXN0Iiwic3ViIjoiQUNRUzZST05HQkRWTFdERTZFVTJSUEc3M1ZCMzVLU"
    "UVIUVlEWlZQT0k1NlpXWlY0RFRXRllSTk0iLCJuYXRzIjp7ImxpbWl0cyI6eyJzdWJzIjotMSwiZGF0Y"
    "SI6LTEsInBheWxvYWQiOi0xLCJpbXBvcnRzIjotMSwiZXhwb3J0cyI6LTEsIndpbGRjYXJkcyI6dHJ1Z"
    "SwiY29ubiI6LTEsImxlYWYiOi0xfSwidHlwZSI6ImFjY291bnQiLCJ2ZXJzaW9uIjoyfX0.0G_QiA7xc"
    "aSKYuVHZmI1CtjtYCSW2m1kfuHtoaxkHNcEy3nnZwhKgMz5ueMgdJix1lxcqx603jTM0SLccpW8BA";
constexpr std::string_view kSystemJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJTIiwiaWF0IjoxNzAwMDAwM"
    "DAwLCJpc3MiOiJPQUtBTkJPTVRQTENLUzRLTTRPRENGSVJVR0RCV1RNSEJUUkRWT0RHRFdZV01YWTJBR"
    "zRQNVpZTyIsIm5hbWUiOiJTWVMiLCJzdWIiOiJBQkZXNzJSQ1RNTjQ2MjJRTE1ZWTdBMk1BVjNFWkpUU"
    "EZRM0dWR1NVQ1dFNU5LVE9PMlNNRE5UWSIsIm5hdHMiOnsibGltaXRzIjp7InN1YnMiOi0xLCJkYXRhI"
    "jotMSwicGF5bG9hZCI6LTEsImltcG9ydHMiOi0xLCJleHBvcnRzIjotMSwid2lsZGNhcmRzIjp0cnVlL"
    "CJjb25uIjotMSwibGVhZiI6LTF9LCJ0eXBlIjoiYWNjb3VudCIsInZlcnNpb24iOjJ9fQ.GJbGQVlq_i"
    "tCH6OzQPfILu_sIrMP88t2om2e4uWxwJTtAoJGPYRHe4jT_G1OQpI5Pw8e8QcYXHlhvc77GtfSBQ";
constexpr std::string_view kUserJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJVIiwiaWF0IjoxNzAwMDAwM"
    "DAwLCJpc3MiOiJBQ1FTNlJPTkdCRFZMV0RFNkVVMlJQRzczVkIzNUtRRUhRWURaVlBPSTU2WldaVjREV"
    "FdGWVJOTSIsIm5hbWUiOiJ0ZXN0Iiwic3ViIjoiVUFJQVE1SVNUSk9OMk9FUzVVNVJCQ1NPRk1JVVZKR"
    "05GV1BXTTZHTFdSTkkySlM1NFdWU1NOTVMiLCJuYXRzIjp7InB1YiI6e30sInN1YiI6e30sInN1YnMiO"
    "i0xLCJkYXRhIjotMSwicGF5bG9hZCI6LTEsInR5cGUiOiJ1c2VyIiwidmVyc2lvbiI6Mn19.DCokzS9J"
    "fARzpLM1LIyQE6nXUUtKf4QbiK7hxjQV4KD8_o_fhjHi6Kaefb5n8LGJgfmiYbVavU9cKBXjn7MSDA";

TEST_F(Login, ByNkey) {
    server.emplace(std::vector<std::string>{
        "authorization { users = [ { nkey: " + std::string(kUser) + " } ] }"});
    const auto seed = write("user.nk", std::string(kSeed) + "\n");
    EXPECT_TRUE(try_with({{"nkey", kUser}, {"nkey_seed_file", seed}}).ok());
    EXPECT_EQ(try_with({}).status, sdk::Status::refused);
    EXPECT_FALSE(try_with({{"nkey", kUser}, {"nkey_seed_file", "/no/such/file"}}).ok());
}

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const auto part : parts) {
        text += part;
    }
    return text;
}

TEST_F(Login, ByCredentialsFile) {
    server.emplace(
        std::vector<std::string>{joined({"operator: ", kOperatorJwt}),
                                 joined({"system_account: ", kSystem}), "resolver: MEMORY",
                                 joined({"resolver_preload: { ", kAccount, ": ", kAccountJwt, ", ",
                                         kSystem, ": ", kSystemJwt, " }"})});
    const auto file = write(
        "user.creds",
        joined({"-----BEGIN NATS USER JWT-----\n", kUserJwt, "\n------END NATS USER JWT------\n\n",
                "-----BEGIN USER NKEY SEED-----\n", kSeed, "\n------END USER NKEY SEED------\n"}));
    const auto outcome = try_with({{"credentials_file", file}});
    EXPECT_TRUE(outcome.ok()) << outcome.message;
    EXPECT_EQ(try_with({}).status, sdk::Status::refused);
}

/// The client of the test cannot come in: only the plugin is asked.
class Encrypted : public Login {
protected:
    void start_server(bool verifies_clients = false) {
        const auto verify = [&] {
            return "\", ca_file: \"" + at("cert.pem") + "\", verify: true }";
        };
        std::string name =
            (std::filesystem::temp_directory_path() / "belfry-nats-tls-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        const std::string script =
            "cd " + folder_.string() +
            " && exec >make.log 2>&1"
            " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
            " -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
            " -addext subjectAltName=DNS:localhost"
            " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
            " -nodes -keyout other-key.pem -out other.pem -days 2 -subj /CN=other";
        ASSERT_EQ(std::system(("(" + script + ")").c_str()), 0);
        server.emplace(std::vector<std::string>{"tls { cert_file: \"" + at("cert.pem") +
                                                "\", key_file: \"" + at("key.pem") +
                                                (verifies_clients ? verify() : "\" }")});
    }
    void TearDown() override {
        Login::TearDown();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    [[nodiscard]] std::string at(const std::string& name) const {
        return (folder_ / name).string();
    }
    testkit::Outcome<> try_tls(const json::object& tls, const std::string& name = "localhost") {
        const auto url = "tls://" + name + ":" + std::to_string(server->port());
        return try_with({{"servers", json::array{url}}, {"tls", tls}});
    }

private:
    std::filesystem::path folder_;
};

TEST_F(Encrypted, TheServerIsVerified) {
    start_server();
    const auto good = try_tls({{"ca_file", at("cert.pem")}});
    EXPECT_TRUE(good.ok()) << good.message;
    EXPECT_FALSE(try_tls({{"ca_file", at("other.pem")}}).ok());
    EXPECT_FALSE(try_tls({}).ok());
}

TEST_F(Encrypted, SoIsItsName) {
    start_server();
    EXPECT_FALSE(try_tls({{"ca_file", at("cert.pem")}}, "127.0.0.1").ok());
    EXPECT_TRUE(
        try_tls({{"ca_file", at("cert.pem")}, {"server_name", "localhost"}}, "127.0.0.1").ok());
    EXPECT_FALSE(try_tls({{"ca_file", at("cert.pem")}, {"server_name", "elsewhere"}}).ok());
    EXPECT_TRUE(try_tls({{"verify", false}}, "127.0.0.1").ok());
}

TEST_F(Encrypted, TheClientShowsItsCertificate) {
    start_server(true);
    EXPECT_TRUE(try_tls({{"ca_file", at("cert.pem")},
                         {"certificate_file", at("cert.pem")},
                         {"key_file", at("key.pem")}})
                    .ok());
    EXPECT_FALSE(try_tls({{"ca_file", at("cert.pem")}}).ok());
}

}  // namespace
}  // namespace belfry::test
