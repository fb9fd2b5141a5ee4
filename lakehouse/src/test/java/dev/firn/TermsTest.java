package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TermsTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "at", Types.TimestampType.withZone()),
          Types.NestedField.optional(3, "name of it", Types.StringType.get()));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id|identity|id",
        " identity(id) |identity|id",
        "year(at)|year|at_year",
        "years(at)|year|at_year",
        "MONTH(at)|month|at_month",
        "day(at)|day|at_day",
        "hours(at)|hour|at_hour",
        "bucket(16, id)|bucket[16]|id_bucket",
        "bucket(id, 16)|bucket[16]|id_bucket",
        "truncate(4, \"name of it\")|truncate[4]|name of it_trunc",
        "name of it|identity|name of it",
      })
  void readsEveryTransform(String text, String transform, String field) {
    PartitionSpec.Builder builder = PartitionSpec.builderFor(SCHEMA);
    Terms.addTo(builder, Terms.parse(text));
    PartitionSpec spec = builder.build();
    assertThat(spec.fields())
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.transform()).hasToString(transform);
              assertThat(f.name()).isEqualTo(field);
            });
  }

  @Test
  void refusesUnknownTransformsWithTheNearest() {
    assertThatThrownBy(() -> Terms.parse("dya(at)"))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("'dya' is no transform")
        .hasMessageContaining("did you mean day");
  }

  @Test
  void refusesABucketWithoutItsSize() {
    assertThatThrownBy(() -> Terms.parse("bucket(id)")).hasMessageContaining("bucket(16, id)");
    assertThatThrownBy(() -> Terms.parse("bucket(99999999999, id)"))
        .hasMessageContaining("too large");
    assertThatThrownBy(() -> Terms.parse("day( )")).hasMessageContaining("name is missing");
  }

  @ParameterizedTest
  @CsvSource({
    "id,ASC,NULLS_FIRST",
    "id desc,DESC,NULLS_LAST",
    "id ASC nulls last,ASC,NULLS_LAST",
    "id desc NULLS FIRST,DESC,NULLS_FIRST",
    "day(at) desc,DESC,NULLS_LAST",
  })
  void readsSortTerms(String text, SortDirection direction, NullOrder nulls) {
    SortTerm term = SortTerm.parse(text);
    assertThat(term.direction()).isEqualTo(direction);
    assertThat(term.nulls()).isEqualTo(nulls);
    assertThat(Terms.columnOf(term.term())).isIn("id", "at");
  }
}
