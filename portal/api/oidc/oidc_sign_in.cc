#include "portal/api/oidc/oidc_sign_in.h"

#include <algorithm>
#include <optional>
#include <set>

#include "common/base/log.h"
#include "portal/api/oidc/id_token.h"

namespace lanemq::portal {
namespace {

constexpr std::size_t kCodeBytesMax = 4u << 10;
constexpr std::int64_t kBusyRetryMs = 1'000;

Error Unproven(std::string why) { return {ErrorCode::kAuthenticationFailed, std::move(why), 0}; }

std::optional<std::string> ValueOf(const OidcSignIn::Query& query, std::string_view name) {
  for (const auto& [known, value] : query) {
    if (known == name) return value;
  }
  return std::nullopt;
}

// Of two values with one name, one is somebody else's.
bool HasTwice(const OidcSignIn::Query& query) {
  std::set<std::string_view> names;
  return !std::ranges::all_of(query,
                              [&](const auto& one) { return names.insert(one.first).second; });
}

// It comes by way of the browser: nothing but words is shown.
std::string RefusalOf(const std::string& error) {
  return "the provider did not let you in" + (IsOAuthWord(error) ? ": " + error : "");
}

// One of those that talk to the provider, while it lives.
class AtWork {
 public:
  explicit AtWork(std::atomic<std::size_t>& count) : count_(count), others_(count.fetch_add(1)) {}
  ~AtWork() { count_.fetch_sub(1); }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  [[nodiscard]] std::size_t others() const { return others_; }

 private:
  std::atomic<std::size_t>& count_;
  const std::size_t others_;
};

Error TooMany() {
  return {ErrorCode::kQueueFull, "too many sign-ins wait for the provider", kBusyRetryMs};
}

}  // namespace

OidcSignIn::OidcSignIn(OidcOptions options, SealingKeys keys, Web& web, const Clock& clock)
    : options_(std::move(options)),
      keys_(std::move(keys)),
      clock_(clock),
      provider_(options_.provider, web, clock) {}

Result<OidcSignIn::Started> OidcSignIn::Start(std::string_view return_to) {
  if (!IsLocalPath(return_to)) {
    return Error{ErrorCode::kInvalidRequest,
                 "return_to is a path of this gateway: it begins with one '/'", 0};
  }
  const AtWork work(at_work_);
  if (work.others() >= options_.at_work_max) return TooMany();
  LANEMQ_ASSIGN_OR_RETURN(const ProviderDocument document, provider_.Document());
  const std::chrono::microseconds lifetime = options_.flow_lifetime;
  const SignInFlow flow =
      NewSignInFlow(std::string(return_to), WallTime{clock_.WallNow().micros + lifetime.count()});
  const char join = document.authorization_endpoint.find('?') == std::string::npos ? '?' : '&';
  std::string location = document.authorization_endpoint + join +
                         FormText({{"response_type", "code"},
                                   {"client_id", options_.provider.client_id},
                                   {"redirect_uri", options_.provider.redirect_uri},
                                   {"scope", options_.scopes},
                                   {"state", flow.state},
                                   {"nonce", flow.nonce},
                                   {"code_challenge", ChallengeOf(flow.verifier)},
                                   {"code_challenge_method", "S256"}});
  return Started{std::move(location), SealFlow(flow, keys_), options_.flow_lifetime};
}

Result<SignInFlow> OidcSignIn::FlowOf(std::string_view cookie, const Query& query) const {
  auto flow = OpenFlow(cookie, keys_, clock_.WallNow());
  if (!flow) {
    return Unproven("this browser has no sign-in under way, or it took too long: start again");
  }
  if (HasTwice(query) || ValueOf(query, "state") != flow->state) {
    return Unproven("this is the answer to another sign-in than this browser's last: start again");
  }
  return *std::move(flow);
}

Status OidcSignIn::UseOnce(const std::string& state) {
  MutexLock lock(mutex_);
  if (!used_states_.insert(state).second) {
    return Unproven("this answer of the provider has been used: start again");
  }
  used_.push_back(state);
  if (used_.size() > options_.returns_max) {
    used_states_.erase(used_.front());
    used_.pop_front();
  }
  return {};
}

Result<std::string> OidcSignIn::Sub(const std::string& code, const SignInFlow& flow) {
  LANEMQ_ASSIGN_OR_RETURN(const std::string token, provider_.Exchange(code, flow.verifier));
  const IdTokenRules rules{options_.provider.issuer, options_.provider.client_id, flow.nonce};
  LANEMQ_ASSIGN_OR_RETURN(PublicKeys keys, provider_.Keys(false));
  auto sub = VerifyIdToken(token, *keys, rules, clock_.WallNow());
  if (!sub.ok() && sub.error().code == ErrorCode::kNotFound) {
    LANEMQ_ASSIGN_OR_RETURN(keys, provider_.Keys(true));
    sub = VerifyIdToken(token, *keys, rules, clock_.WallNow());
  }
  if (!sub.ok()) return Unproven(sub.error().message);
  return sub;
}

Result<OidcSignIn::Proof> OidcSignIn::Finish(SignInFlow flow, const Query& query) {
  const AtWork work(at_work_);
  if (work.others() >= options_.at_work_max) return TooMany();
  LANEMQ_RETURN_IF_ERROR(UseOnce(flow.state));
  LANEMQ_ASSIGN_OR_RETURN(const ProviderDocument document, provider_.Document());
  // RFC 9207: a code of another provider must not be shown to this one.
  const auto issuer = ValueOf(query, "iss");
  if (issuer ? *issuer != options_.provider.issuer : document.tells_issuer_on_return) {
    return Unproven("this is the answer of another provider");
  }
  if (const auto error = ValueOf(query, "error")) return Unproven(RefusalOf(*error));
  const auto code = ValueOf(query, "code");
  if (!code || code->empty() || code->size() > kCodeBytesMax) {
    return Unproven("the provider's answer has no code");
  }
  LANEMQ_ASSIGN_OR_RETURN(const std::string sub, Sub(*code, flow));
  return Proof{SubjectText(options_.provider.issuer, sub), std::move(flow.return_to)};
}

}  // namespace lanemq::portal
