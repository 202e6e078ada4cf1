// The file: "LMQCAT1\n", SHA-256 of the rest (32 bytes), CatalogResponse in strict binary Thrift.
#include "broker/catalog/snapshot_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <openssl/evp.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "common/rpc/wire/catalog.h"
#include "lanemq_types.h"

namespace lanemq::broker {
namespace {

using apache::thrift::protocol::TBinaryProtocolT;
using apache::thrift::transport::TMemoryBuffer;

constexpr std::string_view kMagic = "LMQCAT1\n";
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kFileBytesMax = 256u << 20;

std::string Digest(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), kDigestBytes};
}

Error Failed(const char* what, const std::filesystem::path& path) {
  return {ErrorCode::kUnknownServerError,
          std::string(what) + " " + path.string() + ": " + std::strerror(errno)};
}

Status WriteAndSync(const std::filesystem::path& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed("open", path);
  Status status;
  while (!bytes.empty() && status.ok()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) status = Failed("write", path);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (status.ok() && ::fsync(file) != 0) status = Failed("fsync", path);
  ::close(file);
  return status;
}

}  // namespace

Status SaveCatalog(const std::filesystem::path& path, const core::CatalogSnapshot& snapshot) {
  std::string bytes(kMagic);
  try {
    const auto buffer = std::make_shared<TMemoryBuffer>();
    TBinaryProtocolT<TMemoryBuffer> protocol(buffer);
    wire::ToWire(snapshot).write(&protocol);
    const std::string body = buffer->getBufferAsString();
    bytes += Digest(body);
    bytes += body;
  } catch (const apache::thrift::TException& e) {
    return Error{ErrorCode::kUnknownServerError, std::string("encode the catalogue: ") + e.what()};
  }
  std::filesystem::path temporary = path;
  temporary += ".new";
  LANEMQ_RETURN_IF_ERROR(WriteAndSync(temporary, bytes));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return Failed("rename", temporary);
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Failed("open", path.parent_path());
  ::fsync(folder);
  ::close(folder);
  return {};
}

Result<core::CatalogSnapshot> LoadCatalog(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, "no catalogue at " + path.string()};
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::string_view all(bytes);
  const Error corrupt{ErrorCode::kCorruptMessage, path.string() + " is damaged"};
  if (all.size() < kMagic.size() + kDigestBytes || !all.starts_with(kMagic)) return corrupt;
  const std::string_view body = all.substr(kMagic.size() + kDigestBytes);
  if (Digest(body) != all.substr(kMagic.size(), kDigestBytes)) return corrupt;
  try {
    const auto config = std::make_shared<apache::thrift::TConfiguration>(kFileBytesMax);
    const auto buffer = std::make_shared<TMemoryBuffer>(
        reinterpret_cast<std::uint8_t*>(const_cast<char*>(body.data())),
        static_cast<std::uint32_t>(body.size()), TMemoryBuffer::OBSERVE, config);
    TBinaryProtocolT<TMemoryBuffer> protocol(buffer);
    idl::CatalogResponse response;
    response.read(&protocol);
    return wire::FromWire(response);
  } catch (const apache::thrift::TException&) {
    return corrupt;
  }
}

}  // namespace lanemq::broker
