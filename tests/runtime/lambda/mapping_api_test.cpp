#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/lambda/lambda_fixture.hpp"

namespace headrace::runtime::lambda {
namespace {

using functions::FakeFunction;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

const std::string kMappings = "/2015-03-31/event-source-mappings";
const std::string kQueueArn = "arn:aws:sqs:us-east-1:000000000000:";
const std::string kFunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:";

class MappingApiTest : public LambdaFixture {
 protected:
  MappingApiTest() {
    StoreFixture::create("signup", {});
    StoreFixture::create("orders.fifo", {{"FifoQueue", "true"}});
  }

  // With more members: R"(,"BatchSize":1)".
  HttpResponse create(const std::string& more = "", const std::string& queue = "signup",
                      const std::string& function = "mail") {
    return ask("POST", kMappings + "/",
               R"({"EventSourceArn":")" + kQueueArn + queue + R"(","FunctionName":")" + function +
                   "\"" + more + "}");
  }

  HttpResponse get(const std::string& uuid) { return ask("GET", kMappings + "/" + uuid); }
  HttpResponse update(const std::string& uuid, const std::string& body) {
    return ask("PUT", kMappings + "/" + uuid, body);
  }
  HttpResponse remove(const std::string& uuid) { return ask("DELETE", kMappings + "/" + uuid); }

  std::string created(const std::string& more = "") { return member(create(more), "UUID"); }
  std::string state(const std::string& uuid) { return member(get(uuid), "State"); }

  FakeFunction& function_ = add_function("mail");
};

TEST_F(MappingApiTest, UsersOfAnotherAccountMapNothingOfThisOne) {
  identity_ = HttpIdentity{"AKIDMALLORY", "111122223333", ""};
  EXPECT_EQ(member(create("", "signup", kFunctionArn + std::string("mail")), "message"),
            "Function does not exist");
  identity_->account = "000000000000";
  EXPECT_EQ(create().status, 202);
}

TEST_F(MappingApiTest, CreatedMappingIsFlatAndHasWhatAwsTellsOfSqs) {
  const HttpResponse response = create();
  const std::string uuid = member(response, "UUID");
  EXPECT_EQ(response.status, 202);
  EXPECT_THAT(uuid,
              ContainsRegex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"));
  EXPECT_EQ(response.body,
            R"({"UUID":")" + uuid +
                R"(","BatchSize":10,"MaximumBatchingWindowInSeconds":0,"EventSourceArn":")" +
                kQueueArn + R"(signup","FunctionArn":")" + kFunctionArn +
                R"(mail","LastModified":1767225600.000,"State":"Creating",)"
                R"("StateTransitionReason":"USER_INITIATED","FunctionResponseTypes":[],)"
                R"("EventSourceMappingArn":)"
                R"("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:)" +
                uuid + R"("})");
  EXPECT_EQ(state(uuid), "Enabled");
}

TEST_F(MappingApiTest, CreatedMappingHandlesMessages) {
  send("signup", "ada");
  created();
  EXPECT_THAT(function_.batches(), SizeIs(1));
}

TEST_F(MappingApiTest, DisabledMappingIsDisabledAtOnceAndWorksWhenItIsEnabled) {
  send("signup", "ada");
  const HttpResponse response = create(R"(,"Enabled":false)");
  EXPECT_EQ(member(response, "State"), "Disabled");
  EXPECT_TRUE(function_.batches().empty());
  const std::string uuid = member(response, "UUID");
  EXPECT_EQ(member(update(uuid, R"({"Enabled":true})"), "State"), "Enabling");
  EXPECT_EQ(state(uuid), "Enabled");
  EXPECT_THAT(function_.batches(), SizeIs(1));
  EXPECT_EQ(member(update(uuid, R"({"Enabled":false})"), "State"), "Disabling");
  EXPECT_EQ(state(uuid), "Disabled");
  send("signup", "grace");
  EXPECT_THAT(function_.batches(), SizeIs(1));
}

