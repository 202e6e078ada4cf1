#include "portal/api/routes/openapi.h"

#include <string>

#include <gtest/gtest.h>

#include "portal/api/routes/yaml.h"

namespace lanemq::portal {
namespace {

TEST(YamlTest, BlocksAndQuotes) {
  EXPECT_EQ(ToYaml({{"a", {{"b", 1}, {"/c d", "x: y\n"}}},
                    {"l", {1, {{"k", true}, {"m", {2}}}}},
                    {"e", nlohmann::ordered_json::array()},
                    {"o", nlohmann::ordered_json::object()},
                    {"200", nullptr}}),
            "a:\n  b: 1\n  \"/c d\": \"x: y\\n\"\n"
            "l:\n  - 1\n  - k: true\n    m:\n      - 2\n"
            "e: []\no: {}\n\"200\": null\n");
}

TEST(OpenApiTest, DescribesRoutesWithTheWordsOfTheIdl) {
  const std::string yaml = OpenApiYaml(TheSchema());
  EXPECT_NE(yaml.find("openapi: \"3.1.0\""), std::string::npos);
  EXPECT_NE(yaml.find("  \"/topics/{name}/partitions\":"), std::string::npos);
  EXPECT_NE(yaml.find("  \"/teams/{name}\":"), std::string::npos);
  EXPECT_NE(yaml.find("The new total; it can only grow"), std::string::npos);
  EXPECT_NE(yaml.find("body_base64"), std::string::npos);
  EXPECT_NE(yaml.find("operationId: \"createTopic\""), std::string::npos);
}

TEST(OpenApiTest, LeavesOutWhatClientsDoNotSet) {
  const std::string yaml = OpenApiYaml(TheSchema());
  EXPECT_EQ(yaml.find("source_address"), std::string::npos);
  EXPECT_EQ(yaml.find("name: \"requested_by\""), std::string::npos);
  EXPECT_EQ(yaml.find("gateway_token"), std::string::npos);
}

TEST(OpenApiTest, EveryReferenceLeadsSomewhere) {
  const std::string yaml = OpenApiYaml(TheSchema());
  const std::string lead = "\"#/components/schemas/";
  int references = 0;
  for (std::size_t at = yaml.find(lead); at != std::string::npos; at = yaml.find(lead, at + 1)) {
    const std::size_t begin = at + lead.size();
    const std::string name = yaml.substr(begin, yaml.find('"', begin) - begin);
    EXPECT_NE(yaml.find("\n    " + name + ":\n"), std::string::npos) << name;
    ++references;
  }
  EXPECT_GT(references, 100);
}

}  // namespace
}  // namespace lanemq::portal
