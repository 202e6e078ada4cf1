#include "tests/fuzz/fuzz_rpc.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <thrift/protocol/TProtocol.h>

#include "DataPlane.h"
#include "common/base/check.h"
#include "common/rpc/call.h"
#include "common/rpc/frame_reader.h"
#include "common/rpc/message.h"
#include "common/rpc/server_shared.h"
#include "common/rpc/typed_call.h"

namespace lanemq::fuzz {
namespace {

// Checks each reply as it comes.
class CheckingSink final : public rpc::ReplySink {
 public:
  void Deliver(rpc::Reply reply) override {
    ++replies;
    if (reply.frame.data == nullptr) return;  // Oneway.
    LANEMQ_CHECK(reply.frame.size > 4);
    const std::span<const std::uint8_t> frame(reply.frame.data.get() + 4, reply.frame.size - 4);
    const std::size_t length = (std::size_t{reply.frame.data.get()[0]} << 24) |
                               (std::size_t{reply.frame.data.get()[1]} << 16) |
                               (std::size_t{reply.frame.data.get()[2]} << 8) |
                               std::size_t{reply.frame.data.get()[3]};
    LANEMQ_CHECK(length == frame.size());
    LANEMQ_CHECK(frame[0] == 0x80 || frame[0] == 0x82);
  }
  void Identify(std::shared_ptr<const core::Caller>) override {}
  std::size_t replies = 0;
};

rpc::ServerOptions SmallServer() {
  rpc::ServerOptions options;
  options.limits.frame_bytes_max = 64u << 10;
  options.limits.container_elements_max = 1'000;
  return options;
}

void DecodeAsReply(std::span<const std::uint8_t> input) {
  idl::FetchResponse response;
  idl::DataPlane_fetch_presult result;
  result.success = &response;
  (void)rpc::DecodeReply(
      input, [&](apache::thrift::protocol::TProtocol& protocol) { result.read(&protocol); });
}

}  // namespace

void FuzzRpc(std::span<const std::uint8_t> input) {
  if (input.empty()) return;
  const std::size_t piece = std::size_t{1} + input[0];
  input = input.subspan(1);

  // Its null handler answers everything at once.
  const auto shared = std::make_shared<rpc::ServerShared>(
      SmallServer(),
      std::make_shared<idl::DataPlaneAsyncProcessor>(std::make_shared<idl::DataPlaneCobSvNull>()));
  const auto sink = std::make_shared<CheckingSink>();
  const auto peer = std::make_shared<const std::string>("fuzz:1");
  std::size_t calls = 0;
  {
    rpc::FrameReader reader(shared->options.limits.frame_bytes_max, &shared->receive_budget);
    const rpc::FrameReader::FrameHandler serve = [&](std::span<const std::uint8_t> frame) {
      auto head = rpc::ReadHead(frame, shared->decode);
      if (!head) return false;
      ++calls;
      std::make_shared<rpc::Call>(shared, sink, calls, std::move(*head), peer, nullptr,
                                  frame.size())
          ->Start(frame);
      return true;
    };
    for (auto rest = input; !rest.empty();) {
      const std::size_t size = std::min(piece, rest.size());
      const auto room = reader.Room();
      rpc::FrameReader::Progress progress;
      if (!room.empty()) {
        const std::size_t direct = std::min(size, room.size());
        std::copy_n(rest.begin(), direct, room.begin());
        progress = reader.Filled(direct, serve);
      } else {
        progress = reader.Feed(rest.first(size), serve);
      }
      LANEMQ_CHECK(progress.consumed <= size);
      if (progress.outcome != rpc::FrameReader::Outcome::kOk) break;
      LANEMQ_CHECK(progress.consumed > 0);
      rest = rest.subspan(progress.consumed);
    }
  }
  LANEMQ_CHECK(sink->replies == calls);
  LANEMQ_CHECK(shared->receive_budget.used() == 0);
  LANEMQ_CHECK(shared->counters.abandoned.load() == 0);

  if (input.size() > 4) DecodeAsReply(input.subspan(4));
}

}  // namespace lanemq::fuzz
