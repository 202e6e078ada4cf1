#include "client/cli/apply/source_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include <fmt/format.h>

#include "client/cli/apply/yaml_tree.h"

namespace lanemq::cli {
namespace {

namespace fs = std::filesystem;

/// At most one byte more than may be read, which the reader then refuses.
std::string ReadAll(std::istream& stream) {
  std::string text;
  char buffer[1 << 16];
  while (text.size() <= YamlLimits{}.bytes_max && stream) {
    stream.read(buffer, sizeof(buffer));
    text.append(buffer, static_cast<std::size_t>(stream.gcount()));
  }
  return text;
}

bool IsHidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool HasKnownEnding(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

/// Adds the folder's files. Symbolic links to folders are not followed: no circles.
void ListFolder(const std::string& folder, std::set<std::string>& files, Faults& faults) {
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  const fs::recursive_directory_iterator end;
  std::size_t found = 0;
  for (; !error && at != end && files.size() <= kFilesMax; at.increment(error)) {
    std::error_code status;
    if (IsHidden(at->path())) {
      if (at->is_directory(status)) at.disable_recursion_pending();
    } else if (HasKnownEnding(at->path()) && at->is_regular_file(status)) {
      files.insert(at->path().string());
      ++found;
    }
  }
  if (error) return faults.Add(fmt::format("{}: {}", folder, error.message()));
  if (found == 0) faults.Add(fmt::format("{}: no .yaml, .yml or .json below it", folder));
}

void ReadFile(const std::string& file, Documents& documents, Faults& faults) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return faults.Add(fmt::format("{}: {}", file, std::strerror(errno)));
  ReadDocuments(ReadAll(stream), file, documents, faults);
}

}  // namespace

Documents ReadSources(const std::vector<std::string>& sources, Faults& faults) {
  Documents documents;
  std::set<std::string> files;
  for (const std::string& source : sources) {
    std::error_code error;
    if (source == "-") {
      ReadDocuments(ReadAll(std::cin), "stdin", documents, faults);
    } else if (fs::is_directory(source, error)) {
      ListFolder(source, files, faults);
    } else {
      files.insert(source);
    }
  }
  if (files.size() > kFilesMax) {
    faults.Add(fmt::format("more than {} files", kFilesMax));
    return documents;
  }
  for (const std::string& file : files) {
    ReadFile(file, documents, faults);
    if (documents.size() <= kObjectsMax) continue;
    faults.Add(fmt::format("more than {} objects", kObjectsMax));
    return documents;
  }
  CheckDuplicates(documents, faults);
  return documents;
}

}  // namespace lanemq::cli
