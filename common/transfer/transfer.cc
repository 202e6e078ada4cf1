// The one place that knows libcurl.
#include "common/transfer/transfer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <curl/curl.h>
#include <memory>
#include <string_view>
#include <utility>

namespace lanemq::transfer {
namespace {

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;

/// Strings for libcurl, which copies them.
class List {
 public:
  void Add(const std::string& text) {
    if (curl_slist* longer = curl_slist_append(list_.get(), text.c_str()); longer != nullptr) {
      static_cast<void>(list_.release());  // The new head owns the rest.
      list_.reset(longer);
    }
  }
  [[nodiscard]] curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, FreeList> list_;
};

/// What the callbacks of one transfer work on.
struct Exchange {
  const TransferSettings& settings;
  std::string reply;
  bool is_cut = false;
  std::string_view upload;  ///< What is left to send, of mail.
  std::string last_line;    ///< The server's, of SMTP.
  std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t OnReply(const char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t bytes = size * count;
  const std::size_t room = exchange.settings.reply_bytes_max - exchange.reply.size();
  exchange.reply.append(data, std::min(bytes, room));
  if (bytes <= room) return bytes;
  exchange.is_cut = true;
  return 0;  // Ends the transfer.
}

std::size_t OnUpload(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t bytes = std::min(size * count, exchange.upload.size());
  std::memcpy(data, exchange.upload.data(), bytes);
  exchange.upload.remove_prefix(bytes);
  return bytes;
}

/// Of SMTP each line of the server's is a "header".
std::size_t OnLine(const char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  std::string_view line(data, size * count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  exchange.last_line = line.substr(0, 512);
  return size * count;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& exchange = *static_cast<const Exchange*>(user);
  const std::atomic<bool>* is_stopping = exchange.settings.is_stopping;
  return is_stopping != nullptr && *is_stopping ? 1 : 0;
}

Handle MakeHandle() {
  // Before other threads use the library; thread-safe as a static is.
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return Handle(is_ready ? curl_easy_init() : nullptr);
}

template <typename T>
bool Set(const Handle& handle, CURLoption option, T value) {
  return curl_easy_setopt(handle.get(), option, value) == CURLE_OK;
}

/// False when the library lacks something: then nothing may be sent.
bool SetCommon(const Handle& handle, Exchange& exchange, const std::string& url,
               const char* protocols) {
  const TransferSettings& settings = exchange.settings;
  bool ok = Set(handle, CURLOPT_URL, url.c_str());
  ok = ok && Set(handle, CURLOPT_PROTOCOLS_STR, protocols);
  ok = ok && Set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  ok = ok && Set(handle, CURLOPT_NOSIGNAL, 1L);
  ok = ok && Set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(settings.timeout.count()));
  ok = ok &&
       Set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
  // Also when empty: proxies in the environment are nobody's decision.
  ok = ok && Set(handle, CURLOPT_PROXY, settings.proxy.c_str());
  if (!settings.ca_file.empty()) {
    ok = ok && Set(handle, CURLOPT_CAINFO, settings.ca_file.c_str());
  }
  ok = ok && Set(handle, CURLOPT_ERRORBUFFER, exchange.error.data());
  ok = ok && Set(handle, CURLOPT_WRITEFUNCTION, &OnReply);
  ok = ok && Set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  ok = ok && Set(handle, CURLOPT_NOPROGRESS, 0L);
  ok = ok && Set(handle, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  return ok && Set(handle, CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
}

Error Failure(CURLcode code, const Exchange& exchange) {
  if (code == CURLE_ABORTED_BY_CALLBACK) return {ErrorCode::kShuttingDown, "this server stops"};
  if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT) {
    return {ErrorCode::kInvalidRequest, curl_easy_strerror(code)};
  }
  std::string text = exchange.error[0] != '\0' ? exchange.error.data() : curl_easy_strerror(code);
  if (code == CURLE_OPERATION_TIMEDOUT) return {ErrorCode::kRequestTimedOut, std::move(text)};
  if (!exchange.last_line.empty()) text += "; the server's last line: " + exchange.last_line;
  return {ErrorCode::kNetworkException, std::move(text)};
}

Error NoLibrary() { return {ErrorCode::kUnknownServerError, "libcurl refuses to work"}; }
Error NotOneLine(const char* what) {
  return {ErrorCode::kInvalidRequest, std::string(what) + " has characters that it may not have"};
}

/// What stands between angle brackets.
bool IsAddress(std::string_view text) {
  return IsOneLine(text) && text.find_first_of("<> ") == std::string_view::npos;
}

Status AddHeaders(const std::vector<std::pair<std::string, std::string>>& headers, List& list) {
  for (const auto& [name, value] : headers) {
    if (!IsOneLine(name) || !IsOneLine(value)) return NotOneLine("a header");
    list.Add(name + ": " + value);
  }
  return {};
}

Result<HttpReply> Perform(const Handle& handle, Exchange& exchange) {
  if (!Set(handle, CURLOPT_USERAGENT, "lanemq")) return NoLibrary();
  const CURLcode code = curl_easy_perform(handle.get());
  // A reply that is too long has told its status.
  if (code != CURLE_OK && !exchange.is_cut) return Failure(code, exchange);
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  return HttpReply{static_cast<int>(status), std::move(exchange.reply)};
}

}  // namespace

bool IsOneLine(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

Result<HttpReply> Post(const HttpPost& post, const TransferSettings& settings) {
  if (!IsOneLine(post.url)) return NotOneLine("the URL");
  List headers;
  headers.Add("Expect:");  // No waiting for leave to send the body.
  LANEMQ_RETURN_IF_ERROR(AddHeaders(post.headers, headers));
  if (!IsOneLine(post.bearer)) return NotOneLine("the token");
  if (!post.bearer.empty()) headers.Add("Authorization: Bearer " + post.bearer);
  Exchange exchange{.settings = settings};  // Outlives the handle, whose end may still talk.
  const Handle handle = MakeHandle();
  if (handle == nullptr) return NoLibrary();
  bool ok = SetCommon(handle, exchange, post.url, "http,https");
  ok = ok && Set(handle, CURLOPT_POST, 1L);
  ok = ok && Set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  ok = ok && Set(handle, CURLOPT_POSTFIELDS, post.body.c_str());
  ok = ok && Set(handle, CURLOPT_HTTPHEADER, headers.get());
  if (!post.user.empty()) {
    ok = ok && Set(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    ok = ok && Set(handle, CURLOPT_USERNAME, post.user.c_str());
    ok = ok && Set(handle, CURLOPT_PASSWORD, post.password.c_str());
  }
  if (!ok) return NoLibrary();
  return Perform(handle, exchange);
}

Result<HttpReply> Get(const HttpGet& get, const TransferSettings& settings) {
  if (!IsOneLine(get.url)) return NotOneLine("the URL");
  List headers;
  LANEMQ_RETURN_IF_ERROR(AddHeaders(get.headers, headers));
  Exchange exchange{.settings = settings};
  const Handle handle = MakeHandle();
  if (handle == nullptr) return NoLibrary();
  bool ok = SetCommon(handle, exchange, get.url, "http,https");
  ok = ok && Set(handle, CURLOPT_HTTPGET, 1L);
  ok = ok && Set(handle, CURLOPT_HTTPHEADER, headers.get());
  if (!ok) return NoLibrary();
  LANEMQ_ASSIGN_OR_RETURN(HttpReply reply, Perform(handle, exchange));
  if (exchange.is_cut) return Error{ErrorCode::kNetworkException, "the reply is too long"};
  return reply;
}

Result<std::string> Submit(const MailSubmission& mail, const TransferSettings& settings) {
  if (!IsOneLine(mail.url)) return NotOneLine("the URL");
  if (!IsAddress(mail.sender)) return NotOneLine("the sender");
  List recipients;
  for (const std::string& recipient : mail.recipients) {
    if (!IsAddress(recipient)) return NotOneLine("a recipient");
    recipients.Add("<" + recipient + ">");
  }
  TransferSettings direct = settings;
  direct.proxy.clear();  // Proxies of HTTP do not carry mail.
  Exchange exchange{.settings = direct, .upload = mail.message};
  const std::string sender = "<" + mail.sender + ">";
  const Handle handle = MakeHandle();
  if (handle == nullptr) return NoLibrary();
  bool ok = SetCommon(handle, exchange, mail.url, "smtp,smtps");
  // A password is never sent in clear.
  ok = ok && Set(handle, CURLOPT_USE_SSL,
                 static_cast<long>(mail.password.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  if (!mail.user.empty()) {
    ok = ok && Set(handle, CURLOPT_USERNAME, mail.user.c_str());
    ok = ok && Set(handle, CURLOPT_PASSWORD, mail.password.c_str());
  }
  ok = ok && Set(handle, CURLOPT_MAIL_FROM, sender.c_str());
  ok = ok && Set(handle, CURLOPT_MAIL_RCPT, recipients.get());
  ok = ok && Set(handle, CURLOPT_UPLOAD, 1L);
  ok = ok && Set(handle, CURLOPT_READFUNCTION, &OnUpload);
  ok = ok && Set(handle, CURLOPT_READDATA, static_cast<void*>(&exchange));
  ok = ok && Set(handle, CURLOPT_HEADERFUNCTION, &OnLine);
  ok = ok && Set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  if (!ok) return NoLibrary();
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return Failure(code, exchange);
  return exchange.last_line;
}

}  // namespace lanemq::transfer