TEST_F(MappingApiTest, SettingsAreShownAndAnEmptyObjectTakesThemAway) {
  const std::string uuid =
      created(R"(,"BatchSize":20,"MaximumBatchingWindowInSeconds":5,"ScalingConfig":)"
              R"({"MaximumConcurrency":7},"FunctionResponseTypes":["ReportBatchItemFailures"],)"
              R"("FilterCriteria":{"Filters":[{"Pattern":"{\"body\":[\"a\"]}"}]},)"
              R"("MetricsConfig":{"Metrics":["EventCount"]})");
  HttpResponse response = get(uuid);
  EXPECT_EQ(member(response, "BatchSize"), "20");
  EXPECT_EQ(member(response, "MaximumBatchingWindowInSeconds"), "5");
  EXPECT_EQ(member(response, "ScalingConfig.MaximumConcurrency"), "7");
  EXPECT_EQ(member(response, "FunctionResponseTypes"), R"(["ReportBatchItemFailures"])");
  EXPECT_EQ(member(response, "FilterCriteria.Filters"), R"([{"Pattern":"{\"body\":[\"a\"]}"}])");
  EXPECT_EQ(member(response, "MetricsConfig.Metrics"), R"(["EventCount"])");
  response = update(uuid, R"({"ScalingConfig":{},"FilterCriteria":{},"FunctionResponseTypes":[],)"
                          R"("MetricsConfig":{},"ProvisionedPollerConfig":{"MinimumPollers":3}})");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(member(response, "State"), "Updating");
  EXPECT_EQ(member(response, "BatchSize"), "20");
  for (const char* gone : {"ScalingConfig", "FilterCriteria", "MetricsConfig"}) {
    EXPECT_EQ(member(response, gone), "absent");
  }
  EXPECT_EQ(member(response, "ProvisionedPollerConfig"),
            R"({"MinimumPollers":3,"MaximumPollers":200})");
}

TEST_F(MappingApiTest, ChangedSettingsAreAtWork) {
  const std::string uuid = created();
  update(uuid, R"({"FilterCriteria":{"Filters":[{"Pattern":"{\"body\":{\"a\":[1]}}"}]}})");
  send("signup", R"({"a":2})");
  EXPECT_TRUE(function_.batches().empty());
  send("signup", R"({"a":1})");
  EXPECT_THAT(function_.batches(), SizeIs(1));
  FakeFunction& other = add_function("other");
  EXPECT_EQ(member(update(uuid, R"({"FunctionName":"other"})"), "FunctionArn"),
            kFunctionArn + "other");
  send("signup", R"({"a":1})");
  EXPECT_THAT(other.batches(), SizeIs(1));
  EXPECT_THAT(function_.batches(), SizeIs(1));
}

TEST_F(MappingApiTest, QualifierOfTheFunctionIsKept) {
  EXPECT_EQ(member(create("", "signup", "mail:$LATEST"), "FunctionArn"),
            kFunctionArn + "mail:$LATEST");
  EXPECT_EQ(create("", "signup", kFunctionArn + "mail").status, 202);
}

TEST_F(MappingApiTest, DeletedMappingIsDeletingAndThenGone) {
  const std::string uuid = created();
  const HttpResponse response = remove(uuid);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(member(response, "State"), "Deleting");
  EXPECT_EQ(member(response, "EventSourceArn"), kQueueArn + "signup");
  EXPECT_EQ(get(uuid).status, 404);
  send("signup", "ada");
  EXPECT_TRUE(function_.batches().empty());
}

TEST_F(MappingApiTest, ChangeWaitsForTheBatchesOfBefore) {
  const std::string uuid = created();
  function_.hold();
  send("signup", "ada");
  EXPECT_EQ(member(update(uuid, R"({"BatchSize":5})"), "State"), "Updating");
  EXPECT_EQ(state(uuid), "Updating");
  HttpResponse response = update(uuid, R"({"BatchSize":6})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(header(response, "x-amzn-ErrorType"), "ResourceInUseException");
  EXPECT_EQ(header(remove(uuid), "x-amzn-ErrorType"), "ResourceInUseException");
  function_.release();
  run_ready(loop_);
  EXPECT_EQ(state(uuid), "Enabled");
  EXPECT_EQ(member(get(uuid), "BatchSize"), "5");
}

TEST_F(MappingApiTest, MappingsOutliveTheServerAsTheyWere) {
  const std::string uuid =
      created(R"(,"BatchSize":3,"ScalingConfig":{"MaximumConcurrency":2},)"
              R"("FunctionResponseTypes":["ReportBatchItemFailures"],)"
              R"("FilterCriteria":{"Filters":[{"Pattern":"{\"body\":[\"ada\"]}"}]})");
  const std::string deleted = member(create("", "orders.fifo"), "UUID");
  remove(deleted);
  const std::string before = get(uuid).body;
  start_service();
  EXPECT_EQ(get(uuid).body, before);
  EXPECT_EQ(get(deleted).status, 404);
  send("signup", "ada");
  EXPECT_THAT(function_.batches(), SizeIs(1));
}

