#include "portal/api/oidc/provider.h"

#include <algorithm>
#include <fstream>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/base/log.h"
#include "portal/api/transcode/json_body.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

constexpr std::size_t kSecretBytesMax = 4u << 10;

Error Senseless(std::string what) {
  return {ErrorCode::kNetworkException, "the provider of identities: " + std::move(what), 0};
}

// Of an object; empty: there is no such text.
std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<json> ObjectOf(std::string_view text) {
  auto parsed = ParseJson(text);
  auto* object = std::get_if<json>(&parsed);
  if (object == nullptr || !object->is_object()) return std::nullopt;
  return std::move(*object);
}

// As the standard has it, a document that does not say takes the secret as a password.
bool TakesSecretInBodyOnly(const json& document) {
  const auto found = document.find("token_endpoint_auth_methods_supported");
  if (found == document.end() || !found->is_array()) return false;
  const auto has = [&](const char* method) {
    return std::ranges::any_of(*found, [&](const json& one) { return one == method; });
  };
  return has("client_secret_post") && !has("client_secret_basic");
}

// People run into these while they set it up.
std::string RefusalOf(const std::string& body) {
  const auto object = ObjectOf(body);
  const std::string word = object ? TextOf(*object, "error") : "";
  return IsOAuthWord(word) ? word : "no reason given";
}

}  // namespace

Provider::Provider(ProviderOptions options, Web& web, const Clock& clock)
    : options_(std::move(options)), web_(web), clock_(clock) {}

Result<std::string> Provider::Fetch(const std::string& url, const char* what) {
  auto reply = web_.Get({.url = url, .headers = {{"Accept", "application/json"}}});
  if (!reply.ok()) {
    return Error{reply.error().code,
                 fmt::format("the provider's {}: {}", what, reply.error().message), 0};
  }
  if (reply->status != 200) {
    return Senseless(fmt::format("{}: answered {}", what, reply->status));
  }
  return std::move(reply->body);
}

Result<ProviderDocument> ReadProviderDocument(std::string_view text, const std::string& issuer) {
  const auto document = ObjectOf(text);
  if (!document) return Senseless("its document is no JSON object");
  // To the letter, or whoever answers there could speak for another one.
  if (TextOf(*document, "issuer") != issuer) {
    return Senseless("its document is of another issuer than --oidc-issuer says, to the letter");
  }
  ProviderDocument out{.authorization_endpoint = TextOf(*document, "authorization_endpoint"),
                       .token_endpoint = TextOf(*document, "token_endpoint"),
                       .jwks_uri = TextOf(*document, "jwks_uri")};
  for (const std::string* url : {&out.authorization_endpoint, &out.token_endpoint, &out.jwks_uri}) {
    if (!IsSafeUrl(*url)) {
      return Senseless("its document lacks an endpoint, or has one that is not https");
    }
  }
  out.takes_secret_in_body = TakesSecretInBodyOnly(*document);
  const auto tells = document->find("authorization_response_iss_parameter_supported");
  out.tells_issuer_on_return = tells != document->end() && *tells == true;
  return out;
}

Result<ProviderDocument> Provider::FetchDocument() {
  std::string root = options_.issuer;
  while (root.ends_with('/')) root.pop_back();
  LANEMQ_ASSIGN_OR_RETURN(const std::string text,
                          Fetch(root + "/.well-known/openid-configuration", "document"));
  return ReadProviderDocument(text, options_.issuer);
}

Result<ProviderDocument> Provider::Document() {
  MutexLock lock(document_mutex_);
  const MonotonicTime now = clock_.Now();
  if (document_ && now - document_at_ < kKeptFor) return *document_;
  if (document_failure_ && now < document_failure_->until) return document_failure_->error;
  auto document = FetchDocument();
  const MonotonicTime done = clock_.Now();
  if (!document.ok()) {
    document_failure_ = {document.error(), done + kFailurePause};
    return document.error();
  }
  document_ = *std::move(document);
  document_at_ = done;
  return *document_;
}

