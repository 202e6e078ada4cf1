#include "broker/access/access_file.h"

#include <string_view>

#include "broker/catalog/thrift_file.h"
#include "common/rpc/wire/access_book.h"
#include "lanemq_types.h"

namespace lanemq::broker {
namespace {

constexpr std::string_view kMagic = "LMQACC1\n";

}  // namespace

Status SaveAccess(const std::filesystem::path& path, const core::AccessRecords& records) {
  return SaveThrift(path, kMagic, wire::ToWire(records));
}

Result<core::AccessRecords> LoadAccess(const std::filesystem::path& path) {
  LANEMQ_ASSIGN_OR_RETURN(const auto book, LoadThrift<idl::AccessBookResponse>(path, kMagic));
  return wire::FromWire(book);
}

}  // namespace lanemq::broker
