#include "queue/policy_document.hpp"

#include <nlohmann/json.hpp>

#include "queue/limits.hpp"

namespace headrace::queue {

namespace {

using Json = nlohmann::ordered_json;

Json empty_policy(const std::string& queue_arn) {
  return Json{{"Version", "2008-10-17"},
              {"Id", queue_arn + "/SQSDefaultPolicy"},
              {"Statement", Json::array()}};
}

// A policy was checked to be an object when it was set. One statement may stand without a list.
Json parse_policy(const std::string& policy) {
  Json document = Json::parse(policy, nullptr, false);
  Json& statements = document["Statement"];
  if (statements.is_null()) statements = Json::array();
  if (!statements.is_array()) statements = Json::array({statements});
  return document;
}

// IAM writes a list of one without its brackets.
Json one_or_list(const std::vector<std::string>& texts) {
  if (texts.size() == 1) return texts.front();
  return texts;
}

Json::iterator find_label(Json& statements, const std::string& label) {
  return std::find_if(statements.begin(), statements.end(), [&label](const Json& statement) {
    if (!statement.is_object()) return false;
    const auto sid = statement.find("Sid");
    return sid != statement.end() && *sid == label;
  });
}

}  // namespace

Result<std::string> add_permission(const std::string& policy, const std::string& queue_arn,
                                   const PolicyStatement& statement) {
  Json document = policy.empty() ? empty_policy(queue_arn) : parse_policy(policy);
  Json& statements = document["Statement"];
  if (find_label(statements, statement.label) != statements.end()) {
    return invalid_parameter(statement.label, "Label", "Already exists.");
  }
  if (statements.size() >= kPolicyStatementsMax) {
    return Error{ErrorCode::kOverLimit, std::to_string(statements.size() + 1) +
                                            " Statements were found, maximum allowed is " +
                                            std::to_string(kPolicyStatementsMax) + "."};
  }
  std::vector<std::string> principals;
  std::vector<std::string> actions;
  for (const std::string& account : statement.accounts) {
    principals.push_back("arn:aws:iam::" + account + ":root");
  }
  for (const std::string& action : statement.actions) actions.push_back("SQS:" + action);
  statements.push_back(Json{{"Sid", statement.label},
                            {"Effect", "Allow"},
                            {"Principal", Json{{"AWS", one_or_list(principals)}}},
                            {"Action", one_or_list(actions)},
                            {"Resource", queue_arn}});
  return document.dump();
}

Result<std::string> remove_permission(const std::string& policy, const std::string& label) {
  if (policy.empty()) return invalid_parameter(label, "Label", "can't find label.");
  Json document = parse_policy(policy);
  Json& statements = document["Statement"];
  const auto found = find_label(statements, label);
  if (found == statements.end()) {
    return invalid_parameter(label, "Label", "can't find label on existing policy.");
  }
  statements.erase(found);
  if (statements.empty()) return std::string();
  return document.dump();
}

}  // namespace headrace::queue
