// lanemq-openapi: prints portal/openapi.yaml, or says whether a file is what it would print.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "portal/api/routes/openapi.h"

int main(int argc, char** argv) {
  const std::string wanted = lanemq::portal::OpenApiYaml(lanemq::portal::TheSchema());
  if (argc == 1) {
    std::cout << wanted;
    return 0;
  }
  if (argc != 3 || std::string_view(argv[1]) != "--check") {
    std::cerr << "usage: lanemq-openapi [--check FILE]\n"
                 "Examples:\n  lanemq-openapi > portal/openapi.yaml\n"
                 "  lanemq-openapi --check portal/openapi.yaml\n";
    return 2;
  }
  std::ifstream file(argv[2]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text == wanted) return 0;
  std::cerr << argv[2] << " is not current: lanemq-openapi > " << argv[2] << "\n";
  return 1;
}
