#include "client/cli/apply/source_files.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;

class SourceFiles : public ::testing::Test {
 protected:
  SourceFiles()
      : folder_(fs::path(::testing::TempDir()) /
                ("sources-" +
                 std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~SourceFiles() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& topic) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "{kind: topic, name: " << topic << "}";
    return path.string();
  }
  std::vector<std::string> TopicsIn(const std::vector<std::string>& sources) {
    std::vector<std::string> names;
    for (const TopicDocument& topic : ReadSources(sources, faults_).topics) {
      names.push_back(topic.name);
    }
    return names;
  }

  const fs::path folder_;
  Faults faults_;
};

TEST_F(SourceFiles, FoldersAreReadByNameWithWhatIsBelowThem) {
  Write("b.yaml", "b");
  Write("a.yml", "a");
  Write("below/c.json", "c");
  Write("notes.txt", "no");
  Write(".hidden.yaml", "no");
  Write(".git/d.yaml", "no");
  fs::create_directory_symlink(folder_, folder_ / "below" / "circle");
  EXPECT_THAT(TopicsIn({folder_.string()}), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(faults_.empty());
}

TEST_F(SourceFiles, AFileThatIsNamedTwiceIsReadOnce) {
  const std::string file = Write("a.yaml", "a");
  EXPECT_THAT(TopicsIn({file, folder_.string(), file}), ElementsAre("a"));
  EXPECT_TRUE(faults_.empty());
}

TEST_F(SourceFiles, WhatCannotBeReadIsAFault) {
  EXPECT_THAT(TopicsIn({(folder_ / "none.yaml").string()}), ElementsAre());
  EXPECT_THAT(faults_.lines(), ElementsAre(EndsWith("none.yaml: No such file or directory")));
}

TEST_F(SourceFiles, AFolderWithoutFilesIsAFault) {
  Write("notes.txt", "no");
  EXPECT_THAT(TopicsIn({folder_.string()}), ElementsAre());
  EXPECT_THAT(faults_.lines(), ElementsAre(EndsWith("no .yaml, .yml or .json below it")));
}

TEST_F(SourceFiles, TheSameObjectInTwoFilesIsAFault) {
  Write("a.yaml", "same");
  Write("b.yaml", "same");
  (void)TopicsIn({folder_.string()});
  ASSERT_EQ(faults_.count(), 1U);
  EXPECT_THAT(faults_.lines().front(), EndsWith("a.yaml:1"));
}

}  // namespace
}  // namespace lanemq::cli
