// A custom runtime: asks the Runtime API for events and answers each with what its first record's
// body says: "echo" answers the event, "chunked" does so in chunks that wait for 100 Continue.
#include <cstdlib>
#include <string>

#include <curl/curl.h>
#include <strings.h>

namespace {

struct Reply {
  long status = 0;
  std::string request_id;
  std::string body;
};

size_t keep_body(char* bytes, size_t size, size_t count, void* into) {
  static_cast<Reply*>(into)->body.append(bytes, size * count);
  return size * count;
}

size_t keep_header(char* bytes, size_t size, size_t count, void* into) {
  const std::string line(bytes, size * count);
  const std::string name = "lambda-runtime-aws-request-id:";
  if (strncasecmp(line.c_str(), name.c_str(), name.size()) == 0) {
    const size_t begin = line.find_first_not_of(' ', name.size());
    static_cast<Reply*>(into)->request_id = line.substr(begin, line.find('\r') - begin);
  }
  return size * count;
}

struct Upload {
  const std::string& bytes;
  size_t sent = 0;
};

size_t give_body(char* into, size_t size, size_t count, void* from) {
  auto& upload = *static_cast<Upload*>(from);
  const size_t given = upload.bytes.copy(into, size * count, upload.sent);
  upload.sent += given;
  return given;
}

class Client {
 public:
  Client() : curl_(curl_easy_init()) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { curl_easy_cleanup(curl_); }

  Reply get(const std::string& path) {
    begin(path);
    return finish();
  }

  Reply post(const std::string& path, const std::string& body) {
    begin(path);
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    return finish();
  }

  Reply post_in_chunks(const std::string& path, const std::string& body) {
    begin(path);
    Upload upload{body};
    curl_slist* headers = curl_slist_append(nullptr, "Transfer-Encoding: chunked");
    headers = curl_slist_append(headers, "Expect: 100-continue");
    curl_easy_setopt(curl_, CURLOPT_POST, 1L);
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl_, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(curl_, CURLOPT_READDATA, &upload);
    const Reply reply = finish();
    curl_slist_free_all(headers);
    return reply;
  }

 private:
  void begin(const std::string& path) {
    reply_ = Reply();
    curl_easy_reset(curl_);  // the connection stays
    curl_easy_setopt(curl_, CURLOPT_URL, (kApi + path).c_str());
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, keep_body);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &reply_);
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, keep_header);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &reply_);
  }

  Reply finish() {
    if (curl_easy_perform(curl_) != CURLE_OK) std::exit(1);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &reply_.status);
    return reply_;
  }

  const std::string kApi =
      "http://" + std::string(std::getenv("AWS_LAMBDA_RUNTIME_API")) + "/2018-06-01/runtime/";
  CURL* curl_;
  Reply reply_;
};

bool says(const Reply& event, const std::string& word) {
  return event.body.find("\"body\":\"" + word + "\"") != std::string::npos;
}

}  // namespace

int main() {
  Client client;
  for (;;) {
    const Reply event = client.get("invocation/next");
    if (event.status != 200) return 1;
    const std::string path = "invocation/" + event.request_id;
    Reply reply;
    if (says(event, "error")) {
      reply = client.post(path + "/error", R"({"errorType":"Custom","errorMessage":"as asked"})");
    } else if (says(event, "exit after the answer")) {
      reply = client.post(path + "/response", "\"answered\"");
      return reply.status == 202 ? 7 : 1;
    } else if (says(event, "too large")) {
      reply = client.post_in_chunks(path + "/response", std::string(6'291'557, '1'));
      if (reply.status == 413) reply.status = 202;
    } else if (says(event, "chunked")) {
      reply = client.post_in_chunks(path + "/response", event.body);
    } else {
      reply = client.post(path + "/response", event.body);
    }
    if (reply.status != 202) return 2;
  }
}
