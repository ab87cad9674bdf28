// Appends XML to a string: no tree, no attributes. The caller writes in order, and ends what it
// begins.
#pragma once

#include <string>
#include <string_view>

namespace headrace::queue::sqs {

inline constexpr std::string_view kQueryNamespace = "http://queue.amazonaws.com/doc/2012-11-05/";

// Appends `text`, which must be valid UTF-8, as the content of an element. A carriage return is
// written as a reference, as AWS does: a parser would make it a line feed, and the digest of a body
// would no longer fit. Characters XML 1.0 cannot carry at all (section 2.2 there) become U+FFFD.
void xml_append_text(std::string& out, std::string_view text);

class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}

  XmlWriter& begin_document(std::string_view root, std::string_view name_space);
  XmlWriter& begin(std::string_view name);
  XmlWriter& end(std::string_view name);  // an element without content is written <name/>
  XmlWriter& element(std::string_view name, std::string_view text);

 private:
  std::string& out_;
  std::size_t content_ = 0;  // where the content of the last begun element starts
};

}  // namespace headrace::queue::sqs
