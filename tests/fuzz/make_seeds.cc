// make_seeds <directory>: writes the seed corpus for libFuzzer.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzz/seeds.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_seeds <directory>\n");
    return 2;
  }
  const std::filesystem::path directory(argv[1]);
  std::filesystem::create_directories(directory);
  int number = 0;
  for (const std::string& seed : lanemq::fuzz::Seeds()) {
    std::ofstream file(directory / ("seed" + std::to_string(number++)), std::ios::binary);
    file << seed;
    if (!file.flush()) {
      std::fprintf(stderr, "cannot write to %s\n", argv[1]);
      return 1;
    }
  }
  std::printf("%d seeds\n", number);
  return 0;
}
