#include "tests/scenarios/runner/player.hpp"

#include <utility>

#include "base/codec.hpp"
#include "tests/scenarios/runner/expectation.hpp"

namespace headrace::scenarios {

namespace {

constexpr std::size_t kAnswerShownMax = 200;  // bytes

std::string words_for(const Step& step) {
  switch (step.kind) {
    case Step::Kind::kCall: return step.action;
    case Step::Kind::kAnswer: return "the answer of " + step.name;
    case Step::Kind::kWait: return "wait";
    case Step::Kind::kRestart: return "restart";
  }
  return {};
}

}  // namespace

std::string Player::play() {
  for (const Step& step : scenario_.steps) {
    const Status status = play_step(step);
    if (!status) return report(step, status.error());
  }
  if (unanswered_.empty()) return {};
  const Error error{ErrorCode::kInvalid,
                    unanswered_.begin()->first + " was sent, its answer not asked for"};
  return report(scenario_.steps.back(), error);
}

std::string Player::report(const Step& step, const Error& error) const {
  std::string text = scenario_.file + ":" + std::to_string(step.line) + ": " + scenario_.title;
  text += "\n  step " + std::to_string(&step - scenario_.steps.data() + 1) + ", " +
          words_for(step) + "\n  " + error.message + "\n  the answers so far:\n";
  for (const auto& [line, answer] : answers_) {
    text += "    line " + std::to_string(line) + " " + answer + "\n";
  }
  return text;
}

Status Player::play_step(const Step& step) {
  Status status;
  switch (step.kind) {
    case Step::Kind::kCall:
      for (int i = 1; i <= step.times && status; ++i) {
        variables_.set("n", std::to_string(i));
        status = play_call(step);
      }
      break;
    case Step::Kind::kAnswer: status = play_answer(step); break;
    case Step::Kind::kWait: stage_.wait(step.duration); break;
    case Step::Kind::kRestart:
      unanswered_.clear();
      status = stage_.restart();
      break;
  }
  return status;
}

Status Player::play_call(const Step& step) {
  auto members = to_json(step.arguments, variables_);
  if (!members) return members.error();
  const Status sent = stage_.send(step.name, form_.to_request(step.action, *members));
  if (sent) unanswered_[step.name] = step.action;
  if (!sent || !step.name.empty()) return sent;
  return play_answer(step);
}

Status Player::play_answer(const Step& step) {
  const auto response = stage_.receive(step.name, step.duration);
  if (!response) return response.error();
  const std::string action = std::exchange(unanswered_[step.name], "");
  unanswered_.erase(step.name);
  const auto answer = form_.to_answer(action, *response);
  if (!answer) return answer.error();
  answers_[step.line] = words_for(step) + ": " + std::to_string(answer->status) + " " +
                        bounded_utf8(answer->members.root().to_json(), kAnswerShownMax);
  const Status judged = judge(step, *answer);
  return judged ? save(step, *answer) : judged;
}

Status Player::judge(const Step& step, const Answer& answer) const {
  const bool is_error = answer.status != 200;
  if (is_error && !step.error) return Error{ErrorCode::kInvalid, "an error was not expected"};
  if (!is_error && step.error) return Error{ErrorCode::kInvalid, "an error was expected"};
  const auto& expected = is_error ? step.error : step.expect;
  if (!expected) return {};
  auto difference = mismatch(*expected, answer.members.root(), variables_);
  if (difference) return Error{ErrorCode::kInvalid, std::move(*difference)};
  return {};
}

Status Player::save(const Step& step, const Answer& answer) {
  for (const auto& [name, path] : step.save) {
    const auto value = value_at(answer.members.root(), path);
    if (!value) return Error{ErrorCode::kNotFound, path + " is not there to be saved"};
    variables_.set(name, plain_text(*value));
  }
  return {};
}

}  // namespace headrace::scenarios
