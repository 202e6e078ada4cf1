#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/base/sealed.h"
#include "portal/api/oidc/flow.h"
#include "portal/api/oidc/provider.h"

namespace lanemq::portal {

/// Where the provider sends browsers back to, behind the gateway's public URL.
inline constexpr std::string_view kOidcCallbackPath = "/api/v1/auth/oidc/callback";

struct OidcOptions {
  ProviderOptions provider;
  std::string scopes = "openid";  ///< Between blanks; "openid" is one of them.
  /// From the start to the return; the cookie and the numbers in it end then.
  std::chrono::seconds flow_lifetime = std::chrono::minutes(10);
  /// Sign-ins that talk to the provider at once; one more is kQueueFull. Each holds one of the
  /// gateway's threads, and a slow provider shall not have all of them.
  std::size_t at_work_max = 4;
  /// Returns that are remembered so that none is used twice; the oldest is forgotten.
  std::size_t returns_max = 10'000;
};

/// Signing in with a provider of identities: OpenID Connect, authorization code with PKCE.
///
/// A return is used once, by this gateway; another one with the same key would ask the provider,
/// who takes a code once. Thread safety: every method from any thread; they block.
class OidcSignIn {
 public:
  OidcSignIn(OidcOptions options, SealingKeys keys, Web& web, const Clock& clock);

  struct Started {
    std::string location;  ///< Where the browser is sent: the provider.
    std::string cookie;    ///< Brought back by the browser.
    std::chrono::seconds lifetime;
  };
  /// `return_to`: see IsLocalPath(); kInvalidRequest when it is another place. Others as Provider.
  Result<Started> Start(std::string_view return_to);

  struct Proof {
    std::string subject;    ///< SubjectText().
    std::string return_to;  ///< IsLocalPath().
  };
  using Query = std::vector<std::pair<std::string, std::string>>;
  /// The sign-in that the browser has under way and that `query` is the answer to; asks nobody and
  /// uses nothing up. kAuthenticationFailed: there is none, or it is the answer to another one.
  [[nodiscard]] Result<SignInFlow> FlowOf(std::string_view cookie, const Query& query) const;
  /// What the browser brought back to its FlowOf(). kQueueFull: not now, it may come again. After
  /// anything else it is used. kAuthenticationFailed: it proves nothing, and why, without anything
  /// secret; the sign-in has to be started again. Others as Provider.
  Result<Proof> Finish(SignInFlow flow, const Query& query);

 private:
  Status UseOnce(const std::string& state);
  Result<std::string> Sub(const std::string& code, const SignInFlow& flow);

  const OidcOptions options_;
  const SealingKeys keys_;
  const Clock& clock_;
  Provider provider_;
  std::atomic<std::size_t> at_work_ = 0;
  Mutex mutex_;
  std::list<std::string> used_ LANEMQ_GUARDED_BY(mutex_);  // The oldest first.
  std::unordered_set<std::string> used_states_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::portal
