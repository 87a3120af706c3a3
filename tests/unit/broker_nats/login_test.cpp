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
constexpr std::string_view kUser = "UD5OME2O5Q6Z2O6T6ORR4VT3UZ2JZ5TJNG2ACXYTEOBKMZNRR7XMSQKG";
constexpr std::string_view kSeed = "SUAIZHBOCGRO6PTW5C45FFK76PVVFZ4CCWYB3ZPSMKHM7CT5SYBX5GUMUA";
constexpr std::string_view kAccount = "ACONJJH56N26STZ4YJA5MBKWLGPGMHF7SELXM27JPJL6SSLFZFI3IFNX";
constexpr std::string_view kOperatorJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJPIiwiaWF0IjoxNzAwMDAwM"
    "DAwLCJpc3MiOiJPQ0JBR1ZQUDJPM1ozWldUSUJZWUNRSkJJS0JGR0xESUw0V1g1VEtFNklJRE1SWjZSU"
    "FhQMlFNTCIsIm5hbWUiOiJ0ZXN0Iiwic3ViIjoiT0NCQUdWUFAyTzNaM1pXVElCWVlDUUpCSUtCRkdMR"
    "ElMNFdYNVRLRTZJSURNUlo2UlBYUDJRTUwiLCJuYXRzIjp7InR5cGUiOiJvcGVyYXRvciIsInZlcnNpb"
    "24iOjJ9fQ.t_z_LHx4TswB0HAr8HeOvoixUm-ggJ4RLEI4UeusR9ehEhQDoBMwMRO9BGP-2EiaKDAbry"
    "TsbKPvjpv0e9tyBw";
constexpr std::string_view kAccountJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJBIiwiaWF0IjoxNzAwMDAwM"
    "DAwLCJpc3MiOiJPQ0JBR1ZQUDJPM1ozWldUSUJZWUNRSkJJS0JGR0xESUw0V1g1VEtFNklJRE1SWjZSU"
    "FhQMlFNTCIsIm5hbWUiOiJ0ZXN0Iiwic3ViIjoiQUNPTkpKSDU2TjI2U1RaNFlKQTVNQktXTEdQR01IR"
    "jdTRUxYTTI3SlBKTDZTU0xGWkZJM0lGTlgiLCJuYXRzIjp7ImxpbWl0cyI6eyJzdWJzIjotMSwiZGF0Y"
    "SI6LTEsInBheWxvYWQiOi0xLCJpbXBvcnRzIjotMSwiZXhwb3J0cyI6LTEsIndpbGRjYXJkcyI6dHJ1Z"
    "SwiY29ubiI6LTEsImxlYWYiOi0xfSwidHlwZSI6ImFjY291bnQiLCJ2ZXJzaW9uIjoyfX0.cwoucF7Uv"
    "I5rWIH8d-P1ochcBaLygkkmxdgWkbcJCPslXBcPC2iwH-nCOK3xOLrsEU7QGz27o5BT1DzzhPmOAg";
constexpr std::string_view kUserJwt =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJVIiwiaWF0IjoxNzAwMDAwM"
    "DAwLCJpc3MiOiJBQ09OSkpINTZOMjZTVFo0WUpBNU1CS1dMR1BHTUhGN1NFTFhNMjdKUEpMNlNTTEZaR"
    "kkzSUZOWCIsIm5hbWUiOiJ0ZXN0Iiwic3ViIjoiVUQ1T01FMk81UTZaMk82VDZPUlI0VlQzVVoySlo1V"
    "EpORzJBQ1hZVEVPQktNWk5SUjdYTVNRS0ciLCJuYXRzIjp7InB1YiI6e30sInN1YiI6e30sInN1YnMiO"
    "i0xLCJkYXRhIjotMSwicGF5bG9hZCI6LTEsInR5cGUiOiJ1c2VyIiwidmVyc2lvbiI6Mn19.YlXuo4Qu"
    "hBKBNifNS10hyvFbzSyBIcyrWmjigXR5tVwZEYv-vSRmXUuoCm4sjdtdPOwS1dlY5e6VqLKONv92DA";

TEST_F(Login, ByNkey) {
    server.emplace(std::vector<std::string>{
        "authorization { users = [ { nkey: " + std::string(kUser) + " } ] }"});
    const auto seed = write("user.nk", std::string(kSeed) + "\n");
    EXPECT_TRUE(try_with({{"nkey", kUser}, {"nkey_seed_file", seed}}).ok());
    EXPECT_EQ(try_with({}).status, sdk::Status::refused);
    EXPECT_FALSE(try_with({{"nkey", kUser}, {"nkey_seed_file", "/no/such/file"}}).ok());
}

TEST_F(Login, ByCredentialsFile) {
    server.emplace(std::vector<std::string>{
        "operator: " + std::string(kOperatorJwt), "resolver: MEMORY",
        "resolver_preload: { " + std::string(kAccount) + ": " + std::string(kAccountJwt) + " }"});
    const auto file =
        write("user.creds", "-----BEGIN NATS USER JWT-----\n" + std::string(kUserJwt) +
                                "\n"
                                "------END NATS USER JWT------\n\n"
                                "-----BEGIN USER NKEY SEED-----\n" +
                                std::string(kSeed) +
                                "\n"
                                "------END USER NKEY SEED------\n");
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
