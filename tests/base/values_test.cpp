// Small values: errors, strong types, cancellation, metrics, checks.

#include <cerrno>
#include <unordered_set>

#include <gtest/gtest.h>

#include "base/cancellation.hpp"
#include "base/check.hpp"
#include "base/error.hpp"
#include "base/http.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/strong.hpp"

namespace headrace {
namespace {

TEST(Error, SaysWhatFailedOnWhatAndWhy) {
  const Error error = system_error("open", "/data/x", ENOENT);
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_EQ(error.message, "open /data/x: No such file or directory");
}

TEST(Error, CodesHaveWords) {
  EXPECT_STREQ(to_string(ErrorCode::kNotFound), "not_found");
  EXPECT_STREQ(to_string(ErrorCode::kCorrupt), "corrupt");
}

TEST(Error, AskingForAValueThatIsNotThereIsABug) {
  const Result<int> failed = Error{ErrorCode::kTimeout, "too late"};
  EXPECT_THROW(failed.value(), std::logic_error);
}

TEST(Check, StopsTheProcessAndSaysWhere) {
  EXPECT_DEATH(HR_CHECK(1 + 1 == 3), "values_test.cpp:[0-9]+: check failed: 1 \\+ 1 == 3");
  HR_CHECK(1 + 1 == 2);
}

TEST(Strong, ComparesCountsAndHashes) {
  using Lsn = Strong<struct LsnTag, std::uint64_t>;
  using Bytes = Strong<struct BytesTag, std::uint64_t>;
  static_assert(!std::is_convertible_v<Lsn, Bytes>);
  static_assert(!std::is_convertible_v<std::uint64_t, Lsn>);
  EXPECT_EQ(Lsn(4).next(), Lsn(5));
  EXPECT_LT(Lsn(4), Lsn(5));
  EXPECT_EQ(std::unordered_set<Lsn>({Lsn(1), Lsn(1), Lsn(2)}).size(), 2U);
}

TEST(Cancellation, RunsItsHookOnce) {
  Cancellation cancellation;
  int runs = 0;
  cancellation.on_request([&] { ++runs; });
  EXPECT_FALSE(cancellation.requested());
  cancellation.request();
  cancellation.request();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(cancellation.requested());
}

TEST(Cancellation, RunsAHookSetTooLateAtOnceAndAClearedOneNever) {
  Cancellation late;
  late.request();
  int runs = 0;
  late.on_request([&] { ++runs; });
  EXPECT_EQ(runs, 1);
  Cancellation cleared;
  cleared.on_request([&] { ++runs; });
  cleared.clear_hook();
  cleared.request();
  EXPECT_EQ(runs, 1);
}

TEST(HttpRequest, FindsAHeaderByItsLowerCaseName) {
  HttpRequest request;
  request.headers = {{"host", "a"}, {"x", "1"}, {"x", "2"}};
  EXPECT_EQ(request.header("x"), "1");
  EXPECT_EQ(request.header("absent"), "");
}

// The text format 0.0.4 of Prometheus: HELP, TYPE, escapes in label values, cumulative buckets.
TEST(HttpRequest, ItsMediaTypeHasNoParametersAndNoCase) {
  HttpRequest request;
  EXPECT_EQ(media_type_of(request), "");
  request.headers.push_back({"content-type", "Application/JSON ; charset=utf-8"});
  EXPECT_TRUE(equals_ignoring_case(media_type_of(request), "application/json"));
  request.headers[0].value = "application/jsonp";
  EXPECT_FALSE(equals_ignoring_case(media_type_of(request), "application/json"));
}

TEST(Metrics, RenderAsPrometheusText) {
  MetricsRegistry registry;
  registry.counter("headrace_b_total", "Bs.", {{"queue", "a\"b\\c\nd"}}).add(3);
  registry.gauge("headrace_a", "As.").set(-2);
  EXPECT_EQ(registry.render(),
            "# HELP headrace_a As.\n# TYPE headrace_a gauge\nheadrace_a -2\n"
            "# HELP headrace_b_total Bs.\n# TYPE headrace_b_total counter\n"
            "headrace_b_total{queue=\"a\\\"b\\\\c\\nd\"} 3\n");
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameMetric) {
  MetricsRegistry registry;
  Counter& first = registry.counter("a", "A.", {{"q", "1"}});
  EXPECT_EQ(&first, &registry.counter("a", "A.", {{"q", "1"}}));
  EXPECT_NE(&first, &registry.counter("a", "A.", {{"q", "2"}}));
}

TEST(Metrics, HistogramBucketsAreCumulativeInTheText) {
  MetricsRegistry registry;
  Histogram& histogram = registry.histogram("t", "T.", {{"m", "x"}});
  for (const double seconds : {0.0001, 0.002, 1000.0}) histogram.observe(seconds);
  const std::string text = registry.render();
  EXPECT_NE(text.find("t_bucket{m=\"x\",le=\"0.0001\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_bucket{m=\"x\",le=\"0.0025\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_bucket{m=\"x\",le=\"900\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_bucket{m=\"x\",le=\"+Inf\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_count{m=\"x\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("t_sum{m=\"x\"} 1000.0021\n"), std::string::npos) << text;
}

TEST(Log, FillsPlacesAndEscapesControlCharacters) {
  testing::internal::CaptureStderr();
  log_warning("seen name={} count={} left={}", "a\nb\x1b", 3);
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find("seen name=a\\x0ab\\x1b count=3 left={}"), std::string::npos) << line;
}

}  // namespace
}  // namespace headrace
