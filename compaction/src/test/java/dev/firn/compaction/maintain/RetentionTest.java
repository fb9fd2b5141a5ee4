package dev.firn.compaction.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final Instant CUT = Instant.parse("2026-03-02T12:30:15.123456789Z");
  private static final long MICROS = ChronoUnit.MICROS.between(Instant.EPOCH, CUT);

  private static Schema schema(Type type) {
    return new Schema(Types.NestedField.optional(1, "at", type));
  }

  private static boolean goes(Type type, Object value) {
    Expression old = Retention.olderThan("shop.orders", schema(type), "at", CUT);
    GenericRecord row = GenericRecord.create(schema(type));
    row.set(0, value);
    return new Evaluator(schema(type).asStruct(), old).eval(row);
  }

  @Test
  void timestampsGoByTheMicrosecondWithAndWithoutZone() {
    for (Type type :
        new Type[] {Types.TimestampType.withZone(), Types.TimestampType.withoutZone()}) {
      assertThat(goes(type, MICROS - 1)).isTrue();
      assertThat(goes(type, MICROS)).isFalse();
      assertThat(goes(type, null)).isFalse();
    }
    for (Type type :
        new Type[] {Types.TimestampNanoType.withZone(), Types.TimestampNanoType.withoutZone()}) {
      assertThat(goes(type, MICROS * 1000 - 1)).isTrue();
      assertThat(goes(type, MICROS * 1000)).isFalse();
    }
  }

  @Test
  void aDateGoesOnceItIsOver() {
    int day = (int) LocalDate.of(2026, 3, 2).toEpochDay();
    assertThat(goes(Types.DateType.get(), day)).isFalse();
    assertThat(goes(Types.DateType.get(), day - 1)).isTrue();
    Instant midnight = LocalDate.of(2026, 3, 2).atStartOfDay().toInstant(ZoneOffset.UTC);
    Expression old =
        Retention.olderThan("shop.orders", schema(Types.DateType.get()), "at", midnight);
    assertThat(old.toString()).contains("2026-03-02");
  }

  @Test
  void readsBothProperties() {
    assertThat(Retention.of("shop.orders", Map.of())).isEmpty();
    Retention read =
        Retention.of("shop.orders", Map.of(Retention.COLUMN, "at", Retention.AGE, " 30d "))
            .orElseThrow();
    assertThat(read).isEqualTo(new Retention("at", Duration.ofDays(30)));
    Expression expired =
        read.expired(
            "shop.orders", schema(Types.TimestampType.withZone()), CUT.plus(Duration.ofDays(30)));
    assertThat(expired.toString()).contains("2026-03-02T12:30:15.123456+00:00");
  }

  @Test
  void refusesWhatItCannotMean() {
    assertThatThrownBy(() -> Retention.of("shop.orders", Map.of(Retention.AGE, "30d")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining(
            "firn.retention.age of shop.orders: it goes with firn.retention.column");
    for (String age : new String[] {"30", "0d", "-3d", "a month", "30 d"}) {
      assertThatThrownBy(
              () -> Retention.of("shop.orders", Map.of(Retention.COLUMN, "at", Retention.AGE, age)))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining(
              "firn.retention.age of shop.orders: it is no age, expected one such as 30d");
    }
    assertThatThrownBy(
            () -> Retention.olderThan("shop.orders", schema(Types.LongType.get()), "at", CUT))
        .hasMessageContaining("Cannot drop rows of shop.orders by age: column 'at'")
        .hasMessageContaining("expected a date or timestamp, got long");
    assertThatThrownBy(
            () -> Retention.olderThan("shop.orders", schema(Types.DateType.get()), "atn", CUT))
        .hasMessageContaining("Cannot drop rows of shop.orders by age: there is no column 'atn'")
        .hasMessageContaining("did you mean at?");
  }
}
