#include "metaserver/oncall/text_metrics.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

using enum TextMetrics::Type;

TEST(LabelTextTest, EscapesWhatTheFormatWantsEscaped) {
  EXPECT_EQ(LabelText({}), "");
  EXPECT_EQ(LabelText({{"a", "b"}, {"c", ""}}), R"({a="b",c=""})");
  EXPECT_EQ(LabelText({{"a", "q\"s\\n\nl"}}), R"({a="q\"s\\n\nl"})");
}

TEST(LabelTextTest, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(LabelText({{"a", "ü€𝄞"}}), "{a=\"ü€𝄞\"}");
  EXPECT_EQ(LabelText({{"a",
                        "\xff"
                        "x\xc3"}}),
            R"({a="?x?"})");
  EXPECT_EQ(LabelText({{"a", "\xed\xa0\x80"}}), R"({a="???"})");       // A surrogate.
  EXPECT_EQ(LabelText({{"a", "\xc0\x80"}}), R"({a="??"})");            // Overlong.
  EXPECT_EQ(LabelText({{"a", "\xf4\x90\x80\x80"}}), R"({a="????"})");  // Beyond Unicode.
  EXPECT_EQ(LabelText({{"a", "\xe2\x82"}}), R"({a="??"})");            // Cut.
}

TEST(TextMetricsTest, WritesTheHeadOnceAndOnlyBeforeSeries) {
  TextMetrics text(10);
  text.Family("x_total", kCounter, "Xs");
  text.Series({{"a", "1"}}, std::int64_t{3});
  text.Series({{"a", "2"}}, std::int64_t{-4});
  text.Family("nothing", kGauge, "Without series");
  text.Family("y", kGauge, "Y");
  text.Series("", 0.25);
  EXPECT_EQ(text.series(), 3u);
  EXPECT_EQ(text.Take(),
            "# HELP x_total Xs\n# TYPE x_total counter\n"
            "x_total{a=\"1\"} 3\nx_total{a=\"2\"} -4\n"
            "# HELP y Y\n# TYPE y gauge\ny 0.25\n");
}

TEST(TextMetricsTest, NumbersThatAreNone) {
  using Limits = std::numeric_limits<double>;
  TextMetrics text(10);
  text.Family("y", kGauge, "Y");
  text.Series("", Limits::quiet_NaN());
  text.Series("", Limits::infinity());
  text.Series("", -Limits::infinity());
  const std::string all = text.Take();
  EXPECT_NE(all.find("y NaN\ny +Inf\ny -Inf\n"), std::string::npos) << all;
}

TEST(TextMetricsTest, SeriesBeyondTheLimitAreCounted) {
  TextMetrics text(2);
  text.Family("y", kGauge, "Y");
  for (std::int64_t i = 0; i < 5; ++i) text.Series("", i);
  text.Family("z", kGauge, "Z");
  text.Series("", std::int64_t{1});
  EXPECT_EQ(text.dropped(), 4);
  EXPECT_EQ(text.Take(), "# HELP y Y\n# TYPE y gauge\ny 0\ny 1\n");
}

}  // namespace
}  // namespace lanemq::metaserver
