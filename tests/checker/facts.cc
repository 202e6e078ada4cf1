#include "tests/checker/facts.h"

#include <algorithm>

namespace lanemq::checker {
namespace {

void Note(PartitionLog& log, std::int64_t offset, const Version& version) {
  std::vector<Version>& versions = log[offset];
  for (Version& known : versions) {
    if (known.id != version.id || known.fingerprint != version.fingerprint) continue;
    if (known.reader < 0) known = version;  // A reader knows the timestamp too.
    return;
  }
  versions.push_back(version);
}

}  // namespace

const Send* Facts::Find(MessageId id) const {
  if (id.producer < 0 || static_cast<std::size_t>(id.producer) >= sends.size()) return nullptr;
  const auto& of_producer = sends[static_cast<std::size_t>(id.producer)];
  if (id.number < 0 || static_cast<std::size_t>(id.number) >= of_producer.size()) return nullptr;
  return &of_producer[static_cast<std::size_t>(id.number)];
}

std::string Facts::NameOfReader(std::int32_t reader) const {
  return reader < 0 ? "an acknowledgement" : readers[static_cast<std::size_t>(reader)].name;
}

Facts IndexHistory(const History& history, const CheckOptions& options) {
  Facts facts{options, history.Sends(), history.Readers(), {}, {}};
  facts.places.resize(facts.sends.size());
  for (std::size_t p = 0; p < facts.sends.size(); ++p) {
    facts.places[p].resize(facts.sends[p].size());
    for (std::size_t n = 0; n < facts.sends[p].size(); ++n) {
      const Send& send = facts.sends[p][n];
      if (send.outcome != Outcome::kAcked || send.offset < 0) continue;
      const MessageId id{static_cast<std::int32_t>(p), static_cast<std::int64_t>(n)};
      Note(facts.logs[send.partition], send.offset, {id, send.fingerprint, 0, -1});
    }
  }
  for (std::size_t r = 0; r < facts.readers.size(); ++r) {
    for (const Read& read : facts.readers[r].reads) {
      Note(facts.logs[read.partition], read.offset,
           {read.id, read.fingerprint, read.timestamp_us, static_cast<std::int32_t>(r)});
      if (facts.Find(read.id) == nullptr) continue;
      auto& places = facts.places[static_cast<std::size_t>(read.id.producer)]
                                 [static_cast<std::size_t>(read.id.number)];
      const std::pair place(read.partition, read.offset);
      const auto at = std::lower_bound(places.begin(), places.end(), place);
      if (at == places.end() || *at != place) places.insert(at, place);
    }
  }
  return facts;
}

}  // namespace lanemq::checker