Result<PublicKeys> Provider::FetchKeys(const std::string& url) {
  LANEMQ_ASSIGN_OR_RETURN(const std::string text, Fetch(url, "keys"));
  LANEMQ_ASSIGN_OR_RETURN(auto keys, ReadPublicKeys(text));
  return std::make_shared<const std::vector<PublicKey>>(std::move(keys));
}

Result<PublicKeys> Provider::Keys(bool is_stale) {
  LANEMQ_ASSIGN_OR_RETURN(const ProviderDocument document, Document());
  MutexLock lock(keys_mutex_);
  const MonotonicTime now = clock_.Now();
  const bool is_fresh = keys_ != nullptr && now - keys_at_ < kKeptFor;
  if (is_fresh && !is_stale) return keys_;
  const bool is_too_soon = keys_asked_at_ && now - *keys_asked_at_ < kKeysPause;
  if (is_fresh && is_too_soon) return keys_;
  if (keys_failure_ && now < keys_failure_->until) return keys_failure_->error;
  keys_asked_at_ = now;
  auto keys = FetchKeys(document.jwks_uri);
  if (!keys.ok()) {
    keys_failure_ = {keys.error(), clock_.Now() + kFailurePause};
    return keys.error();
  }
  LANEMQ_LOG(INFO, "oidc.keys", {"issuer", options_.issuer}, {"keys", (*keys)->size()});
  keys_ = *std::move(keys);
  keys_at_ = now;
  return keys_;
}

Result<std::string> Provider::Secret() const {
  if (options_.client_secret_file.empty()) return std::string();
  return ReadSecretFile(options_.client_secret_file);
}

Result<std::string> Provider::Exchange(const std::string& code, const std::string& verifier) {
  LANEMQ_ASSIGN_OR_RETURN(const ProviderDocument document, Document());
  LANEMQ_ASSIGN_OR_RETURN(const std::string secret, Secret());
  FormFields form{{"grant_type", "authorization_code"},
                  {"code", code},
                  {"redirect_uri", options_.redirect_uri},
                  {"code_verifier", verifier}};
  transfer::HttpPost post{.url = document.token_endpoint,
                          .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                      {"Accept", "application/json"}}};
  if (secret.empty() || document.takes_secret_in_body) {
    form.emplace_back("client_id", options_.client_id);
    if (!secret.empty()) form.emplace_back("client_secret", secret);
  } else {
    post.user = FormEncoded(options_.client_id);
    post.password = FormEncoded(secret);
  }
  post.body = FormText(form);
  auto reply = web_.Post(post);
  if (!reply.ok()) {
    return Error{reply.error().code, "the provider's tokens: " + reply.error().message, 0};
  }
  if (reply->status >= 400 && reply->status < 500) {
    return Error{ErrorCode::kAuthenticationFailed,
                 "the provider does not take the code: " + RefusalOf(reply->body), 0};
  }
  if (reply->status != 200) return Senseless(fmt::format("tokens: answered {}", reply->status));
  const auto body = ObjectOf(reply->body);
  std::string token = body ? TextOf(*body, "id_token") : "";
  if (token.empty()) return Senseless("its answer has no identity token");
  return token;
}

Result<std::string> ReadSecretFile(const std::string& path) {
  const auto fault = [&](const char* what) {
    return Error{ErrorCode::kInvalidConfig, fmt::format("the file '{}' {}", path, what), 0};
  };
  std::ifstream file(path, std::ios::binary);
  if (!file) return fault("cannot be read");
  std::string text(kSecretBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fault("cannot be read");
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (text.size() > kSecretBytesMax) return fault("is too long to hold a secret");
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fault("is empty");
  if (!transfer::IsOneLine(text)) return fault("has more than one line");
  return text;
}

}  // namespace lanemq::portal
