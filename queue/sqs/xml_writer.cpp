#include "queue/sqs/xml_writer.hpp"

#include <algorithm>

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// U+FFFE and U+FFFF, as UTF-8.
bool is_noncharacter(std::string_view text) {
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

// What stands for the character at the start of `text`; empty when it stands for itself.
std::string_view stand_in(std::string_view text) {
  switch (text.front()) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\r': return "&#xD;";
    case '\t':
    case '\n': return {};
    case '\xEF': return is_noncharacter(text) ? kReplacement : std::string_view();
    default: return static_cast<unsigned char>(text.front()) < 0x20 ? kReplacement : "";
  }
}

// False for the bytes that always stand for themselves.
bool may_need_stand_in(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '&' || c == '<' || c == '>' || c == '"' ||
         c == '\xEF';
}

}  // namespace

void xml_append_text(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto stop = std::find_if(text.begin(), text.end(), may_need_stand_in);
    const auto plain = static_cast<std::size_t>(stop - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::string_view other = stand_in(text);
    if (other.empty()) {
      out += text.front();
    } else {
      out += other;
    }
    text.remove_prefix(is_noncharacter(text) ? 3 : 1);
  }
}

XmlWriter& XmlWriter::begin_document(std::string_view root, std::string_view name_space) {
  out_.append("<?xml version=\"1.0\"?><").append(root);
  out_.append(" xmlns=\"").append(name_space).append("\">");
  content_ = out_.size();
  return *this;
}

XmlWriter& XmlWriter::begin(std::string_view name) {
  out_.append("<").append(name).append(">");
  content_ = out_.size();
  return *this;
}

XmlWriter& XmlWriter::end(std::string_view name) {
  if (out_.size() == content_) {
    out_.insert(out_.size() - 1, 1, '/');
  } else {
    out_.append("</").append(name).append(">");
  }
  return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::string_view text) {
  begin(name);
  xml_append_text(out_, text);
  return end(name);
}

}  // namespace headrace::queue::sqs
