#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/context/connection_settings.h"
#include "client/cli/context/context_file.h"
#include "client/cli/terminal/private_file.h"
#include "tests/support/temp_dir.h"

namespace lanemq::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Contexts TwoContexts() {
  Contexts contexts;
  contexts.all["prod"] = {.bootstrap = "prod:1",
                          .tls = true,
                          .ca_file = "/ca",
                          .server_name = {},
                          .certificate_file = {},
                          .key_file = {},
                          .token_file = "/prod-token",
                          .token = {}};
  contexts.all["test"].bootstrap = "test:1";
  return contexts;
}

ConnectionSettings Resolved(const ConnectionSources& sources, const Contexts& contexts) {
  const auto settings = ResolveConnection(sources, contexts);
  EXPECT_TRUE(settings.ok()) << settings.error().message;
  return settings.ok() ? *settings : ConnectionSettings();
}

TEST(ResolveConnectionTest, WithoutAnythingNothingIsSaid) {
  EXPECT_EQ(Resolved({}, {}), ConnectionSettings());
  EXPECT_EQ(Resolved({}, TwoContexts()), ConnectionSettings()) << "none of them is current";
}

TEST(ResolveConnectionTest, AFlagIsBeforeAContextItNamesAndThatBeforeTheEnvironment) {
  ConnectionSources sources;
  sources.environment.bootstrap = "env:1";
  sources.environment.token_file = "/env-token";
  EXPECT_EQ(Resolved(sources, TwoContexts()).bootstrap, "env:1");
  sources.context_flag = "prod";
  ConnectionSettings settings = Resolved(sources, TwoContexts());
  EXPECT_EQ(settings.bootstrap, "prod:1");
  EXPECT_EQ(settings.token_file, "/prod-token");
  EXPECT_EQ(settings.tls, true);
  sources.flags.token_file = "/flag-token";
  sources.flags.tls = false;
  settings = Resolved(sources, TwoContexts());
  EXPECT_EQ(settings.bootstrap, "prod:1");
  EXPECT_EQ(settings.token_file, "/flag-token");
  EXPECT_EQ(settings.tls, false);
}

TEST(ResolveConnectionTest, ACurrentContextsTokenGoesToItsOwnServersAlone) {
  Contexts contexts = TwoContexts();
  contexts.current = "prod";
  EXPECT_EQ(Resolved({}, contexts).token_file, "/prod-token");
  ConnectionSources sources;
  sources.flags.bootstrap = "elsewhere:1";
  EXPECT_EQ(Resolved(sources, contexts).bootstrap, "elsewhere:1");
  EXPECT_EQ(Resolved(sources, contexts).token_file, "");
  sources = {};
  sources.environment.bootstrap = "elsewhere:1";
  EXPECT_EQ(Resolved(sources, contexts).token_file, "");
  sources.context_environment = "prod";
  EXPECT_EQ(Resolved(sources, contexts).token_file, "/prod-token") << "it was asked for";
}

TEST(ResolveConnectionTest, TheFlagsContextReplacesThatOfTheEnvironment) {
  ConnectionSources sources;
  sources.context_environment = "prod";
  EXPECT_EQ(Resolved(sources, TwoContexts()).bootstrap, "prod:1");
  sources.context_flag = "test";
  const ConnectionSettings settings = Resolved(sources, TwoContexts());
  EXPECT_EQ(settings.bootstrap, "test:1");
  EXPECT_EQ(settings.token_file, "");
  EXPECT_FALSE(settings.tls);
}

TEST(ResolveConnectionTest, ATokenOfTheEnvironmentTakesThePlaceOfAContextsFile) {
  Contexts contexts = TwoContexts();
  contexts.current = "prod";
  ConnectionSources sources;
  sources.environment.token = "lmq_x";
  const ConnectionSettings settings = Resolved(sources, contexts);
  EXPECT_EQ(settings.token, "lmq_x");
  EXPECT_EQ(settings.token_file, "");
  EXPECT_EQ(settings.bootstrap, "prod:1");
}

TEST(ResolveConnectionTest, FilesAboutTlsTurnItOn) {
  ConnectionSources sources;
  sources.flags.ca_file = "/ca";
  EXPECT_EQ(Resolved(sources, {}).tls, true);
  sources.flags.tls = false;
  EXPECT_EQ(Resolved(sources, {}).tls, false);
}

