#include "common/core/log/producers.h"

#include <algorithm>
#include <utility>

namespace lanemq::core {
namespace {

constexpr char kFormat = 1;

// LEB128: seven bits a byte, the lowest first. Sequences and offsets are never negative.
void PutNumber(std::string& out, std::int64_t number) {
  auto rest = static_cast<std::uint64_t>(number);
  while (rest >= 0x80) {
    out.push_back(static_cast<char>(rest | 0x80));
    rest >>= 7;
  }
  out.push_back(static_cast<char>(rest));
}

std::optional<std::int64_t> TakeNumber(std::string_view& in) {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 63; shift += 7) {
    if (in.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

Error Corrupt() { return {ErrorCode::kCorruptMessage, "the producer snapshot does not decode"}; }

}  // namespace

std::optional<std::int64_t> Producers::NextSequence(ProducerId producer) const {
  const auto it = index_.find(producer);
  if (it == index_.end()) return std::nullopt;
  return it->second->next_sequence;
}

std::optional<SequenceRun> Producers::Find(ProducerId producer, std::int64_t sequence) const {
  const auto it = index_.find(producer);
  if (it == index_.end()) return std::nullopt;
  const auto& runs = it->second->runs;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (run->Contains(sequence)) return *run;
  }
  return std::nullopt;
}

void Producers::Note(ProducerId producer, const SequenceRun& run) {
  if (producer.value <= 0 || run.count <= 0) return;
  auto [it, is_new] = index_.try_emplace(producer);
  if (is_new) {
    by_age_.push_back({producer, 0, {}});
    it->second = std::prev(by_age_.end());
    if (by_age_.size() > limits_.producers_max) {
      index_.erase(by_age_.front().id);
      by_age_.pop_front();
    }
  } else {
    by_age_.splice(by_age_.end(), by_age_, it->second);
  }
  Producer& entry = by_age_.back();
  entry.next_sequence = std::max(entry.next_sequence, run.first_sequence + run.count);
  if (!entry.runs.empty()) {
    SequenceRun& last = entry.runs.back();
    if (last.first_sequence + last.count == run.first_sequence &&
        last.first_offset.value + last.count == run.first_offset.value) {
      last.count += run.count;
      return;
    }
  }
  if (entry.runs.size() == limits_.runs_max) entry.runs.erase(entry.runs.begin());
  entry.runs.push_back(run);
}

std::string Producers::Encode() const {
  std::string out(1, kFormat);
  PutNumber(out, static_cast<std::int64_t>(by_age_.size()));
  for (const Producer& producer : by_age_) {
    const std::size_t count = std::min(producer.runs.size(), limits_.encoded_runs_max);
    PutNumber(out, producer.id.value);
    PutNumber(out, producer.next_sequence);
    PutNumber(out, static_cast<std::int64_t>(count));
    for (auto run = producer.runs.end() - static_cast<std::ptrdiff_t>(count);
         run != producer.runs.end(); ++run) {
      PutNumber(out, run->first_sequence);
      PutNumber(out, run->count);
      PutNumber(out, run->first_offset.value);
    }
  }
  return out;
}

Result<Producers> Producers::Decode(std::string_view encoded, ProducersLimits limits) {
  if (encoded.empty() || encoded.front() != kFormat) return Corrupt();
  encoded.remove_prefix(1);
  const auto count = TakeNumber(encoded);
  if (!count) return Corrupt();
  Producers out(limits);
  for (std::int64_t i = 0; i < *count; ++i) {
    const auto id = TakeNumber(encoded);
    const auto next = TakeNumber(encoded);
    const auto runs = TakeNumber(encoded);
    if (!id || !next || !runs || *id <= 0) return Corrupt();
    for (std::int64_t r = 0; r < *runs; ++r) {
      const auto first = TakeNumber(encoded);
      const auto length = TakeNumber(encoded);
      const auto offset = TakeNumber(encoded);
      if (!first || !length || !offset || *length <= 0) return Corrupt();
      out.Note(ProducerId{*id}, {*first, *length, Offset{*offset}});
    }
    const auto it = out.index_.find(ProducerId{*id});
    if (it == out.index_.end() || it->second->next_sequence != *next) return Corrupt();
  }
  if (!encoded.empty()) return Corrupt();
  return out;
}

}  // namespace lanemq::core
