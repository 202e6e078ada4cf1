#include "portal/api/transcode/schema.h"

#include <algorithm>

namespace lanemq::portal {
namespace {

// Names in the IDL are short; what is longer is like none of them.
constexpr std::size_t kNameBytesMax = 64;

template <typename Row>
const Row* Find(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found == rows.end() ? nullptr : &*found;
}

// Levenshtein's distance.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

const MethodRow* Schema::FindMethod(std::string_view name) const { return Find(methods_, name); }
const StructRow* Schema::FindStruct(std::string_view name) const { return Find(structs_, name); }
const FieldRow* Schema::FindField(const StructRow& row, std::string_view name) const {
  return Find(fields(row), name);
}

std::string Nearest(std::string_view name, const std::vector<std::string_view>& known) {
  if (name.empty() || name.size() > kNameBytesMax) return {};
  std::string_view best;
  // Half of the letters may differ.
  std::size_t least = name.size() / 2 + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = Distance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return std::string(best);
}

}  // namespace lanemq::portal
