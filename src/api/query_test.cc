#include "api/wire/query.h"

#include <gtest/gtest.h>

#include "api/iam/operations.h"

namespace tidemark::api {
namespace {

using wire::QueryParameters;

std::string Check(std::string_view operation, std::string_view form) {
  const auto shapes = iam_query::kOperationShapes;
  const auto shape = std::ranges::find(shapes, operation, &iam_query::OperationShape::name);
  EXPECT_NE(shape, shapes.end());
  const auto checked = QueryParameters::Parse(form).Check(shape->members);
  return checked ? "ok" : checked.error().message;
}

TEST(QueryParameters, ReadsFormsListsAndStructures) {
  const auto p = QueryParameters::Parse(
      "Action=TagUser&A=1&A=2&B=a%20b+c&L.member.1=x&L.member.2=y&L.member.4=z&N=7&F=true"
      "&Tags.member.1.Key=k&Tags.member.1.Value=&E=");
  EXPECT_EQ(p.Text("A"), "2");
  EXPECT_EQ(p.Text("B"), "a b c");
  EXPECT_EQ(p.List("L"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(p.Int("N", 1), 7);
  EXPECT_EQ(p.Int("M", 1), 1);
  EXPECT_TRUE(p.Bool("F"));
  EXPECT_EQ(p.Count("Tags"), 1u);
  EXPECT_EQ(p.Text(wire::ElementName("Tags", 0, "Key")), "k");
  EXPECT_NE(p.Find("E"), nullptr);
  EXPECT_EQ(p.Find("X"), nullptr);
}

// Such bytes could be neither stored nor answered.
TEST(QueryParameters, ReplacesWhatIsNoUtf8) {
  const auto p = QueryParameters::Parse("Description=a%FFb&Tags.member.1.Key=%C3%A9&%80=x");
  EXPECT_EQ(p.Text("Description"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(p.Text(wire::ElementName("Tags", 0, "Key")), "\xC3\xA9");
  EXPECT_EQ(p.Text("\xEF\xBF\xBD"), "x");
}

TEST(QueryParameters, GathersViolationsInTheServicesWords) {
  EXPECT_EQ(Check("CreateUser", "UserName=alice&Path=/a/"), "ok");
  EXPECT_EQ(Check("CreateUser", "Path=/"),
            "1 validation error detected: Value null at 'userName' failed to satisfy constraint: "
            "Member must not be null");
  EXPECT_EQ(Check("CreateUser", "UserName=a%20b"),
            "The specified value for userName is invalid. It must contain only alphanumeric "
            "characters and/or the following: +=,.@_-");
  EXPECT_EQ(Check("CreateUser", "UserName=" + std::string(65, 'a') + "&Path=x"),
            "2 validation errors detected: Value 'x' at 'path' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: "
            "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F); Value '" +
                std::string(65, 'a') +
                "' at 'userName' failed to satisfy constraint: Member must have length less than "
                "or equal to 64");
  EXPECT_EQ(Check("ListUsers", "MaxItems=0"),
            "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1");
  EXPECT_EQ(Check("UpdateAccessKey", "AccessKeyId=AKIAAAAAAAAAAAAAAAAA&Status=On"),
            "1 validation error detected: Value 'On' at 'status' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Active, Inactive, Expired]");
  EXPECT_EQ(Check("TagUser", "UserName=a&Tags.member.1.Key=k"),
            "1 validation error detected: Value null at 'tags.member.1.value' failed to satisfy "
            "constraint: Member must not be null");
}

TEST(IamOperations, HaveAShapeEach) {
  const auto operations = iam_query::Operations();
  ASSERT_EQ(operations.size(), iam_query::kOperationShapes.size());
  for (size_t i = 0; i < operations.size(); ++i)
    EXPECT_EQ(operations[i].name, iam_query::kOperationShapes[i].name);
}

}  // namespace
}  // namespace tidemark::api
