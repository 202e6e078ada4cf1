#include "client/src/spool/journal.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "client/src/spool/spool_test_rig.h"
#include "tests/support/temp_dir.h"

namespace lanemq::client {
namespace {

struct Frame {
  std::uint8_t type = 0;
  std::string payload;
  bool operator==(const Frame&) const = default;
};

/// Opens the journal in "d" and says what is in it.
Result<std::unique_ptr<Journal>> OpenIn(SpoolFiles& files, std::vector<Frame>* frames,
                                        std::uint64_t segment_bytes = 1u << 20,
                                        const std::string& directory = "d") {
  if (frames != nullptr) frames->clear();
  return Journal::Open(files, {directory, segment_bytes}, [&](const JournalFrame& frame) {
    if (frames != nullptr) frames->push_back({frame.type, std::string(frame.payload)});
    return Status();
  });
}

struct Written {
  std::vector<Frame> frames;
  std::vector<std::size_t> ends;    // Of each frame, in the file.
  std::vector<std::size_t> synced;  // When it was added.
};

// One segment with frames of random sizes, synced now and then.
Written WriteSome(MemoryFiles& files, std::uint64_t seed, int frames) {
  Random random(seed);
  Written out;
  auto journal = OpenIn(files, nullptr);
  EXPECT_TRUE(journal.ok());
  MemoryFiles::Content& content = files.files.begin()->second;
  for (int i = 0; i < frames; ++i) {
    Frame frame{static_cast<std::uint8_t>(1 + random.Below(200)), ""};
    for (std::uint64_t n = random.Below(40); n > 0; --n) {
      frame.payload += static_cast<char>(random.Below(256));
    }
    out.synced.push_back(content.synced);
    (*journal)->Add(frame.type, frame.payload);
    EXPECT_TRUE((*journal)->Write().ok());
    out.ends.push_back(content.bytes.size());
    out.frames.push_back(std::move(frame));
    if (random.Below(3) == 0) {
      EXPECT_TRUE((*journal)->Sync().ok());
    }
  }
  return out;
}

std::vector<Frame> Prefix(const Written& written, std::size_t count) {
  return {written.frames.begin(), written.frames.begin() + static_cast<std::ptrdiff_t>(count)};
}

TEST(JournalTest, CutAnywhereWhatIsLeftIsAPrefixAndCanBeContinued) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    MemoryFiles original;
    const Written written = WriteSome(original, seed, 12);
    const std::string path = original.files.begin()->first;
    for (std::size_t size = 0; size <= written.ends.back(); ++size) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << " size " << size);
      MemoryFiles files = original;
      files.files[path].bytes.resize(size);
      const auto whole = static_cast<std::size_t>(std::count_if(
          written.ends.begin(), written.ends.end(), [&](std::size_t end) { return end <= size; }));
      std::vector<Frame> expected = Prefix(written, whole);
      std::vector<Frame> found;
      {
        const auto journal = OpenIn(files, &found);
        ASSERT_TRUE(journal.ok()) << journal.error().ToString();
        ASSERT_EQ(found, expected);
        const std::size_t good =
            whole == 0 ? journal_format::kHeaderBytes : written.ends[whole - 1];
        if (size >= good) {
          ASSERT_EQ((*journal)->torn_bytes(), size - good);
        }
        (*journal)->Add(7, "more");
        ASSERT_TRUE((*journal)->Write().ok());
      }
      expected.push_back({7, "more"});
      const auto again = OpenIn(files, &found);
      ASSERT_TRUE(again.ok());
      ASSERT_EQ(found, expected);
    }
  }
}

