#include "runtime/config_tree.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/codec.hpp"

namespace headrace::runtime {

namespace {

// Builds the tree from yaml-cpp's events. Events, not yaml-cpp's nodes: a node has lost duplicate
// keys, tags and whether an alias stood there.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::vector<ConfigProblem>& errors) : errors_(errors) {}

  std::optional<ConfigNode> take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_decoration(mark, "?", anchor);
    add(node_at(mark, ConfigNode::Kind::kNothing));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "aliases (*name) are not supported");
    add(node_at(mark, ConfigNode::Kind::kNothing));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_decoration(mark, tag, anchor);
    ConfigNode node = node_at(mark, ConfigNode::Kind::kText);
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_decoration(mark, tag, anchor);
    open(node_at(mark, ConfigNode::Kind::kList));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_decoration(mark, tag, anchor);
    open(node_at(mark, ConfigNode::Kind::kMapping));
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or mapping that is still open; for a mapping also the key whose value comes next.
  struct Open {
    ConfigNode node;
    std::optional<ConfigNode> key;
    std::map<std::string, int, std::less<>> key_lines;
  };

  static ConfigNode node_at(const YAML::Mark& mark, ConfigNode::Kind kind) {
    ConfigNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void refuse(const YAML::Mark& mark, std::string text) {
    errors_.push_back({mark.line + 1, mark.column + 1, path(), std::move(text)});
  }

  // yaml-cpp gives "?" to what has no tag, "!" to what is quoted.
  void refuse_decoration(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (too_deep_ > 0) return;
    if (anchor != 0) refuse(mark, "anchors (&name) are not supported");
    if (tag != "?" && tag != "!" && !tag.empty()) refuse(mark, "tags (!name) are not supported");
  }

  std::string path() const {
    std::string text;
    for (const Open& open : open_) {
      if (open.node.kind == ConfigNode::Kind::kList) {
        text += "[" + std::to_string(open.node.children.size()) + "]";
      } else if (open.key && !open.key->text.empty()) {
        if (!text.empty()) text += ".";
        text += open.key->text;
      }
    }
    return text;
  }

  void open(ConfigNode node) {
    if (too_deep_ > 0 || open_.size() == kConfigDepthMax) {
      if (too_deep_++ == 0) {
        errors_.push_back({node.line, node.column, path(),
                           "expected at most " + std::to_string(kConfigDepthMax) + " levels"});
      }
      return;
    }
    open_.push_back({std::move(node), std::nullopt, {}});
  }

  void close() {
    if (too_deep_ > 0) {
      if (--too_deep_ == 0) add(ConfigNode{});
      return;
    }
    ConfigNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(ConfigNode node) {
    if (too_deep_ > 0) return;
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.children.size() == kConfigEntriesMax && !open_.back().key) {
      refuse_entry(node);
    } else if (open_.back().node.kind == ConfigNode::Kind::kList) {
      open_.back().node.children.push_back(std::move(node));
    } else if (!open_.back().key) {
      add_key(std::move(node));
    } else {
      add_value(std::move(node));
    }
  }

  // Adds the error once, whatever follows.
  void refuse_entry(const ConfigNode& node) {
    if (std::exchange(too_many_, true)) return;
    errors_.push_back({node.line, node.column, path(),
                       "expected at most " + std::to_string(kConfigEntriesMax) + " entries"});
  }

  void add_key(ConfigNode key) {
    const auto [first, is_new] = open_.back().key_lines.emplace(key.text, key.line);
    std::string problem;
    if (key.kind != ConfigNode::Kind::kText) {
      problem = "expected a text as key";
    } else if (key.text == "<<") {
      problem = "merge keys (<<) are not supported";
    } else if (!is_new) {
      problem = "is given twice, first on line " + std::to_string(first->second);
    }
    const int line = key.line;
    const int column = key.column;
    if (!problem.empty()) key.kind = ConfigNode::Kind::kNothing;  // its value is left out
    open_.back().key = std::move(key);
    if (!problem.empty()) errors_.push_back({line, column, path(), std::move(problem)});
  }

  void add_value(ConfigNode value) {
    Open& mapping = open_.back();
    const ConfigNode key = *std::exchange(mapping.key, std::nullopt);
    if (key.kind == ConfigNode::Kind::kNothing) return;
    value.key = key.text;
    value.key_line = key.line;
    value.key_column = key.column;
    if (value.kind == ConfigNode::Kind::kNothing) {
      // yaml-cpp places an absent value at the next thing in the file.
      value.line = key.line;
      value.column = key.column;
    }
    mapping.node.children.push_back(std::move(value));
  }

  std::vector<ConfigProblem>& errors_;
  std::optional<ConfigNode> root_;
  std::vector<Open> open_;
  bool too_many_ = false;
  std::size_t too_deep_ = 0;  // lists and mappings open beyond the limit
};

// Refuses what yaml-cpp would misread.
bool readable(const std::string& text, std::vector<ConfigProblem>& errors) {
  std::string problem;
  if (text.size() > kConfigBytesMax) {
    problem = "expected at most " + std::to_string(kConfigBytesMax) + " bytes";
  } else if (!valid_utf8(text) || text.find('\0') != std::string::npos) {
    problem = "expected UTF-8 text";
  }
  if (!problem.empty()) errors.push_back({0, 0, "", std::move(problem)});
  return errors.empty();
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view member) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [member](const ConfigNode& node) { return node.key == member; });
  return kind == Kind::kMapping && found != children.end() ? &*found : nullptr;
}

std::optional<ConfigNode> parse_config_tree(const std::string& text,
                                            std::vector<ConfigProblem>& errors) {
  if (!readable(text, errors)) return std::nullopt;
  TreeBuilder first(errors);
  std::istringstream input(text);
  try {
    YAML::Parser parser(input);
    parser.HandleNextDocument(first);
    std::vector<ConfigProblem> unread;
    TreeBuilder second(unread);
    if (parser.HandleNextDocument(second)) {
      errors.push_back({0, 0, "", "expected one YAML document, got several"});
    }
  } catch (const YAML::Exception& error) {
    errors.push_back({error.mark.line + 1, error.mark.column + 1, "", "is not YAML: " + error.msg});
  }
  return first.take_root();
}

}  // namespace headrace::runtime
