#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "DataPlane.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread_pool.h"
#include "common/rpc/client.h"
#include "common/rpc/responder.h"
#include "common/rpc/server.h"

namespace lanemq::rpc::test {

using std::chrono::milliseconds;

/// A data plane for tests: every method shows one way a handler can behave.
class TestHandler final : public idl::DataPlaneCobSvNull {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

  /// Answers at once: the caller's address as `version`, and his name as `role`, which is "test"
  /// when he has not said it.
  void serverInfo(Cob<idl::ServerInfo> cob, ExnCob exn,
                  const idl::ServerInfoRequest& request) override;
  /// "lmq_NAME_SECRET" is service NAME. Secrets: "refused" is refused, "repeated" in a text that
  /// has the token in it, "ignored" never answered.
  void authenticate(Cob<idl::AuthenticateResponse> cob, ExnCob exn,
                    const idl::AuthenticateRequest& request) override;
  /// Answers at once, echoing known_version; 100 topics per version above 1,000,000.
  void metadata(Cob<idl::MetadataResponse> cob, ExnCob exn,
                const idl::MetadataRequest& request) override;
  /// Answers from another thread: base_offset is base_sequence + 1.
  void produce(Cob<idl::ProduceResponse> cob, ExnCob exn,
               const idl::ProduceRequest& request) override;
  /// Parks until WakeAll(), or for ever; with min_bytes 0 it does not even watch for the client's
  /// end.
  void fetch(Cob<idl::FetchResponse> cob, ExnCob exn, const idl::FetchRequest& request) override;
  /// Fails with a declared error.
  void commitOffsets(Cob<idl::CommitOffsetsResponse> cob, ExnCob exn,
                     const idl::CommitOffsetsRequest& request) override;
  /// Never answers and drops its callbacks, on another thread.
  void fetchOffsets(Cob<idl::FetchOffsetsResponse> cob, ExnCob exn,
                    const idl::FetchOffsetsRequest& request) override;
  /// Calls its callback twice, without a Responder.
  void listOffsets(Cob<idl::ListOffsetsResponse> cob, ExnCob exn,
                   const idl::ListOffsetsRequest& request) override;
  /// Offset < 0: throws. Otherwise: a body of that many bytes.
  void getMessage(Cob<idl::GetMessageResponse> cob, ExnCob exn,
                  const idl::GetMessageRequest& request) override;

  /// Answers all parked fetches from this thread. The number answered.
  std::size_t WakeAll();
  [[nodiscard]] std::size_t parked() const;

 private:
  mutable Mutex mutex_;
  std::map<std::uint64_t, Responder<idl::FetchResponse>> waiters_ LANEMQ_GUARDED_BY(mutex_);
  std::uint64_t next_waiter_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::vector<Responder<idl::AuthenticateResponse>> ignored_ LANEMQ_GUARDED_BY(mutex_);
  ThreadPool pool_{{.name = "handler", .threads = 2}};
};

/// A running server on loopback.
struct TestServer {
  explicit TestServer(ServerOptions options = {});
  ~TestServer();

  std::shared_ptr<TestHandler> handler;
  std::unique_ptr<Server> server;
  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", server->port()}; }
  [[nodiscard]] std::uint64_t closed(CloseReason reason) const {
    return server->Stats().closed[static_cast<std::size_t>(reason)];
  }
};

/// A plain blocking socket that can send anything.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False once the peer has closed.
  bool Send(std::span<const std::uint8_t> bytes);
  bool Send(const std::string& bytes);
  /// One frame without its length; absent when the peer closed or `within` passed.
  std::optional<std::string> ReadFrame(milliseconds within = milliseconds(5'000));
  /// True when the peer closes within the time.
  bool WaitClosed(milliseconds within = milliseconds(5'000));
  void Close();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  bool ReadExactly(char* to, std::size_t size, Deadline deadline);
  int fd_ = -1;
};

/// `body` with its length in front.
[[nodiscard]] std::string Framed(const std::string& body);
/// The frame of a call: `write` writes the arguments struct.
[[nodiscard]] std::string CallFrame(
    const std::string& method, std::int32_t seqid,
    const std::function<void(apache::thrift::protocol::TProtocol&)>& write,
    bool is_compact = false);
[[nodiscard]] std::string ServerInfoFrame(std::int32_t seqid, bool is_compact = false);
[[nodiscard]] std::string AuthenticateFrame(std::int32_t seqid, const std::string& token);
[[nodiscard]] std::string FetchFrame(std::int32_t seqid, std::optional<int> min_bytes = {});

/// What a reply frame says.
struct ParsedReply {
  std::string method;
  std::int32_t seqid = 0;
  /// A TApplicationException of this type; absent for a normal reply.
  std::optional<int> fault;
  /// The declared error.
  std::optional<int> error_code;
};
[[nodiscard]] ParsedReply Parse(const std::string& frame, bool is_compact = false);
/// What a good reply to ServerInfoFrame() says; "" for any other.
[[nodiscard]] std::string RoleIn(const std::string& frame);

/// Binds and listens on a port of the system's choice.
[[nodiscard]] bool ListenOnLoopback(int socket, std::uint16_t& port);

/// Waits for `condition`; false when it did not come true in time.
[[nodiscard]] bool Eventually(const std::function<bool()>& condition,
                              milliseconds within = milliseconds(10'000));
[[nodiscard]] Deadline In(milliseconds time);
/// A number of /proc/self/status, for example "Threads".
[[nodiscard]] std::size_t ProcessStatus(const std::string& field);
/// Resident memory of this process.
[[nodiscard]] std::size_t ResidentBytes();

}  // namespace lanemq::rpc::test
