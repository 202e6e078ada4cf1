#include "broker/access/access_file.h"

#include <string_view>

#include "broker/catalog/thrift_file.h"
#include "common/rpc/wire/access_book.h"
#include "lanemq_types.h"

namespace lanemq::broker {
namespace {

constexpr std::string_view kMagic = "LMQACC1\n";

}  // namespace

Status SaveAccess(const std::filesystem::path& path, const core::AccessRecords& records,
                  bool is_whole) {
  idl::AccessBookResponse book = wire::ToWire(records);
  if (!is_whole) book.__isset.people = book.__isset.quotas = false;
  return SaveThrift(path, kMagic, book);
}

Result<SavedAccess> LoadAccess(const std::filesystem::path& path) {
  LANEMQ_ASSIGN_OR_RETURN(const auto book, LoadThrift<idl::AccessBookResponse>(path, kMagic));
  return SavedAccess{wire::FromWire(book), book.__isset.people};
}

}  // namespace lanemq::broker
