#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace lanemq::cli {

struct YamlEntry;

/// A value of a YAML document, with where it is written.
struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 0;                    ///< From 1 on; of an alias: of what it stands for.
  std::string text;                ///< Of scalars, as it is meant: without quotes.
  std::vector<YamlNode> items;     ///< Of lists.
  std::vector<YamlEntry> entries;  ///< Of maps, as written; each key once, never empty.
};

struct YamlEntry {
  std::string key;
  int line = 0;
  YamlNode value;
};

/// Bounds of one file. Aliases count as what they stand for, so that a few bytes cannot become a
/// few gigabytes.
struct YamlLimits {
  std::size_t bytes_max = std::size_t{16} << 20;
  std::size_t nodes_max = 200'000;
  std::size_t depth_max = 16;
};

/// The documents of a file; empty ones are left out. JSON is YAML. Anchors, aliases and merge keys
/// (`<<: *defaults`) are resolved. `file` is for errors alone.
///
/// kInvalidRequest, with file and line: not UTF-8, not YAML, a key that is there twice or is no
/// text, an alias within what it stands for, more than the limits.
Result<std::vector<YamlNode>> ParseYaml(std::string_view text, std::string_view file,
                                        const YamlLimits& limits = {});

}  // namespace lanemq::cli
