#include "tests/unit/ops/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

#include <set>

namespace belfry::test {
namespace {

namespace json = boost::json;

class OpenApiTest : public ::testing::Test {
protected:
    World world_;
    json::value document_ = json::parse(world_.call({.target = "/openapi.json"}).body);
};

/// Every "$ref" anywhere below.
void collect_references(const json::value& value, std::set<std::string>& found) {
    if (const auto* object = value.if_object()) {
        for (const auto& [key, member] : *object) {
            if (key == "$ref") {
                found.insert(json::value_to<std::string>(member));
            }
            collect_references(member, found);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array) {
            collect_references(item, found);
        }
    }
}

TEST_F(OpenApiTest, HasEveryOperation) {
    EXPECT_EQ(document_.at("openapi"), "3.1.0");
    EXPECT_EQ(document_.at("info").at("title"), "Belfry");
    std::set<std::string> ids;
    for (const auto& [path, methods] : document_.at("paths").as_object()) {
        EXPECT_TRUE(std::string_view(path).starts_with('/'));
        for (const auto& [method, operation] : methods.as_object()) {
            EXPECT_TRUE(
                ids.insert(json::value_to<std::string>(operation.at("operationId"))).second);
            EXPECT_FALSE(operation.at("summary").as_string().empty());
            EXPECT_TRUE(operation.at("tags").is_array());
            EXPECT_TRUE(operation.at("responses").as_object().contains("default"));
        }
    }
    std::size_t routes = 0;
    for (const auto& [name, registered] : world_.operations->all()) {
        EXPECT_TRUE(ids.contains(name)) << name;
        routes += registered->operation.routes.size();
    }
    EXPECT_EQ(ids.size(), routes);
}

TEST_F(OpenApiTest, ResolvesEveryReference) {
    std::set<std::string> references;
    collect_references(document_, references);
    EXPECT_GE(references.size(), 10U);
    for (const std::string& reference : references) {
        ASSERT_TRUE(reference.starts_with("#/"));
        boost::system::error_code error;
        EXPECT_NE(document_.find_pointer(reference.substr(1), error), nullptr) << reference;
    }
}

TEST_F(OpenApiTest, DescribesParametersBodiesAndSecurity) {
    const auto& list = document_.at("paths").at("/v1/mailbox").at("get");
    EXPECT_EQ(list.at("parameters").as_array().size(), 4U) << "user is not for the own mailbox";
    const auto& foreign = document_.at("paths").at("/v1/users/{user}/mailbox").at("get");
    std::set<std::string> in_path;
    for (const auto& parameter : foreign.at("parameters").as_array()) {
        if (parameter.at("in") == "path") {
            in_path.insert(json::value_to<std::string>(parameter.at("name")));
            EXPECT_EQ(parameter.at("required"), true);
        }
    }
    EXPECT_EQ(in_path, std::set<std::string>{"user"});
    const auto& publish = document_.at("paths").at("/v1/notifications").at("post");
    EXPECT_EQ(
        publish.at("requestBody").at("content").at("application/json").at("schema").at("$ref"),
        "#/components/schemas/notifications.publish.input");
    EXPECT_TRUE(publish.at("responses").as_object().contains("201"));
    EXPECT_FALSE(publish.as_object().contains("security"));
    const auto& login = document_.at("paths").at("/v1/login").at("post");
    EXPECT_TRUE(login.at("security").as_array().empty());
    EXPECT_EQ(document_.at("security").at(0).at("bearer"), json::value(json::array{}));
    EXPECT_EQ(document_.at("components").at("securitySchemes").at("bearer").at("scheme"), "bearer");
    const auto& send = document_.at("paths").at("/v1/send/{user}").at("post");
    EXPECT_TRUE(send.at("requestBody").at("content").as_object().contains("text/plain"));
}

TEST_F(OpenApiTest, SaysThatUnknownMembersAreRefused) {
    const auto& schemas = document_.at("components").at("schemas");
    EXPECT_EQ(schemas.at("notifications.publish.input").at("additionalProperties"), false);
    EXPECT_EQ(
        schemas.at("notifications.publish_batch.input").at("items").at("additionalProperties"),
        false);
    EXPECT_TRUE(
        schemas.at("notifications.publish.input").at("properties").at("to").at("anyOf").is_array());
}

}  // namespace
}  // namespace belfry::test
