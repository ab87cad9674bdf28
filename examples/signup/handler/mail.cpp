#include "examples/signup/handler/mail.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <stdexcept>

namespace signup {
namespace {

constexpr std::size_t kLongestName = 200;         // bytes
constexpr std::size_t kLongestAddress = 254;      // RFC 5321 4.5.3.1.3, without the angle brackets
constexpr std::size_t kLongestLocalPart = 64;     // RFC 5321 4.5.3.1.1
constexpr std::size_t kLongestLabel = 63;         // RFC 1035 2.3.4
constexpr std::size_t kLongestId = 64;            // a UUID has 36
constexpr std::size_t kBytesPerEncodedWord = 45;  // 60 of the 75 characters of RFC 2047 2
constexpr std::size_t kBytesPerEncodedLine = 57;  // 76 characters, RFC 2045 6.8
constexpr std::string_view kAtomSymbols = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322 3.2.3

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atom_character(char c) {
  return is_alphanumeric(c) || kAtomSymbols.find(c) != std::string_view::npos;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Whether text is one or more non-empty parts with dots between, each of which passes.
template <class Check>
bool is_dotted(std::string_view text, Check passes) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!passes(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_atom(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_atom_character);
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || c == '-';
         });
}

void check_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  const bool valid = address.size() <= kLongestAddress && at != std::string_view::npos &&
                     at <= kLongestLocalPart && is_dotted(address.substr(0, at), is_atom) &&
                     is_dotted(address.substr(at + 1), is_label);
  if (!valid) throw std::invalid_argument("not an email address");
}

void check_name(std::string_view name) {
  if (name.empty()) throw std::invalid_argument("the name is empty");
  if (name.size() > kLongestName) throw std::invalid_argument("the name is too long");
  if (std::any_of(name.begin(), name.end(), is_control)) {
    throw std::invalid_argument("a control character in the name");
  }
}

void check_id(std::string_view id) {
  const bool valid =
      !id.empty() && id.size() <= kLongestId &&
      std::all_of(id.begin(), id.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
  if (!valid) throw std::invalid_argument("not the id of a message");
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = (bits << 8) | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0U);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text += digit <= group.size() ? kDigits[(bits >> (18 - 6 * digit)) & 63] : '=';
    }
  }
  return text;
}

// RFC 2047: words of whole characters, each on its own line.
std::string encoded_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    std::size_t length = std::min(text.size(), kBytesPerEncodedWord);
    while (length > 1 && length < text.size() && continues_character(text[length])) --length;
    if (!words.empty()) words += "\r\n ";
    words += "=?UTF-8?B?" + base64(text.substr(0, length)) + "?=";
    text.remove_prefix(length);
  }
  return words;
}

// As it is when it needs no quoting in any header, else encoded.
std::string header_text(std::string_view text) {
  const bool plain =
      text.size() <= kBytesPerEncodedWord &&
      std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == ' '; });
  return plain ? std::string(text) : encoded_words(text);
}

std::string base64_lines(std::string_view bytes) {
  std::string lines;
  for (std::size_t i = 0; i < bytes.size(); i += kBytesPerEncodedLine) {
    lines += base64(bytes.substr(i, kBytesPerEncodedLine)) + "\r\n";
  }
  return lines;
}

// RFC 5322 3.3, in UTC.
std::string date(std::int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return {text.data(), size};
}

}  // namespace

Mail welcome_mail(std::string_view name, std::string_view address, std::string_view message_id,
                  std::int64_t sent_ms) {
  check_name(name);
  check_address(address);
  check_id(message_id);
  Mail mail{std::string(message_id), std::string(address), ""};
  mail.text =
      "From: Welcome desk <" + std::string(kSender) + ">\r\n" + "To: " + header_text(name) +
      "\r\n <" + mail.recipient + ">\r\n" + "Subject: Welcome\r\n" + "Date: " + date(sent_ms) +
      "\r\n" + "Message-ID: <" + mail.id + "@headrace.example>\r\n" +
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=UTF-8\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "\r\n" +
      base64_lines("Hello " + std::string(name) + ",\r\n\r\nwelcome! Your account is ready.\r\n");
  return mail;
}

}  // namespace signup