TEST_F(MappingApiTest, SameQueueAndFunctionAreRefusedOtherFunctionsAreNot) {
  const std::string uuid = created();
  HttpResponse response = create();
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(header(response, "x-amzn-ErrorType"), "ResourceConflictException");
  EXPECT_EQ(member(response, "message"),
            "An event source mapping with SQS arn (\" " + kQueueArn +
                "signup \") and function (\" mail \") already exists. Please update or delete the "
                "existing mapping with UUID " +
                uuid);
  add_function("other");
  const std::string second = member(create("", "signup", "other"), "UUID");
  EXPECT_EQ(update(second, R"({"FunctionName":"mail"})").status, 409);
}

TEST_F(MappingApiTest, ListsAreFilteredAndHavePages) {
  add_function("other");
  created();
  create("", "signup", "other");
  create("", "orders.fifo");
  const auto count = [this](const std::string& query) {
    const auto document = JsonDocument::parse(ask("GET", kMappings + "?" + query).body);
    return document->root().find("EventSourceMappings")->elements().size();
  };
  EXPECT_EQ(count(""), 3U);
  EXPECT_EQ(count("FunctionName=mail"), 2U);
  EXPECT_EQ(count("FunctionName=nobody"), 0U);
  EXPECT_EQ(count("EventSourceArn=" + kQueueArn + "signup"), 2U);
  EXPECT_EQ(count("FunctionName=other&EventSourceArn=" + kQueueArn + "signup"), 1U);
  EXPECT_EQ(count("MaxItems=2"), 2U);
  EXPECT_THAT(member(ask("GET", kMappings + "?MaxItems=2"), "NextMarker"), SizeIs(48));
}

TEST_F(MappingApiTest, UnknownUuidIsNotThere) {
  for (const std::string& uuid : {std::string("b5b6e2e1-3b0d-4a6f-8f0f-2d2d3c4c5a69"),
                                  std::string("x"), std::string(5000, 'a')}) {
    for (const HttpResponse& response : {get(uuid), update(uuid, "{}"), remove(uuid)}) {
      EXPECT_EQ(response.status, 404);
      EXPECT_EQ(member(response, "Message"), "The resource you requested does not exist.");
    }
  }
}

TEST_F(MappingApiTest, MappingOfTheConfigurationIsListedAndStaysAsItIs) {
  MappingRecord record;
  record.queue = {"us-east-1", "000000000000", "signup"};
  record.function.scope = {"us-east-1", "000000000000"};
  record.function.name = "mail";
  mappings_->add_configured(record);
  const std::string uuid = mappings_->list().at(0).record.uuid;
  EXPECT_EQ(state(uuid), "Enabled");
  EXPECT_EQ(create().status, 409);
  for (const HttpResponse& response : {update(uuid, "{}"), remove(uuid)}) {
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(member(response, "message"),
              "This event source mapping stands in the configuration of the server; change it "
              "there.");
  }
  start_service();
  mappings_->add_configured(record);
  EXPECT_EQ(state(uuid), "Enabled");
}

struct Refused {
  const char* more;
  const char* text;
};

class MappingRules : public MappingApiTest, public testing::WithParamInterface<Refused> {};

TEST_P(MappingRules, AreHeldOnCreateAndOnUpdate) {
  const HttpResponse refused = create(std::string(",") + GetParam().more);
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(member(refused, "message"), HasSubstr(GetParam().text));
  const std::string uuid = created();
  const HttpResponse response = update(uuid, std::string("{") + GetParam().more + "}");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(member(response, "message"), member(refused, "message"));
  EXPECT_EQ(state(uuid), "Enabled");
}

