#include "tests/runtime/auth/signed_request.hpp"

namespace headrace::runtime {

HttpRequest to_request(const SignedParts& parts) {
  HttpRequest request;
  std::string all = parts.method + parts.path + parts.query;
  for (const auto& [name, value] : parts.headers) all += name + value;
  request.head = std::make_unique<std::string>(std::move(all));
  std::string_view rest = *request.head;
  const auto take = [&rest](std::size_t size) {
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  };
  request.method = take(parts.method.size());
  request.path = take(parts.path.size());
  request.query = take(parts.query.size());
  for (const auto& [name, value] : parts.headers) {
    const std::string_view name_view = take(name.size());
    request.headers.push_back({name_view, take(value.size())});
  }
  request.body = parts.body;
  return request;
}

HttpRequest request_with(std::string method, std::string path, std::string query, Fields headers,
                         std::string body) {
  return to_request(SignedParts{std::move(method), std::move(path), std::move(query),
                                std::move(headers), std::move(body)});
}

SignedParts sign_parts(SignedParts parts, const std::string& secret, const CredentialScope& scope) {
  parts.headers.emplace_back("authorization", authorization(to_request(parts), secret, scope));
  return parts;
}

std::vector<std::string*> all_texts(SignedParts& parts) {
  std::vector<std::string*> texts = {&parts.method, &parts.path, &parts.query, &parts.body};
  for (auto& [name, value] : parts.headers) {
    texts.push_back(&name);
    texts.push_back(&value);
  }
  std::erase_if(texts, [](const std::string* text) { return text->empty(); });
  return texts;
}

}  // namespace headrace::runtime