TEST(ResolveConnectionTest, WhatCannotBeMeantIsRefused) {
  ConnectionSources sources;
  sources.context_flag = "prdo";
  const auto unknown = ResolveConnection(sources, TwoContexts());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidRequest);
  EXPECT_THAT(unknown.error().message, HasSubstr("did you mean 'prod'?"));
  sources = {};
  sources.context_environment = "gone";
  EXPECT_FALSE(ResolveConnection(sources, TwoContexts()).ok());
  Contexts contexts = TwoContexts();
  contexts.current = "gone";
  EXPECT_FALSE(ResolveConnection({}, contexts).ok());
  sources = {};
  sources.flags.certificate_file = "/c";
  EXPECT_THAT(ResolveConnection(sources, {}).error().message, HasSubstr("go together"));
  sources = {};
  sources.environment.token = "lmq_secret";
  sources.environment.token_file = "/t";
  const auto two = ResolveConnection(sources, {});
  ASSERT_FALSE(two.ok());
  EXPECT_THAT(two.error().message, Not(HasSubstr("lmq_secret")));
}

TEST(ContextFileTest, WhatIsWrittenIsRead) {
  Contexts contexts = TwoContexts();
  contexts.current = "prod";
  contexts.all["mutual"] = {.bootstrap = "m:1",
                            .tls = false,
                            .ca_file = {},
                            .server_name = "mq",
                            .certificate_file = "/c",
                            .key_file = "/k",
                            .token_file = {},
                            .token = {}};
  const auto read = ContextsFromJson(ToJson(contexts));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, contexts);
}

TEST(ContextFileTest, ATokenItselfIsNeverWritten) {
  Contexts contexts = TwoContexts();
  contexts.all["prod"].token = "lmq_secret";
  EXPECT_THAT(ToJson(contexts), Not(HasSubstr("lmq_secret")));
}

TEST(ContextFileTest, DamagedFilesAreRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"contexts": 1})", R"({"contexts": {"a": 1}})",
        R"({"contexts": {"a": {"bootstrap": 1}}})", R"({"contexts": {"a": {"tls": "yes"}}})",
        R"({"contexts": {"a": {"insecure": true}}})", R"({"contexts": {"a/b": {}}})",
        R"({"contexts": {}, "current": 1})"}) {
    EXPECT_FALSE(ContextsFromJson(text).ok()) << text;
  }
}

TEST(ContextFileTest, IsItsOwnersAlone) {
  namespace fs = std::filesystem;
  const lanemq::testing::TempDir dir;
  const fs::path path = dir.path() / "config" / "lanemq" / "contexts.json";
  EXPECT_EQ(*LoadContexts(path.string()), Contexts()) << "there is none yet";
  ASSERT_TRUE(SaveContexts(path.string(), TwoContexts()).ok());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(path.parent_path()).permissions(), fs::perms::owner_all);
  EXPECT_EQ(*LoadContexts(path.string()), TwoContexts());
  std::ofstream(path, std::ios::trunc) << "{";
  const auto damaged = LoadContexts(path.string());
  ASSERT_FALSE(damaged.ok());
  EXPECT_THAT(damaged.error().message, HasSubstr(path.string()));
}

TEST(ContextNameTest, IsAWord) {
  for (const char* name : {"prod", "a", "eu-1.prod_2"}) {
    EXPECT_TRUE(CheckContextName(name).ok()) << name;
  }
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"),
                                  std::string("\n"), std::string(65, 'x')}) {
    EXPECT_FALSE(CheckContextName(name).ok()) << name;
  }
}

std::string TextOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(PrivateFileTest, IsThereAsAWholeOrNotAtAll) {
  const lanemq::testing::TempDir dir;
  const std::filesystem::path path = dir.path() / "token";
  std::ofstream(path) << "before";
  {
    auto file = PrivateFile::Open(path.string());
    ASSERT_TRUE(file.ok()) << file.error().message;
    EXPECT_EQ(TextOf(path), "before");
  }
  EXPECT_EQ(TextOf(path), "before");
  {
    auto file = PrivateFile::Open(path.string());
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->Commit("after").ok());
  }
  EXPECT_EQ(TextOf(path), "after");
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1)
      << "nothing else is left";
}

TEST(PrivateFileTest, WhatCannotBeWrittenIsKnownBeforehand) {
  const auto file = PrivateFile::Open("/no/such/folder/token");
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message, HasSubstr("/no/such/folder/token"));
}

}  // namespace
}  // namespace lanemq::cli