TEST(JournalTest, AFlippedBitIsCutOffOrReportedButNeverReadAndNeverPassedOver) {
  int cut = 0;
  int reported = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    MemoryFiles original;
    const Written written = WriteSome(original, seed, 10);
    const std::string path = original.files.begin()->first;
    Random random(seed);
    for (std::size_t at = 0; at < written.ends.back(); ++at) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << " byte " << at);
      MemoryFiles files = original;
      files.files[path].bytes[at] =
          static_cast<char>(files.files[path].bytes[at] ^ (1 << random.Below(8)));
      const std::string damaged = files.files[path].bytes;
      const auto index = static_cast<std::size_t>(
          std::upper_bound(written.ends.begin(), written.ends.end(), at) - written.ends.begin());
      const std::size_t start = index == 0 ? journal_format::kHeaderBytes : written.ends[index - 1];
      bool was_synced = at < journal_format::kHeaderBytes;
      for (std::size_t later = index + 1; later < written.frames.size(); ++later) {
        was_synced = was_synced || written.synced[later] > start;
      }
      std::vector<Frame> found;
      const auto journal = OpenIn(files, &found);
      ASSERT_EQ(journal.ok(), !was_synced);
      if (journal.ok()) {
        ++cut;
        ASSERT_EQ(found, Prefix(written, index));
        continue;
      }
      ++reported;
      ASSERT_TRUE(journal.error().code == ErrorCode::kCorruptMessage ||
                  journal.error().code == ErrorCode::kUnsupportedVersion);
      ASSERT_NE(journal.error().message.find(path), std::string::npos);
      ASSERT_EQ(files.files[path].bytes, damaged) << "damage is left as it is";
    }
  }
  EXPECT_GT(cut, 500);
  EXPECT_GT(reported, 500);
}

TEST(JournalTest, RotatesReadsBackAndRemovesFromTheFront) {
  const testing::TempDir dir;
  PosixSpoolFiles files;
  const std::string directory = (dir.path() / "a" / "b").string();
  std::vector<JournalPlace> places;
  std::vector<Frame> found;
  {
    auto opened = OpenIn(files, nullptr, 4'096, directory);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    Journal& journal = **opened;
    for (int i = 0; i < 100; ++i) {
      const std::string payload(200, static_cast<char>('a' + i % 26));
      if (journal.IsFull(payload.size(), false)) {
        ASSERT_TRUE(journal.Rotate(9, "start").ok());
      }
      places.push_back(journal.Add(1, payload));
      ASSERT_TRUE(journal.Write().ok());
    }
    ASSERT_TRUE(journal.Sync().ok());
    EXPECT_EQ(journal.newest(), 6u);
    const std::string filler(50, 'f');
    while (!journal.IsFull(filler.size(), false)) journal.Add(2, filler);
    EXPECT_FALSE(journal.IsFull(filler.size(), true)) << "small frames have room of their own";
    ASSERT_TRUE(journal.Write().ok());
    ASSERT_TRUE(journal.Sync().ok());
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto read = journal.Read(places[i]);
      ASSERT_TRUE(read.ok());
      ASSERT_EQ(*read, std::string(200, static_cast<char>('a' + i % 26)));
    }
    const std::uint64_t before = journal.bytes();
    ASSERT_TRUE(journal.RemoveBefore(4).ok());
    EXPECT_EQ(journal.oldest(), 4u);
    EXPECT_LT(journal.bytes(), before / 2 + 4'096);
    ASSERT_TRUE(journal.RemoveBefore(100).ok());
    EXPECT_EQ(journal.oldest(), 6u) << "the newest stays";
  }
  const auto again = OpenIn(files, &found, 4'096, directory);
  ASSERT_TRUE(again.ok());
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front(), (Frame{9, "start"}));
  EXPECT_EQ((*again)->newest(), 6u);
}

TEST(JournalTest, ADamagedOrMissingOlderSegmentIsReported) {
  MemoryFiles original;
  std::vector<std::string> paths;
  {
    auto journal = OpenIn(original, nullptr);
    ASSERT_TRUE(journal.ok());
    for (int i = 0; i < 3; ++i) {
      (*journal)->Add(1, "payload");
      ASSERT_TRUE((*journal)->Write().ok());
      ASSERT_TRUE((*journal)->Rotate(9, "start").ok());
    }
  }
  for (const auto& [path, content] : original.files) paths.push_back(path);
  ASSERT_EQ(paths.size(), 4u);
  const auto error_of = [](MemoryFiles files) {
    const auto opened = OpenIn(files, nullptr);
    return opened.ok() ? Error{} : opened.error();
  };
  MemoryFiles shorter = original;
  shorter.files[paths[1]].bytes.pop_back();
  EXPECT_EQ(error_of(shorter).code, ErrorCode::kCorruptMessage);
  EXPECT_NE(error_of(shorter).message.find(paths[1]), std::string::npos);
  MemoryFiles missing = original;
  missing.files.erase(paths[1]);
  EXPECT_EQ(error_of(missing).code, ErrorCode::kCorruptMessage);
  MemoryFiles swapped = original;
  std::swap(swapped.files[paths[1]], swapped.files[paths[2]]);
  EXPECT_EQ(error_of(swapped).code, ErrorCode::kCorruptMessage);
  // A file that was being made when the machine stopped is no damage.
  MemoryFiles young = original;
  young.files[paths[3]].bytes.resize(10);
  EXPECT_EQ(error_of(young), Error{});
  // A newer format is refused by name, an older one would be read.
  MemoryFiles newer = original;
  std::string& header = newer.files[paths[3]].bytes;
  header[8] = 2;
  const std::uint32_t crc = journal_format::Crc(std::string_view(header).substr(0, 20));
  for (std::size_t i = 0; i < 4; ++i) header[20 + i] = static_cast<char>(crc >> (8 * i) & 0xff);
  EXPECT_EQ(error_of(newer).code, ErrorCode::kUnsupportedVersion);
}

TEST(JournalTest, AFullDiskLosesNothingAndTheJournalGoesOn) {
  MemoryFiles files;
  auto journal = OpenIn(files, nullptr);
  ASSERT_TRUE(journal.ok());
  (*journal)->Add(1, "first");
  ASSERT_TRUE((*journal)->Write().ok());
  files.space = 10;
  (*journal)->Add(1, "does not fit");
  const Status full = (*journal)->Write();
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, ErrorCode::kQueueFull);
  files.space = 0;
  const Status no_segment = (*journal)->Rotate(9, "start");
  ASSERT_FALSE(no_segment.ok());
  EXPECT_EQ(no_segment.error().code, ErrorCode::kQueueFull);
  files.space = SIZE_MAX;
  (*journal)->Add(1, "second");
  ASSERT_TRUE((*journal)->Write().ok());
  ASSERT_TRUE((*journal)->Rotate(9, "start").ok());
  std::vector<Frame> found;
  ASSERT_TRUE(OpenIn(files, &found).ok());
  EXPECT_EQ(found, (std::vector<Frame>{{1, "first"}, {1, "second"}, {9, "start"}}));
}

