#include "common/base/ready_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace lanemq {

bool WriteReadyFile(const std::string& path, const std::string& line) {
  const std::string half = path + ".half";
  std::ofstream file(half, std::ios::trunc);
  file << line << '\n';
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(half, path, error);
  return file && !error;
}

}  // namespace lanemq
