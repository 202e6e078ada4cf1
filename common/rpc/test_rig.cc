#include "common/rpc/test_rig.h"

#include <arpa/inet.h>
#include <array>
#include <fstream>
#include <poll.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "common/rpc/typed_call.h"
#include "tests/support/wait_for.h"

namespace lanemq::rpc::test {

namespace thrift = apache::thrift;
using thrift::protocol::TBinaryProtocol;
using thrift::protocol::TCompactProtocol;
using thrift::protocol::TProtocol;
using thrift::transport::TMemoryBuffer;

// ---------------------------------------------------------------- handler

void TestHandler::serverInfo(Cob<idl::ServerInfo> cob, ExnCob exn, const idl::ServerInfoRequest&) {
  const Responder<idl::ServerInfo> responder(std::move(cob), std::move(exn));
  idl::ServerInfo info;
  const auto& caller = responder.context()->caller();
  info.role = caller != nullptr ? caller->principal.name : "test";
  info.version = responder.context()->peer();
  responder.Respond(info);
}

void TestHandler::authenticate(Cob<idl::AuthenticateResponse> cob, ExnCob exn,
                               const idl::AuthenticateRequest& request) {
  const Responder<idl::AuthenticateResponse> responder(std::move(cob), std::move(exn));
  const std::size_t name_at = request.token.find('_') + 1;
  const std::size_t name_end = request.token.find('_', name_at);
  const std::string name = request.token.substr(name_at, name_end - name_at);
  const std::string secret = request.token.substr(name_end + 1);
  if (secret == "refused") {
    return responder.Fail({ErrorCode::kAuthenticationFailed, "nobody's", 0});
  }
  if (secret == "repeated") {
    return responder.Fail({ErrorCode::kAuthenticationFailed, "what is " + request.token, 0});
  }
  if (secret == "ignored") {
    MutexLock lock(mutex_);
    ignored_.push_back(responder);
    return;
  }
  responder.context()->Identify(std::make_shared<const core::Caller>(
      core::Caller{{core::PrincipalKind::kService, name}, "id"}));
  idl::AuthenticateResponse response;
  response.principal = "service:" + name;
  responder.Respond(response);
}

void TestHandler::metadata(Cob<idl::MetadataResponse> cob, ExnCob exn,
                           const idl::MetadataRequest& request) {
  const Responder<idl::MetadataResponse> responder(std::move(cob), std::move(exn));
  idl::MetadataResponse response;
  response.version = request.known_version;
  response.is_unchanged = true;
  responder.Respond(response);
}

void TestHandler::produce(Cob<idl::ProduceResponse> cob, ExnCob exn,
                          const idl::ProduceRequest& request) {
  const Responder<idl::ProduceResponse> responder(std::move(cob), std::move(exn));
  idl::ProduceResponse response;
  for (const idl::ProducePartition& partition : request.partitions) {
    idl::ProducePartitionResult result;
    result.topic = partition.topic;
    result.partition = partition.partition;
    result.__set_base_offset(partition.base_sequence + 1);
    response.partitions.push_back(result);
  }
  if (!pool_.TryPost([responder, response] { responder.Respond(response); })) {
    responder.Fail({ErrorCode::kThrottled, "the pool is full", 10});
  }
}

void TestHandler::fetch(Cob<idl::FetchResponse> cob, ExnCob exn, const idl::FetchRequest& request) {
  const Responder<idl::FetchResponse> responder(std::move(cob), std::move(exn));
  std::uint64_t id = 0;
  {
    MutexLock lock(mutex_);
    id = next_waiter_++;
    waiters_.emplace(id, responder);
  }
  if (request.__isset.min_bytes && request.min_bytes == 0) return;
  responder.OnCancel([this, id] {
    MutexLock lock(mutex_);
    waiters_.erase(id);
  });
}

void TestHandler::commitOffsets(Cob<idl::CommitOffsetsResponse> cob, ExnCob exn,
                                const idl::CommitOffsetsRequest& request) {
  const Responder<idl::CommitOffsetsResponse> responder(std::move(cob), std::move(exn));
  responder.Fail({ErrorCode::kThrottled, "group " + request.group, 70});
  responder.Fail({ErrorCode::kNotFound, "a second answer, ignored", 0});
}

void TestHandler::fetchOffsets(Cob<idl::FetchOffsetsResponse> cob, ExnCob exn,
                               const idl::FetchOffsetsRequest&) {
  const Responder<idl::FetchOffsetsResponse> responder(std::move(cob), std::move(exn));
  (void)pool_.TryPost([responder] {});
}

void TestHandler::listOffsets(Cob<idl::ListOffsetsResponse> cob, ExnCob,
                              const idl::ListOffsetsRequest&) {
  cob({});
  cob({});
}

void TestHandler::getMessage(Cob<idl::GetMessageResponse> cob, ExnCob exn,
                             const idl::GetMessageRequest& request) {
  if (request.offset < 0) throw std::runtime_error("thrown by the handler");
  const Responder<idl::GetMessageResponse> responder(std::move(cob), std::move(exn));
  idl::GetMessageResponse response;
  response.message.__set_body(std::string(static_cast<std::size_t>(request.offset), 'x'));
  responder.Respond(response);
}

std::size_t TestHandler::WakeAll() {
  std::map<std::uint64_t, Responder<idl::FetchResponse>> waiters;
  {
    MutexLock lock(mutex_);
    waiters.swap(waiters_);
  }
  for (const auto& [id, responder] : waiters) responder.Respond({});
  return waiters.size();
}

std::size_t TestHandler::parked() const {
  MutexLock lock(mutex_);
  return waiters_.size();
}

// ---------------------------------------------------------------- server

namespace {

// Tests open a thousand connections, both ends of them in this process.
void RaiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

TestServer::TestServer(ServerOptions options) : handler(std::make_shared<TestHandler>()) {
  RaiseFileLimit();
  options.host = "127.0.0.1";
  options.limits.sweep_interval = milliseconds(10);
  server = std::make_unique<Server>(std::move(options),
                                    std::make_shared<idl::DataPlaneAsyncProcessor>(handler));
  const Status status = server->Start();
  EXPECT_TRUE(status.ok());
}

TestServer::~TestServer() { server->Stop(); }

// ---------------------------------------------------------------- raw client

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int result = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  EXPECT_EQ(result, 0);
}

RawClient::~RawClient() { Close(); }
RawClient::RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

void RawClient::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool RawClient::Send(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::Send(const std::string& bytes) {
  return Send({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

bool RawClient::ReadExactly(char* to, std::size_t size, Deadline deadline) {
  while (size > 0) {
    pollfd waiting{fd_, POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(deadline.Left(SystemClock::Instance()));
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    const ssize_t got = ::recv(fd_, to, size, 0);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<std::string> RawClient::ReadFrame(milliseconds within) {
  const Deadline deadline = In(within);
  std::array<char, 4> header{};
  if (!ReadExactly(header.data(), header.size(), deadline)) return std::nullopt;
  std::size_t length = 0;
  for (const char c : header) length = length << 8 | static_cast<std::uint8_t>(c);
  std::string body(length, '\0');
  if (!ReadExactly(body.data(), body.size(), deadline)) return std::nullopt;
  return body;
}

bool RawClient::WaitClosed(milliseconds within) {
  const Deadline deadline = In(within);
  std::array<char, 4096> ignored{};
  while (!deadline.HasPassed(SystemClock::Instance())) {
    pollfd waiting{fd_, POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(deadline.Left(SystemClock::Instance()));
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    if (::recv(fd_, ignored.data(), ignored.size(), 0) <= 0) return true;
  }
  return false;
}

// ---------------------------------------------------------------- frames

std::string Framed(const std::string& body) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(body.size() >> shift & 0xff));
  }
  return out + body;
}

std::string CallFrame(const std::string& method, std::int32_t seqid,
                      const std::function<void(TProtocol&)>& write, bool is_compact) {
  const auto memory = std::make_shared<TMemoryBuffer>();
  std::shared_ptr<TProtocol> protocol;
  if (is_compact) {
    protocol = std::make_shared<TCompactProtocol>(memory);
  } else {
    protocol = std::make_shared<TBinaryProtocol>(memory);
  }
  protocol->writeMessageBegin(method, thrift::protocol::T_CALL, seqid);
  write(*protocol);
  protocol->writeMessageEnd();
  return Framed(memory->getBufferAsString());
}

std::string ServerInfoFrame(std::int32_t seqid, bool is_compact) {
  return CallFrame(
      "serverInfo", seqid,
      [](TProtocol& protocol) { idl::Common_serverInfo_args().write(&protocol); }, is_compact);
}

std::string AuthenticateFrame(std::int32_t seqid, const std::string& token) {
  return CallFrame("authenticate", seqid, [&](TProtocol& protocol) {
    idl::Common_authenticate_args args;
    args.request.token = token;
    args.write(&protocol);
  });
}

std::string FetchFrame(std::int32_t seqid, std::optional<int> min_bytes) {
  return CallFrame("fetch", seqid, [&](TProtocol& protocol) {
    idl::DataPlane_fetch_args args;
    if (min_bytes) args.request.__set_min_bytes(*min_bytes);
    args.write(&protocol);
  });
}

ParsedReply Parse(const std::string& frame, bool is_compact) {
  const auto memory = std::make_shared<TMemoryBuffer>();
  memory->write(reinterpret_cast<const std::uint8_t*>(frame.data()),
                static_cast<std::uint32_t>(frame.size()));
  std::shared_ptr<TProtocol> protocol;
  if (is_compact) {
    protocol = std::make_shared<TCompactProtocol>(memory);
  } else {
    protocol = std::make_shared<TBinaryProtocol>(memory);
  }
  ParsedReply reply;
  thrift::protocol::TMessageType type{};
  protocol->readMessageBegin(reply.method, type, reply.seqid);
  if (type == thrift::protocol::T_EXCEPTION) {
    thrift::TApplicationException fault;
    fault.read(protocol.get());
    reply.fault = fault.getType();
    return reply;
  }
  std::string name;
  thrift::protocol::TType field{};
  std::int16_t id = 0;
  protocol->readStructBegin(name);
  protocol->readFieldBegin(name, field, id);
  if (field == thrift::protocol::T_STRUCT && id == 1) {
    idl::LaneMqError error;
    error.read(protocol.get());
    reply.error_code = static_cast<int>(error.code);
  }
  return reply;
}

std::string RoleIn(const std::string& frame) {
  idl::ServerInfo info;
  idl::Common_serverInfo_presult result;
  result.success = &info;
  const Status status =
      DecodeReply({reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size()},
                  [&](TProtocol& protocol) { result.read(&protocol); });
  return status.ok() && result.__isset.success ? info.role : std::string();
}

// ---------------------------------------------------------------- waiting, measuring

bool ListenOnLoopback(int socket, std::uint16_t& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket, generic, size) != 0 || ::listen(socket, 8) != 0) return false;
  if (::getsockname(socket, generic, &size) != 0) return false;
  port = ntohs(address.sin_port);
  return true;
}

Deadline In(milliseconds time) { return Deadline::After(SystemClock::Instance(), time); }

bool Eventually(const std::function<bool()>& condition, milliseconds within) {
  return lanemq::testing::WaitFor(condition, within, "condition");
}

std::size_t ProcessStatus(const std::string& field) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(field + ":")) return std::stoul(line.substr(field.size() + 1));
  }
  ADD_FAILURE() << "no " << field << " in /proc/self/status";
  return 0;
}

std::size_t ResidentBytes() { return ProcessStatus("VmRSS") * 1024; }

}  // namespace lanemq::rpc::test
