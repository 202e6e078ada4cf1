#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "portal/api/oidc/jws.h"
#include "portal/api/oidc/web.h"

namespace lanemq::portal {

struct ProviderOptions {
  std::string issuer;  ///< As its tokens say it; its documents are found below it. See IsSafeUrl().
  std::string client_id;
  std::string client_secret_file;  ///< Read for each sign-in. Empty: the client has no secret.
  std::string redirect_uri;
};

/// What the provider says of itself.
struct ProviderDocument {
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
  bool takes_secret_in_body = false;    ///< And not as the user's password, which is usual.
  bool tells_issuer_on_return = false;  ///< RFC 9207: its answers without `iss` are not its own.
};

using PublicKeys = std::shared_ptr<const std::vector<PublicKey>>;

/// A provider of identities. Its document and keys are kept for kKeptFor, which is how long a key
/// that it has withdrawn goes on being believed.
///
/// Errors, but where it says otherwise: kNetworkException (also for answers that make no sense),
/// kRequestTimedOut, kShuttingDown. Messages hold no secret, no code and no token.
/// Thread safety: every method from any thread; they block, for a few seconds at most.
class Provider {
 public:
  static constexpr std::chrono::minutes kKeptFor{60};
  /// Keys are asked for again no sooner, however many tokens name keys that are not known.
  static constexpr std::chrono::seconds kKeysPause{60};
  /// After the document, or the keys, could not be had: as long, whoever needs them is refused at
  /// once with the same error, and does not wait for a provider that does not answer.
  static constexpr std::chrono::seconds kFailurePause{2};

  Provider(ProviderOptions options, Web& web, const Clock& clock);

  Result<ProviderDocument> Document();
  /// `is_stale`: those of the last call were not enough; asks again, at most once in kKeysPause.
  Result<PublicKeys> Keys(bool is_stale);
  /// The identity token for a code. kAuthenticationFailed: the provider does not take the code.
  /// kInvalidConfig: the file of the secret.
  Result<std::string> Exchange(const std::string& code, const std::string& verifier);

 private:
  /// What did not work, and until when it is not tried again.
  struct Failure {
    Error error;
    MonotonicTime until;
  };

  Result<ProviderDocument> FetchDocument();
  Result<PublicKeys> FetchKeys(const std::string& url);
  Result<std::string> Fetch(const std::string& url, const char* what);
  Result<std::string> Secret() const;

  const ProviderOptions options_;
  Web& web_;
  const Clock& clock_;
  // Held while one of them is fetched: the others want the same.
  Mutex document_mutex_;
  std::optional<ProviderDocument> document_ LANEMQ_GUARDED_BY(document_mutex_);
  MonotonicTime document_at_ LANEMQ_GUARDED_BY(document_mutex_);
  std::optional<Failure> document_failure_ LANEMQ_GUARDED_BY(document_mutex_);
  Mutex keys_mutex_;
  PublicKeys keys_ LANEMQ_GUARDED_BY(keys_mutex_);
  MonotonicTime keys_at_ LANEMQ_GUARDED_BY(keys_mutex_);
  std::optional<MonotonicTime> keys_asked_at_ LANEMQ_GUARDED_BY(keys_mutex_);
  std::optional<Failure> keys_failure_ LANEMQ_GUARDED_BY(keys_mutex_);
};

/// What the document at ISSUER/.well-known/openid-configuration says. kNetworkException: it is of
/// another issuer, lacks something, or names places that are not safe.
[[nodiscard]] Result<ProviderDocument> ReadProviderDocument(std::string_view text,
                                                            const std::string& issuer);

/// The one line of a file with a secret. kInvalidConfig says what is wrong with the file, never
/// what is in it.
[[nodiscard]] Result<std::string> ReadSecretFile(const std::string& path);

}  // namespace lanemq::portal
