#include "tests/fuzz/fuzz_portal.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "common/base/check.h"
#include "portal/api/routes/build_request.h"
#include "portal/api/routes/route.h"
#include "portal/api/routes/shape_reply.h"
#include "portal/api/transcode/call_bytes.h"
#include "portal/api/transcode/decode.h"
#include "portal/api/transcode/encode.h"

namespace lanemq::fuzz {
namespace {

using namespace portal;  // NOLINT: all of it is about that.

void FuzzRequest(const Match& match, std::string_view query, std::string_view body) {
  for (const auto& [field, value] : match.places) {
    LANEMQ_CHECK(!value.empty() && value != "." && value != "..");
  }
  auto parts = ParseQuery(query);
  if (!parts) return;
  Said said{.query = *std::move(parts), .principal = "person:fuzz", .random_id = 1};
  if (!body.empty()) {
    auto parsed = ParseJson(body);
    if (std::holds_alternative<Fault>(parsed)) return;
    said.body = std::get<nlohmann::json>(std::move(parsed));
  }
  BuiltRequest built = BuildRequest(TheSchema(), match, said);
  const MethodRow& method = *TheSchema().FindMethod(match.route->rpc);
  const StructRow& row = TheSchema().structure(method.request);
  const std::string bytes = EncodeStruct(TheSchema(), row, built.request, built.faults);
  LANEMQ_CHECK(built.faults.size() <= kFaultsMax);
  if (!built.faults.empty()) return;
  wire::Reader reader(bytes);
  LANEMQ_CHECK(DecodeStruct(TheSchema(), row, reader).has_value());
  LANEMQ_CHECK(reader.left() == 0);
}

void FuzzReply(const Match& match, std::string_view bytes) {
  const MethodRow& method = *TheSchema().FindMethod(match.route->rpc);
  (void)DecodeReplyFrame(TheSchema(), method, std::string(bytes), 0);
  const ListWish wish{.limit = 3, .sort = "name"};
  const StructRow& row = TheSchema().structure(method.response);
  wire::Reader reader(bytes);
  auto reply = DecodeStruct(TheSchema(), row, reader);
  if (!reply) return;
  (void)ShapeReply(TheSchema(), *match.route, wish, *reply);
  (void)reply->dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // As the gateway does it: items are read when they are on the page.
  const auto pick = PickOf(*match.route, wish);
  if (!pick) return;
  LateItems late{.bytes = std::string(bytes), .places = {}, .row = nullptr};
  wire::Reader again(late.bytes);
  auto picked = DecodeStruct(TheSchema(), row, again, *pick, late);
  if (picked) (void)ShapeReply(TheSchema(), *match.route, wish, *picked, late);
}

}  // namespace

void FuzzPortal(std::string_view input) {
  const std::string_view line = input.substr(0, input.find('\n'));
  const std::string_view body = input.substr(std::min(line.size() + 1, input.size()));
  const std::string_view method = line.substr(0, line.find(' '));
  const std::string_view target = line.substr(std::min(method.size() + 1, line.size()));
  const std::string_view path = target.substr(0, target.find('?'));
  const Found found = FindRoute(method, path);
  if (!found.match) return;
  FuzzRequest(*found.match, target.substr(std::min(path.size() + 1, target.size())), body);
  FuzzReply(*found.match, body);
}

}  // namespace lanemq::fuzz
