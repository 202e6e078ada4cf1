#include "portal/api/transcode/json_body.h"

#include <cstdint>
#include <optional>
#include <unordered_set>

namespace lanemq::portal {
namespace {

using nlohmann::json;

// Builds the document, and stops at the first thing that is not allowed. `nlohmann::json` alone
// would take the last of two members of one name, and any depth.
class StrictReader final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return Add(json(nullptr)); }
  bool boolean(bool value) override { return Add(json(value)); }
  bool number_integer(std::int64_t value) override { return Add(json(value)); }
  bool number_unsigned(std::uint64_t value) override { return Add(json(value)); }
  bool number_float(double value, const std::string& /*text*/) override { return Add(json(value)); }
  bool string(std::string& value) override { return Add(json(std::move(value))); }
  bool binary(json::binary_t& /*value*/) override { return Refuse("bytes are not JSON"); }
  bool start_object(std::size_t /*size*/) override { return Open(json::object()); }
  bool start_array(std::size_t /*size*/) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(std::string& name) override {
    json& object = *open_.back();
    if (object.contains(name))
      return Refuse("the member '" + name.substr(0, 64) + "' stands twice");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    // The library's text quotes what it found, which may be a secret.
    return Refuse("is no JSON, from byte " + std::to_string(position) + " on");
  }

  [[nodiscard]] const std::optional<std::string>& refusal() const { return refusal_; }
  json TakeRoot() { return std::move(root_); }

 private:
  bool Refuse(std::string why) {
    if (!refusal_) refusal_ = std::move(why);
    return false;
  }

  bool Add(json value) { return Place(std::move(value)) != nullptr; }

  json* Place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.size() >= kJsonElementsMax) {
      Refuse("an array or object has more than " + std::to_string(kJsonElementsMax) + " elements");
      return nullptr;
    }
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }

  bool Open(json container) {
    if (open_.size() >= static_cast<std::size_t>(kJsonDepthMax)) {
      return Refuse("is nested deeper than " + std::to_string(kJsonDepthMax));
    }
    // An element's address stays while its parent is not added to, and that waits until it is
    // closed.
    json* const placed = Place(std::move(container));
    if (placed == nullptr) return false;
    open_.push_back(placed);
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  json root_;
  std::vector<json*> open_;
  std::string key_;
  std::optional<std::string> refusal_;
};

}  // namespace

std::variant<json, Fault> ParseJson(std::string_view text) {
  StrictReader reader;
  const bool is_good = json::sax_parse(text.begin(), text.end(), &reader);
  if (!is_good) return Fault{"", "the body " + reader.refusal().value_or("is no JSON")};
  return reader.TakeRoot();
}

std::string PointerToken(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace lanemq::portal
