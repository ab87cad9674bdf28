#include "tests/scenarios/runner/xml_element.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headrace::scenarios {

namespace {

constexpr std::array<std::pair<std::string_view, char>, 6> kReferences = {{{"&amp;", '&'},
                                                                           {"&lt;", '<'},
                                                                           {"&gt;", '>'},
                                                                           {"&quot;", '"'},
                                                                           {"&apos;", '\''},
                                                                           {"&#xD;", '\r'}}};

Error broken(std::string_view rest) {
  return Error{ErrorCode::kInvalid,
               "not well-formed XML before: " + std::string(rest.substr(0, 80))};
}

// Takes what stands before `end`, and `end`.
bool take_until(std::string_view& rest, std::string_view end, std::string_view& taken) {
  const std::size_t at = rest.find(end);
  if (at == std::string_view::npos) return false;
  taken = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return true;
}

Status take_text(std::string_view& rest, std::string& out) {
  while (!rest.empty() && rest.front() != '<') {
    if (rest.front() != '&') {
      // A parser folds line ends: a carriage return that is not a reference would be lost.
      if (rest.front() == '\r') return broken(rest);
      out += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    const auto reference = std::find_if(kReferences.begin(), kReferences.end(),
                                        [&](const auto& r) { return rest.starts_with(r.first); });
    if (reference == kReferences.end()) return broken(rest);
    out += reference->second;
    rest.remove_prefix(reference->first.size());
  }
  return {};
}

// What follows '<'.
Status take_element(std::string_view& rest, XmlElement& element) {
  std::string_view tag;
  if (!take_until(rest, ">", tag)) return broken(rest);
  const bool is_empty = tag.ends_with('/');
  if (is_empty) tag.remove_suffix(1);
  element.name = tag.substr(0, tag.find(' '));
  if (is_empty) return {};
  while (true) {
    if (const Status text = take_text(rest, element.text); !text) return text;
    if (rest.starts_with("</")) break;
    if (rest.empty()) return broken(rest);
    rest.remove_prefix(1);
    if (const Status child = take_element(rest, element.children.emplace_back()); !child) {
      return child;
    }
  }
  const std::string end = "</" + element.name + ">";
  if (!rest.starts_with(end)) return broken(rest);
  rest.remove_prefix(end.size());
  return {};
}

}  // namespace

const XmlElement& XmlElement::child(std::string_view child_name) const {
  static const XmlElement none;
  const auto found = std::find_if(children.begin(), children.end(),
                                  [child_name](const auto& c) { return c.name == child_name; });
  return found == children.end() ? none : *found;
}

Result<XmlElement> parse_xml(std::string_view document) {
  constexpr std::string_view kDeclaration = "<?xml version=\"1.0\"?><";
  if (!document.starts_with(kDeclaration)) return broken(document);
  document.remove_prefix(kDeclaration.size());
  XmlElement root;
  if (const Status status = take_element(document, root); !status) return status.error();
  if (!document.empty()) return broken(document);
  return root;
}

}  // namespace headrace::scenarios