INSTANTIATE_TEST_SUITE_P(
    OfAws, MappingRules,
    testing::Values(
        Refused{R"("BatchSize":11)",
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
                "greater than 10"},
        Refused{R"("BatchSize":0)",
                "Value '0' at 'batchSize' failed to satisfy constraint: Member "
                "must have value greater than or equal to 1"},
        Refused{R"("BatchSize":10001)", "have value less than or equal to 10000"},
        Refused{R"("BatchSize":"ten")", "BatchSize: expected an integer"},
        Refused{R"("BatchSize":1.5)", "BatchSize: expected an integer"},
        Refused{R"("MaximumBatchingWindowInSeconds":301)",
                "Value '301' at 'maximumBatchingWindowInSeconds'"},
        Refused{R"("ScalingConfig":{"MaximumConcurrency":1})",
                "Value '1' at 'scalingConfig.maximumConcurrency'"},
        Refused{R"("ScalingConfig":{"MaximumConcurrency":1001})", "less than or equal to 1000"},
        Refused{R"("ScalingConfig":7)", "ScalingConfig: expected an object"},
        Refused{R"("ProvisionedPollerConfig":{"MinimumPollers":1})", "minimumPollers"},
        Refused{R"("ProvisionedPollerConfig":{"MinimumPollers":9,"MaximumPollers":8})",
                "must not be greater"},
        Refused{R"("ScalingConfig":{"MaximumConcurrency":2},"ProvisionedPollerConfig":)"
                R"({"MinimumPollers":2})",
                "cannot be configured together"},
        Refused{R"("FunctionResponseTypes":["ReportNothing"])", "functionResponseTypes"},
        Refused{R"("FilterCriteria":{"Filters":[{"Pattern":"{\"body\":1}"}]})",
                "Invalid filter pattern definition."},
        Refused{R"("FilterCriteria":{"Filters":[{},{},{},{},{},{},{},{},{},{},{}]})",
                "more than 10 filters"},
        Refused{R"("MetricsConfig":{"Metrics":["KafkaMetrics"]})", "metricsConfig.metrics"},
        Refused{R"("StartingPosition":"LATEST")",
                "StartingPosition is not valid for SQS event sources."},
        Refused{R"("KMSKeyArn":"arn:aws:kms:us-east-1:000000000000:key/1")", "KMSKeyArn"}));

TEST_F(MappingApiTest, WhatACreateLacksIsSaid) {
  EXPECT_EQ(member(ask("POST", kMappings, R"({"FunctionName":"mail"})"), "message"),
            "Unrecognized event source.");
  EXPECT_THAT(member(ask("POST", kMappings, R"({"EventSourceArn":"x"})"), "message"),
              HasSubstr("'functionName' failed to satisfy constraint: Member must not be null"));
  EXPECT_EQ(member(create("", "signup", "nobody"), "message"), "Function does not exist");
  EXPECT_EQ(member(create("", "nothing"), "message"),
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
            "not exist.");
  for (const char* body : {"", "[]", "{", "7", R"({"FunctionName":"a","FunctionName":"b"})"}) {
    EXPECT_EQ(ask("POST", kMappings, body).status, 400) << body;
  }
}

TEST_F(MappingApiTest, LargeRequestIsRefusedBeforeItIsRead) {
  EXPECT_EQ(ask("POST", kMappings, std::string(131'073, ' ')).status, 413);
}

TEST_F(MappingApiTest, RulesOfFifoQueues) {
  EXPECT_EQ(member(create(R"(,"MaximumBatchingWindowInSeconds":1)", "orders.fifo"), "message"),
            "Batching window is not supported for FIFO queues");
  EXPECT_EQ(create(R"(,"BatchSize":11)", "orders.fifo").status, 400);
  EXPECT_EQ(create(R"(,"BatchSize":10)", "orders.fifo").status, 202);
}

TEST_F(MappingApiTest, FunctionMustEndBeforeItsMessagesReappear) {
  StoreFixture::create("short", {{"VisibilityTimeout", "2"}});
  const HttpResponse response = create("", "short");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(member(response, "message"),
            "Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds");
}

}  // namespace
}  // namespace headrace::runtime::lambda
