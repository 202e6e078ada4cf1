#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "client/src/trace/add_trace.h"

namespace lanemq {
namespace {

const std::string kTraceId = "0af7651916cd43dd8448eb211c80319c";
const std::string kSpanId = "b7ad6b7169203331";
const std::string kText = "00-" + kTraceId + "-" + kSpanId + "-01";

TEST(TraceContextTest, ReadsAndWritesVersion00) {
  const auto trace = TraceContext::Parse(kText);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, kTraceId);
  EXPECT_EQ(trace->span_id, kSpanId);
  EXPECT_TRUE(trace->is_sampled);
  EXPECT_EQ(trace->ToText(), kText);
  EXPECT_FALSE(TraceContext::Parse("00-" + kTraceId + "-" + kSpanId + "-02")->is_sampled);
  EXPECT_TRUE(TraceContext::Parse("00-" + kTraceId + "-" + kSpanId + "-ff")->is_sampled);
}

TEST(TraceContextTest, LaterVersionsAreReadAsFarAsTheyAreKnown) {
  const std::string tail = "-" + kTraceId + "-" + kSpanId + "-01";
  EXPECT_TRUE(TraceContext::Parse("01" + tail));
  EXPECT_TRUE(TraceContext::Parse("cc" + tail + "-what-comes"));
  EXPECT_TRUE(TraceContext::Parse("cc" + tail + "-"));
  EXPECT_EQ(TraceContext::Parse("cc" + tail + "-x")->ToText(), kText) << "we write version 00";
  EXPECT_FALSE(TraceContext::Parse("cc" + tail + ".what"));
  EXPECT_FALSE(TraceContext::Parse("ff" + tail));
}

TEST(TraceContextTest, RefusesWhatIsDamaged) {
  for (const std::string& text : std::initializer_list<std::string>{
           "", "00", kText.substr(0, 54), kText + "-", kText + " ", " " + kText, kText + "-00",
           "00-" + std::string(32, '0') + "-" + kSpanId + "-01",
           "00-" + kTraceId + "-" + std::string(16, '0') + "-01",
           "00_" + kTraceId + "-" + kSpanId + "-01", "00-" + kTraceId + "_" + kSpanId + "-01",
           "00-" + kTraceId + "-" + kSpanId + "_01", "0x-" + kTraceId + "-" + kSpanId + "-01",
           "00-0AF7651916CD43DD8448EB211C80319C-" + kSpanId + "-01",
           "00-" + kTraceId + "-B7AD6B7169203331-01", "00-" + kTraceId + "-" + kSpanId + "-0g",
           "00-" + kTraceId.substr(1) + "-" + kSpanId + "a-01"}) {
    EXPECT_FALSE(TraceContext::Parse(text)) << text;
  }
  // Any one byte wrong anywhere.
  for (std::size_t i = 0; i < kText.size(); ++i) {
    for (const char wrong : {'G', ' ', '\0', '\x80'}) {
      std::string text = kText;
      text[i] = wrong;
      EXPECT_FALSE(TraceContext::Parse(text)) << i;
    }
  }
}

TEST(TraceContextTest, HeadersNamesHaveNoCaseAndTwoParentsAreNone) {
  EXPECT_EQ(TraceContext::Of({{"a", "b"}, {"TraceParent", kText}})->trace_id, kTraceId);
  EXPECT_FALSE(TraceContext::Of({}));
  EXPECT_FALSE(TraceContext::Of({{"traceparent", kText}, {"traceparent", kText}}));
  EXPECT_FALSE(TraceContext::Of({{"traceparent", "damaged"}}));
  EXPECT_EQ(TraceContext::Of({{"tracestate", "a=1"}, {"traceparent", kText}, {"tracestate", "b=2"}})
                ->state,
            "a=1,b=2");
}

TEST(TraceContextTest, NewOnesAreValidAndDiffer) {
  const TraceContext one = TraceContext::Start();
  const TraceContext two = TraceContext::Start();
  EXPECT_EQ(TraceContext::Parse(one.ToText()), one);
  EXPECT_NE(one.trace_id, two.trace_id);
  const TraceContext child = one.Child();
  EXPECT_EQ(child.trace_id, one.trace_id);
  EXPECT_NE(child.span_id, one.span_id);
  EXPECT_TRUE(TraceContext::Parse(child.ToText()));
}

TEST(TraceContextTest, ScopesNestAndAreOfTheirThread) {
  EXPECT_FALSE(TraceContext::Current());
  {
    const TraceScope outer(TraceContext::Parse(kText));
    EXPECT_EQ(TraceContext::Current()->trace_id, kTraceId);
    {
      const TraceScope none(std::nullopt);
      EXPECT_FALSE(TraceContext::Current());
    }
    EXPECT_EQ(TraceContext::Current()->trace_id, kTraceId);
    std::thread([] { EXPECT_FALSE(TraceContext::Current()); }).join();
  }
  EXPECT_FALSE(TraceContext::Current());
}

TEST(AddTraceTest, DoesWhatTheModeSays) {
  std::vector<RecordHeader> headers;
  client::AddTrace(TraceMode::kCarry, headers);
  EXPECT_TRUE(headers.empty()) << "there is nothing to carry";
  client::AddTrace(TraceMode::kStart, headers);
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_TRUE(TraceContext::Of(headers));

  auto trace = TraceContext::Parse(kText);
  trace->state = "vendor=1";
  const TraceScope scope(trace);
  headers = {{"h", "v"}};
  client::AddTrace(TraceMode::kOff, headers);
  EXPECT_EQ(headers.size(), 1u);
  for (const TraceMode mode : {TraceMode::kCarry, TraceMode::kStart}) {
    headers = {{"h", "v"}};
    client::AddTrace(mode, headers);
    const auto sent = TraceContext::Of(headers);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->trace_id, kTraceId);
    EXPECT_NE(sent->span_id, kSpanId) << "a new span";
    EXPECT_EQ(sent->state, "vendor=1");
  }
}

TEST(AddTraceTest, LeavesAnOwnOneAloneAlsoADamagedOne) {
  const TraceScope scope(TraceContext::Parse(kText));
  for (const std::string& own :
       {"00-" + std::string(32, 'a') + "-" + kSpanId + "-00", std::string("damaged")}) {
    std::vector<RecordHeader> headers{{"Traceparent", own}};
    const auto before = headers;
    client::AddTrace(TraceMode::kStart, headers);
    EXPECT_EQ(headers, before);
  }
}

TEST(AddTraceTest, DoesNotMakeAMessageTooLarge) {
  std::vector<RecordHeader> many(100, RecordHeader{"n", "v"});
  client::AddTrace(TraceMode::kStart, many);
  EXPECT_EQ(many.size(), 100u);
  const std::size_t needs = std::string("traceparent").size() + 55;
  std::vector<RecordHeader> big{{"n", std::string((16u << 10) - needs, 'v')}};  // One byte short.
  client::AddTrace(TraceMode::kStart, big);
  EXPECT_EQ(big.size(), 1u);
  big[0].value.pop_back();
  client::AddTrace(TraceMode::kStart, big);
  EXPECT_EQ(big.size(), 2u);
}

}  // namespace
}  // namespace lanemq
