#include <gtest/gtest.h>

#include "tests/runtime/filter_questions.hpp"

namespace headrace::runtime {
namespace {

TEST(FilterOperator, AnythingButIsThereAndSomethingElse) {
  expect_all({
      {R"([{"anything-but":"no"}])", R"({"x":"yes"})", kMatch},
      {R"([{"anything-but":"no"}])", R"({"x":"no"})", kNoMatch},
      {R"([{"anything-but":"no"}])", R"({"x":1})", kMatch},
      {R"([{"anything-but":"no"}])", R"({"x":null})", kMatch},
      {R"([{"anything-but":"no"}])", R"({})", kNoMatch},
      {R"([{"anything-but":"no"}])", R"({"x":{"y":1}})", kNoMatch},
      {R"([{"anything-but":["no","never"]}])", R"({"x":"never"})", kNoMatch},
      {R"([{"anything-but":["no","never"]}])", R"({"x":"yes"})", kMatch},
      {R"([{"anything-but":["no","never"]}])", R"({"x":["no","yes"]})", kMatch},
      {R"([{"anything-but":["no","never"]}])", R"({"x":["no","never"]})", kNoMatch},
      {R"([{"anything-but":0}])", R"({"x":0.0})", kNoMatch},
      {R"([{"anything-but":[1,2]}])", R"({"x":3})", kMatch},
      {R"([{"anything-but":[1,2]}])", R"({"x":2})", kNoMatch},
      {R"([{"anything-but":null}])", R"({})", kRefused},
      {R"([{"anything-but":true}])", R"({})", kRefused},
      {R"([{"anything-but":[]}])", R"({})", kRefused},
      {R"([{"anything-but":["a",1]}])", R"({})", kRefused},
      {R"([{"anything-but":["a",null]}])", R"({})", kRefused},
      {R"([{"anything-but":{}}])", R"({})", kRefused},
      {R"([{"anything-but":{"numeric":["=",1]}}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, AnythingButKnowsTextsByTheirForm) {
  expect_all({
      {R"([{"anything-but":{"prefix":"init"}}])", R"({"x":"post-init"})", kMatch},
      {R"([{"anything-but":{"prefix":"init"}}])", R"({"x":"initial"})", kNoMatch},
      {R"([{"anything-but":{"prefix":"init"}}])", R"({"x":123})", kMatch},
      {R"([{"anything-but":{"prefix":"init"}}])", R"({"x":null})", kMatch},
      {R"([{"anything-but":{"prefix":"init"}}])", R"({})", kNoMatch},
      {R"([{"anything-but":{"prefix":["a","b"]}}])", R"({"x":"bc"})", kNoMatch},
      {R"([{"anything-but":{"prefix":["a","b"]}}])", R"({"x":"cb"})", kMatch},
      {R"([{"anything-but":{"suffix":".png"}}])", R"({"x":"a.png"})", kNoMatch},
      {R"([{"anything-but":{"suffix":[".png",".gif"]}}])", R"({"x":"a.txt"})", kMatch},
      {R"([{"anything-but":{"equals-ignore-case":"NO"}}])", R"({"x":"no"})", kNoMatch},
      {R"([{"anything-but":{"equals-ignore-case":["NO","y"]}}])", R"({"x":"Y"})", kNoMatch},
      {R"([{"anything-but":{"equals-ignore-case":"NO"}}])", R"({"x":"nope"})", kMatch},
      {R"([{"anything-but":{"wildcard":"*/lib/*"}}])", R"({"x":"a/lib/b"})", kNoMatch},
      {R"([{"anything-but":{"wildcard":["*/lib/*","b*"]}}])", R"({"x":"a/bin/b"})", kMatch},
      {R"([{"anything-but":{"wildcard":"*/lib/*"}}])", R"({"x":7})", kMatch},
      {R"([{"anything-but":{"wildcard":""}}])", R"({"x":"a"})", kMatch},
      {R"([{"anything-but":{"prefix":""}}])", R"({})", kRefused},
      {R"([{"anything-but":{"suffix":[""]}}])", R"({})", kRefused},
      {R"([{"anything-but":{"prefix":123}}])", R"({})", kRefused},
      {R"([{"anything-but":{"prefix":[123,"test"]}}])", R"({})", kRefused},
      {R"([{"anything-but":{"prefix":{"equals-ignore-case":"a"}}}])", R"({})", kRefused},
      {R"([{"anything-but":{"equals-ignore-case":[1]}}])", R"({})", kRefused},
      {R"([{"anything-but":{"wildcard":"**"}}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, NumericComparesNumbersOnly) {
  expect_all({
      {R"([{"numeric":["=",100]}])", R"({"x":1e2})", kMatch},
      {R"([{"numeric":["=",100]}])", R"({"x":"100"})", kNoMatch},
      {R"([{"numeric":["=",0]}])", R"({"x":null})", kNoMatch},
      {R"([{"numeric":[">",10,"<=",20]}])", R"({"x":10})", kNoMatch},
      {R"([{"numeric":[">",10,"<=",20]}])", R"({"x":10.5})", kMatch},
      {R"([{"numeric":[">",10,"<=",20]}])", R"({"x":20})", kMatch},
      {R"([{"numeric":[">",10,"<=",20]}])", R"({"x":20.5})", kNoMatch},
      {R"([{"numeric":[">=",-1.5]}])", R"({"x":-1.5})", kMatch},
      {R"([{"numeric":["<",0]}])", R"({"x":-1})", kMatch},
      {R"([{"numeric":["<",0]}])", R"({"x":0})", kNoMatch},
      {R"([{"numeric":["<",0]},{"numeric":[">",9]}])", R"({"x":10})", kMatch},
      {R"([{"numeric":">"}])", R"({})", kRefused},
      {R"([{"numeric":100}])", R"({})", kRefused},
      {R"([{"numeric":[]}])", R"({})", kRefused},
      {R"([{"numeric":[">"]}])", R"({})", kRefused},
      {R"([{"numeric":[">","1"]}])", R"({})", kRefused},
      {R"([{"numeric":[">",0,">",0]}])", R"({})", kRefused},
      {R"([{"numeric":["<",9,">",0]}])", R"({})", kRefused},
      {R"([{"numeric":[">",9,"<",0]}])", R"({})", kRefused},
      {R"([{"numeric":["=",1,"=",1]}])", R"({})", kRefused},
      {R"([{"numeric":["!=",1]}])", R"({})", kRefused},
      {R"([{"numeric":[">",1e999]}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, ExistsLooksAtLeavesOnly) {
  expect_all({
      {R"([{"exists":true}])", R"({"x":0})", kMatch},
      {R"([{"exists":true}])", R"({"x":null})", kMatch},
      {R"([{"exists":true}])", R"({})", kNoMatch},
      {R"([{"exists":true}])", R"({"x":[]})", kNoMatch},
      {R"([{"exists":true}])", R"({"x":{"y":1}})", kNoMatch},
      {R"([{"exists":true}])", R"({"x":[[1]]})", kMatch},
      {R"([{"exists":false}])", R"({})", kMatch},
      {R"([{"exists":false}])", R"({"x":null})", kNoMatch},
      {R"([{"exists":false}])", R"({"x":{"y":1}})", kMatch},
      {R"([{"exists":false}])", R"({"x":[]})", kMatch},
      {R"([{"exists":false},"gold"])", R"({"x":"gold"})", kMatch},
      {R"([{"exists":false},"gold"])", R"({"x":"tin"})", kNoMatch},
      {R"({"S":[{"anything-but":["roses"]},{"exists":false}]})", R"({"y":1})", kMatch},
      {R"({"S":[{"exists":false}]})", R"({"x":"text"})", kMatch},
      {R"([{"exists":"true"}])", R"({})", kRefused},
      {R"([{"exists":1}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, PrefixAndSuffixAreOfTexts) {
  expect_all({
      {R"([{"prefix":"us-"}])", R"({"x":"us-east-1"})", kMatch},
      {R"([{"prefix":"us-"}])", R"({"x":"us"})", kNoMatch},
      {R"([{"prefix":"us-"}])", R"({"x":"US-east-1"})", kNoMatch},
      {R"([{"prefix":"1"}])", R"({"x":12})", kNoMatch},
      {R"([{"prefix":""}])", R"({"x":"anything"})", kMatch},
      {R"([{"prefix":""}])", R"({"x":1})", kNoMatch},
      {R"([{"prefix":{"equals-ignore-case":"Us-"}}])", R"({"x":"uS-east"})", kMatch},
      {R"([{"prefix":{"equals-ignore-case":"Us-"}}])", R"({"x":"eu"})", kNoMatch},
      {R"([{"suffix":".png"}])", R"({"x":"a.png"})", kMatch},
      {R"([{"suffix":".png"}])", R"({"x":"a.PNG"})", kNoMatch},
      {R"([{"suffix":".png"}])", R"({"x":"png"})", kNoMatch},
      {R"([{"suffix":""}])", R"({"x":""})", kMatch},
      {R"([{"suffix":{"equals-ignore-case":".png"}}])", R"({"x":"a.PNG"})", kMatch},
      {R"([{"prefix":["a","b"]}])", R"({})", kRefused},
      {R"([{"prefix":1}])", R"({})", kRefused},
      {R"([{"suffix":null}])", R"({})", kRefused},
      {R"([{"prefix":{"wildcard":"a*"}}])", R"({})", kRefused},
      {R"([{"prefix":{"equals-ignore-case":["a"]}}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, EqualsIgnoreCaseIsOfTexts) {
  expect_all({
      {R"([{"equals-ignore-case":"alICE"}])", R"({"x":"Alice"})", kMatch},
      {R"([{"equals-ignore-case":"alICE"}])", R"({"x":"Alicia"})", kNoMatch},
      {R"([{"equals-ignore-case":"é"}])", R"({"x":"é"})", kMatch},
      {R"([{"equals-ignore-case":""}])", R"({"x":""})", kMatch},
      {R"([{"equals-ignore-case":""}])", R"({"x":"a"})", kNoMatch},
      {R"([{"equals-ignore-case":["a"]}])", R"({})", kRefused},
      {R"([{"equals-ignore-case":{"prefix":"a"}}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, WildcardStandsForAnyText) {
  expect_all({
      {R"([{"wildcard":"a*c"}])", R"({"x":"abbc"})", kMatch},
      {R"([{"wildcard":"a*c"}])", R"({"x":"ac"})", kMatch},
      {R"([{"wildcard":"a*c"}])", R"({"x":"acb"})", kNoMatch},
      {R"([{"wildcard":"ab*ba"}])", R"({"x":"aba"})", kNoMatch},
      {R"([{"wildcard":"*"}])", R"({"x":""})", kMatch},
      {R"([{"wildcard":"*"}])", R"({"x":1})", kNoMatch},
      {R"([{"wildcard":"*b*c*"}])", R"({"x":"acbxc"})", kMatch},
      {R"([{"wildcard":"*b*c*"}])", R"({"x":"cb"})", kNoMatch},
      {R"([{"wildcard":"*ab"}])", R"({"x":"abab"})", kMatch},
      {R"([{"wildcard":"plain"}])", R"({"x":"plain"})", kMatch},
      {R"([{"wildcard":"plain"}])", R"({"x":"plainer"})", kNoMatch},
      {R"([{"wildcard":"a\\*b"}])", R"({"x":"a*b"})", kMatch},
      {R"([{"wildcard":"a\\*b"}])", R"({"x":"acb"})", kNoMatch},
      {R"([{"wildcard":"a\\\\*"}])", R"({"x":"a\\b"})", kMatch},
      {R"([{"wildcard":""}])", R"({"x":""})", kMatch},
      {R"([{"wildcard":""}])", R"({"x":"a"})", kNoMatch},
      {R"([{"wildcard":"a**"}])", R"({})", kRefused},
      {R"([{"wildcard":"a\\b"}])", R"({})", kRefused},
      {R"([{"wildcard":"a\\"}])", R"({})", kRefused},
      {R"([{"wildcard":1}])", R"({})", kRefused},
      {R"([{"wildcard":["a*"]}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, CidrHoldsAddressesOfTheNetwork) {
  expect_all({
      {R"([{"cidr":"10.0.0.0/24"}])", R"({"x":"10.0.0.255"})", kMatch},
      {R"([{"cidr":"10.0.0.0/24"}])", R"({"x":"10.0.1.0"})", kNoMatch},
      {R"([{"cidr":"10.0.0.5/30"}])", R"({"x":"10.0.0.7"})", kMatch},
      {R"([{"cidr":"10.0.0.5/30"}])", R"({"x":"10.0.0.8"})", kNoMatch},
      {R"([{"cidr":"0.0.0.0/0"}])", R"({"x":"255.1.2.3"})", kMatch},
      {R"([{"cidr":"10.0.0.1/32"}])", R"({"x":"10.0.0.1"})", kMatch},
      {R"([{"cidr":"10.0.0.0/24"}])", R"({"x":"not an address"})", kNoMatch},
      {R"([{"cidr":"10.0.0.0/24"}])", R"({"x":10})", kNoMatch},
      {R"([{"cidr":"10.0.0.0/8"}])", R"({"x":"::ffff:10.0.0.1"})", kNoMatch},
      {R"([{"cidr":"2001:db8::/33"}])", R"({"x":"2001:db8:7fff::1"})", kMatch},
      {R"([{"cidr":"2001:db8::/33"}])", R"({"x":"2001:db8:8000::1"})", kNoMatch},
      {R"([{"cidr":"2001:db8::1/128"}])", R"({"x":"2001:db8:0:0::1"})", kMatch},
      {R"([{"cidr":"::/0"}])", R"({"x":"10.0.0.1"})", kNoMatch},
      {R"([{"cidr":"bad-filter"}])", R"({})", kRefused},
      {R"([{"cidr":"10.0.0.1"}])", R"({})", kRefused},
      {R"([{"cidr":"10.0.0.0/33"}])", R"({})", kRefused},
      {R"([{"cidr":"10.0.0.0/"}])", R"({})", kRefused},
      {R"([{"cidr":"10.0.0.0/-1"}])", R"({})", kRefused},
      {R"([{"cidr":"10.0.0.256/8"}])", R"({})", kRefused},
      {R"([{"cidr":"2001:db8::/129"}])", R"({})", kRefused},
      {R"([{"cidr":"xx::/12"}])", R"({})", kRefused},
      {R"([{"cidr":["10.0.0.0/8"]}])", R"({})", kRefused},
  });
}

TEST(FilterOperator, OperatorsAreKnownByTheirExactName) {
  expect_all({
      {R"([{"EXISTS":true}])", R"({})", kRefused},
      {R"([{"Prefix":"a"}])", R"({})", kRefused},
      {R"([{"unknown":"a"}])", R"({})", kRefused},
      {R"([{}])", R"({})", kRefused},
      {R"([{"prefix":"a","suffix":"b"}])", R"({})", kRefused},
      {R"([{"exists":true},{"prefix":"never"}])", R"({"x":"a"})", kMatch},
  });
}

}  // namespace
}  // namespace headrace::runtime