TEST(JournalTest, AfterAFailedSyncEverythingIsRefused) {
  MemoryFiles files;
  auto journal = OpenIn(files, nullptr);
  ASSERT_TRUE(journal.ok());
  (*journal)->Add(1, "first");
  ASSERT_TRUE((*journal)->Write().ok());
  files.do_syncs_fail = true;
  const Status failed = (*journal)->Sync();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::kFailedPrecondition);
  files.do_syncs_fail = false;
  EXPECT_EQ((*journal)->Sync().error(), failed.error());
  (*journal)->Add(1, "second");
  EXPECT_EQ((*journal)->Write().error(), failed.error());
  EXPECT_EQ((*journal)->RemoveBefore(1).ok(), true) << "nothing to do is no work";
  ASSERT_TRUE((*journal)->broken());
}

TEST(JournalTest, DirectoriesAreMadeWithThoseAboveThem) {
  const testing::TempDir dir;
  PosixSpoolFiles files;
  const std::string deep = (dir.path() / "a" / "b" / "c").string();
  for (const std::string& path : {deep, deep, deep + "/"})
    EXPECT_TRUE(files.MakeDirectory(path).ok());
  ASSERT_TRUE(files.Create(deep + "/file", 0).ok());
  EXPECT_FALSE(files.MakeDirectory(deep + "/file/d").ok());
}

TEST(JournalTest, OneOwnerOfADirectory) {
  const testing::TempDir dir;
  auto first = DirectoryLock::Take(dir.path().string());
  ASSERT_TRUE(first.ok());
  const auto second = DirectoryLock::Take(dir.path().string());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
  first->reset();
  EXPECT_TRUE(DirectoryLock::Take(dir.path().string()).ok());
}

}  // namespace
}  // namespace lanemq::client
