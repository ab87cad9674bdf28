// XmlElement: the tree of a small XML document, as SQS answers: elements and texts, one attribute
// at most, no comments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace headrace::scenarios {

struct XmlElement {
  std::string name;
  std::string text;  // of this element alone, decoded
  std::vector<XmlElement> children;

  // The first child of that name; an empty element when there is none.
  const XmlElement& child(std::string_view child_name) const;
};

// Fails on what is not well-formed.
Result<XmlElement> parse_xml(std::string_view document);

}  // namespace headrace::scenarios
