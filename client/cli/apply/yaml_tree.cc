#include "client/cli/apply/yaml_tree.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <fmt/format.h>

#include "common/base/utf8.h"

namespace lanemq::cli {
namespace {

constexpr std::string_view kMergeKey = "<<";

std::size_t NodesOf(const YamlNode& node) {
  std::size_t count = 1;
  for (const YamlNode& item : node.items) count += NodesOf(item);
  for (const YamlEntry& entry : node.entries) count += 1 + NodesOf(entry.value);
  return count;
}

/// Makes the tree of what the parser finds. After the first fault it takes no notice of the rest:
/// nothing is thrown through the parser.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const YamlLimits& limits) : limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {
    frames_.clear();
    anchors_.clear();
    root_.reset();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(Made(YamlNode::Kind::kNull, mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = Made(YamlNode::Kind::kScalar, mark);
    node.text = value;
    Add(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (fault_) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return Fail(LineOf(mark), "an alias within what it stands for");
    if (!Count(found->second.nodes, LineOf(mark))) return;
    Place(YamlNode(found->second.node), YAML::NullAnchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(Made(YamlNode::Kind::kList, mark), anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(Made(YamlNode::Kind::kMap, mark), anchor);
  }
  void OnMapEnd() override { Close(); }

  struct Fault {
    int line = 0;
    std::string what;
  };
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
  [[nodiscard]] std::optional<YamlNode> TakeRoot() { return std::exchange(root_, std::nullopt); }

 private:
  /// A list or map that has not ended.
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::optional<YamlEntry> key;  ///< Its value comes next.
  };
  struct Anchored {
    YamlNode node;
    std::size_t nodes = 0;
  };

  static int LineOf(const YAML::Mark& mark) { return mark.line + 1; }
  static YamlNode Made(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.line = LineOf(mark);
    return node;
  }

  void Fail(int line, std::string what) {
    if (!fault_) fault_ = Fault{line, std::move(what)};
  }
  bool Count(std::size_t nodes, int line) {
    nodes_ += nodes;
    if (nodes_ <= limits_.nodes_max) return true;
    Fail(line, fmt::format("more than {} values in one file, counting aliases as what they stand "
                           "for; split it into several",
                           limits_.nodes_max));
    return false;
  }
  void Add(YamlNode node, YAML::anchor_t anchor) {
    if (fault_ || !Count(1, node.line)) return;
    Place(std::move(node), anchor);
  }
  void Open(YamlNode node, YAML::anchor_t anchor) {
    if (fault_ || !Count(1, node.line)) return;
    if (frames_.size() >= limits_.depth_max) {
      return Fail(node.line,
                  fmt::format("lists and maps are more than {} deep", limits_.depth_max));
    }
    frames_.push_back({std::move(node), anchor, {}});
  }
  void Close() {
    if (fault_ || frames_.empty()) return;
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.node.kind == YamlNode::Kind::kMap && !Merge(frame.node)) return;
    Place(std::move(frame.node), frame.anchor);
  }

  /// Where the next value belongs: into what is open, or at the root.
  void Place(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      const std::size_t nodes = NodesOf(node);
      if (!Count(nodes, node.line)) return;
      anchors_[anchor] = {node, nodes};
    }
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == YamlNode::Kind::kList) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.key) {
      frame.key->value = std::move(node);
      frame.node.entries.push_back(*std::exchange(frame.key, std::nullopt));
    } else if (node.kind == YamlNode::Kind::kScalar && !node.text.empty()) {
      frame.key = YamlEntry{std::move(node.text), node.line, {}};
    } else {
      Fail(node.line, "a key that is no text");
    }
  }

  /// Puts what `<<` names behind the map's own entries, which win. False: a fault.
  bool Merge(YamlNode& map) {
    std::vector<YamlNode> sources;
    std::unordered_map<std::string_view, int> lines;
    for (YamlEntry& entry : map.entries) {
      if (entry.key != kMergeKey) continue;
      if (entry.value.kind == YamlNode::Kind::kList) {
        std::ranges::move(entry.value.items, std::back_inserter(sources));
      } else {
        sources.push_back(std::move(entry.value));
      }
    }
    std::erase_if(map.entries, [](const YamlEntry& entry) { return entry.key == kMergeKey; });
    for (const YamlEntry& entry : map.entries) {
      const auto [at, is_new] = lines.emplace(entry.key, entry.line);
      if (is_new) continue;
      Fail(entry.line, fmt::format("'{}' is there twice, first in line {}", entry.key, at->second));
      return false;
    }
    std::unordered_set<std::string> keys;
    if (!sources.empty()) {
      for (const YamlEntry& entry : map.entries) keys.insert(entry.key);
    }
    for (YamlNode& source : sources) {
      if (source.kind != YamlNode::Kind::kMap) {
        Fail(source.line, "'<<' takes a map, or a list of maps");
        return false;
      }
      for (YamlEntry& entry : source.entries) {
        if (keys.insert(entry.key).second) map.entries.push_back(std::move(entry));
      }
    }
    return true;
  }

  const YamlLimits& limits_;
  std::size_t nodes_ = 0;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::optional<YamlNode> root_;
  std::optional<Fault> fault_;
};

Error Bad(std::string_view file, int line, std::string_view what) {
  const std::string place = line > 0 ? fmt::format("{}:{}", file, line) : std::string(file);
  return {ErrorCode::kInvalidRequest, fmt::format("{}: {}", place, what)};
}

}  // namespace

Result<std::vector<YamlNode>> ParseYaml(std::string_view text, std::string_view file,
                                        const YamlLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return Bad(file, 0, fmt::format("more than {} bytes", limits.bytes_max));
  }
  if (!IsUtf8(text)) return Bad(file, 0, "not UTF-8");
  std::vector<YamlNode> documents;
  try {  // The library says by an exception what is no YAML; it ends here.
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(limits);
    while (parser.HandleNextDocument(builder)) {
      if (builder.fault()) return Bad(file, builder.fault()->line, builder.fault()->what);
      auto root = builder.TakeRoot();
      if (root && root->kind != YamlNode::Kind::kNull) documents.push_back(*std::move(root));
    }
  } catch (const YAML::Exception& exception) {
    return Bad(file, exception.mark.is_null() ? 0 : exception.mark.line + 1,
               "not YAML: " + exception.msg);
  }
  return documents;
}

}  // namespace lanemq::cli
