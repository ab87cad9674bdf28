#include "runtime/auth/credentials.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/sqs/caller.hpp"

namespace headrace::runtime {

namespace {

using queue::sqs::is_access_key_id;
using queue::sqs::is_account;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::size_t kSecretLengthMax = 256;

Error invalid(std::string text) { return Error{ErrorCode::kInvalid, std::move(text)}; }

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

bool is_secret(std::string_view text) {
  return !text.empty() && text.size() <= kSecretLengthMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// One profile while it is read.
struct Profile {
  int line = 0;
  std::string access_key_id;
  std::string secret;
  std::string account;
};

class CredentialsParser {
 public:
  explicit CredentialsParser(const std::string& account) : account_(account) {}

  Status take_line(std::string_view line) {
    ++line_;
    line = trim(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') return {};
    if (line.front() == '[') return begin_profile(line);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return at_line("expected KEY = VALUE or [PROFILE]");
    if (!profile_) return at_line("expected a [PROFILE] before its keys");
    return take_value(trim(line.substr(0, equals)), trim(line.substr(equals + 1)));
  }

  Result<Credentials> finish() {
    if (const Status ended = end_profile(); !ended) return ended.error();
    return std::move(users_);
  }

 private:
  Error at_line(const std::string& text) const {
    return invalid("line " + std::to_string(line_) + ": " + text);
  }

  Status begin_profile(std::string_view line) {
    if (const Status ended = end_profile(); !ended) return ended;
    if (line.back() != ']' || line.size() < 3) return at_line("expected [PROFILE]");
    profile_ = Profile{line_, {}, {}, {}};
    return {};
  }

  Status take_value(std::string_view key, std::string_view value) {
    if (key == "aws_access_key_id")
      return set(profile_->access_key_id, value, is_access_key_id, key);
    if (key == "aws_secret_access_key") return set(profile_->secret, value, is_secret, key);
    if (key == "aws_account_id") return set(profile_->account, value, is_account, key);
    if (key == "region" || key == "output") return {};  // for clients
    return at_line("only aws_access_key_id, aws_secret_access_key and aws_account_id are known");
  }

  // The value itself may be a secret in a wrong place.
  Status set(std::string& member, std::string_view value, bool (*fits)(std::string_view),
             std::string_view key) const {
    if (!member.empty()) return at_line(std::string(key) + " is given twice");
    if (!fits(value)) return at_line(std::string(key) + " is not a valid one");
    member = value;
    return {};
  }

  Status end_profile() {
    if (!profile_) return {};
    Profile profile = std::exchange(profile_, std::nullopt).value();
    const std::string where = "line " + std::to_string(profile.line) + ": this profile ";
    if (profile.access_key_id.empty()) return invalid(where + "has no aws_access_key_id");
    if (profile.secret.empty()) return invalid(where + "has no aws_secret_access_key");
    if (profile.account.empty()) {
      const bool selects = is_account(profile.access_key_id);  // as it does where nobody signs
      profile.account = selects ? profile.access_key_id : account_;
    }
    const Status added = users_.add({profile.access_key_id, profile.secret, profile.account});
    if (!added) return invalid(where + "has the aws_access_key_id of another one");
    return {};
  }

  const std::string& account_;
  int line_ = 0;
  std::optional<Profile> profile_;
  Credentials users_;
};

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

Result<std::string> read_private_file(const std::string& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat about {};
  if (file.fd < 0 || fstat(file.fd, &about) != 0) {
    return Error{ErrorCode::kIo, path + ": " + std::strerror(errno)};
  }
  if (!S_ISREG(about.st_mode)) return invalid(path + ": expected a file");
  const bool own = about.st_uid == geteuid() || about.st_uid == 0;
  if (!own) return invalid(path + ": belongs to another user");
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return invalid(path + ": is open to other users of this machine; run chmod 600");
  }
  if (static_cast<std::size_t>(about.st_size) > kFileBytesMax) return invalid(path + ": too large");
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  const ssize_t size = read(file.fd, text.data(), text.size());
  if (size < 0) return Error{ErrorCode::kIo, path + ": " + std::strerror(errno)};
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace

Status Credentials::add(Credential credential) {
  std::string id = credential.access_key_id;
  if (!users_.emplace(std::move(id), std::move(credential)).second) {
    return Error{ErrorCode::kExists, "this access key id is known already"};
  }
  return {};
}

const Credential* Credentials::find(std::string_view access_key_id) const {
  const auto found = users_.find(access_key_id);
  return found == users_.end() ? nullptr : &found->second;
}

Result<Credentials> parse_credentials(std::string_view text, const std::string& account) {
  CredentialsParser parser(account);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const Status taken = parser.take_line(text.substr(0, end)); !taken) return taken.error();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

Result<Credentials> load_credentials(const std::string& path, const std::string& account) {
  const auto text = read_private_file(path);
  if (!text) return text.error();
  auto credentials = parse_credentials(*text, account);
  if (!credentials) return invalid(path + ": " + credentials.error().message);
  return credentials;
}

Result<std::optional<Credential>> credential_from_environment(const Environment& variables,
                                                              const std::string& account) {
  const std::string id = variables("HEADRACE_ACCESS_KEY_ID").value_or("");
  const std::string secret = variables("HEADRACE_SECRET_ACCESS_KEY").value_or("");
  if (id.empty() && secret.empty()) return std::optional<Credential>();
  if (id.empty() || secret.empty()) {
    return invalid("HEADRACE_ACCESS_KEY_ID and HEADRACE_SECRET_ACCESS_KEY go together");
  }
  if (!is_access_key_id(id)) return invalid("HEADRACE_ACCESS_KEY_ID is not a valid one");
  if (!is_secret(secret)) return invalid("HEADRACE_SECRET_ACCESS_KEY is not a valid one");
  return std::optional<Credential>(Credential{id, secret, account});
}

Result<Credentials> gather_credentials(const std::string& path, const Environment& variables,
                                       const std::string& account) {
  Result<Credentials> users = Credentials();
  if (!path.empty()) users = load_credentials(path, account);
  if (!users) return users;
  const auto own = credential_from_environment(variables, account);
  if (!own) return own.error();
  if (*own) {
    const Credential* const known = users->find((*own)->access_key_id);
    if (known != nullptr && known->secret != (*own)->secret) {
      return invalid("HEADRACE_ACCESS_KEY_ID is in " + path + " with another secret");
    }
    if (known == nullptr) users->add(**own);
  }
  if (users->empty()) {
    return invalid(
        "nobody could sign: name a file of users in server.credentials, or set "
        "HEADRACE_ACCESS_KEY_ID and HEADRACE_SECRET_ACCESS_KEY");
  }
  return users;
}

}  // namespace headrace::runtime
