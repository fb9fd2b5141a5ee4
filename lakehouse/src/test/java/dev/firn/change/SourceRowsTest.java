package dev.firn.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceRowsTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "d", Types.DoubleType.get()),
          Types.NestedField.optional(2, "s", Types.StringType.get()));

  private static Record row(Double d, String s) {
    Record row = GenericRecord.create(SCHEMA);
    row.set(0, d);
    row.set(1, s);
    return row;
  }

  private static List<String> match(SourceRows rows, Double d) {
    List<String> found = new ArrayList<>();
    boolean any = rows.match(row(d, null), new int[] {0}, each -> found.add((String) each.get(1)));
    assertThat(any).isEqualTo(!found.isEmpty());
    return found;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsRowsByKeyInMemoryAndOnDisk(boolean onDisk) {
    SourceRows.Bounds bounds =
        onDisk ? new SourceRows.Bounds(1 << 10, 16) : SourceRows.Bounds.ofHeap();
    String wide = "x".repeat(20_000);
    try (SourceRows rows = new SourceRows("t", SCHEMA, SCHEMA.columns().subList(0, 1), bounds)) {
      for (int i = 0; i < 3000; i++) {
        rows.add(row((double) i, i == 1500 ? wide : "s" + i));
      }
      rows.add(row(7.0, "again"));
      rows.add(row(null, "none"));
      rows.add(row(Double.NaN, "nan"));
      rows.add(row(-0.0, "minus"));
      rows.seal();
      assertThat(rows.isOnDisk()).isEqualTo(onDisk);
      for (int i = 0; i < 3000; i += 2) {
        if (i != 1500) {
          assertThat(match(rows, (double) i)).containsExactly("s" + i);
        }
      }
      assertThat(match(rows, 1500.0)).containsExactly(wide);
      assertThat(match(rows, 7.0)).containsExactlyInAnyOrder("s7", "again");
      assertThat(match(rows, Double.longBitsToDouble(0x7ff8000000000001L))).containsExactly("nan");
      assertThat(match(rows, -0.0)).containsExactly("minus");
      assertThat(match(rows, null)).isEmpty();
      assertThat(match(rows, 0.5)).isEmpty();
      List<String> unmatched = new ArrayList<>();
      rows.forEachUnmatched(each -> unmatched.add((String) each.get(1)));
      assertThat(unmatched).hasSize(1500).contains("none", "s1").doesNotContain("s7", "nan", "s2");
      rows.restart();
      unmatched.clear();
      rows.forEachUnmatched(each -> unmatched.add((String) each.get(1)));
      assertThat(unmatched).hasSize(3004);
    }
  }

  @Test
  void isWorthNothingWithoutRows() {
    try (SourceRows rows =
        new SourceRows("t", SCHEMA, SCHEMA.columns(), SourceRows.Bounds.ofHeap())) {
      rows.seal();
      assertThat(match2(rows)).isFalse();
      assertThat(rows.filter().op().name()).isEqualTo("FALSE");
    }
  }

  private static boolean match2(SourceRows rows) {
    return rows.match(row(1.0, "a"), new int[] {0, 1}, each -> {});
  }
}
