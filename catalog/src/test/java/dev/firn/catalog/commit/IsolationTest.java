package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.Map;
import org.apache.iceberg.IsolationLevel;
import org.junit.jupiter.api.Test;

class IsolationTest {
  private static final String PROPERTY = "write.merge.isolation-level";

  @Test
  void isSerializableUnlessTheTableSaysOtherwise() {
    assertThat(level(Map.of())).isEqualTo(IsolationLevel.SERIALIZABLE);
    assertThat(level(Map.of("write.delete.isolation-level", "snapshot")))
        .isEqualTo(IsolationLevel.SERIALIZABLE);
    assertThat(level(Map.of(PROPERTY, "Snapshot"))).isEqualTo(IsolationLevel.SNAPSHOT);
  }

  @Test
  void refusesAnUnknownLevelByName() {
    assertThatThrownBy(() -> level(Map.of(PROPERTY, "weird")))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessage(
            "Cannot merge into a.b: bad property write.merge.isolation-level, expected serializable or snapshot, got weird");
  }

  @Test
  void strictestOfTwoIsSerializableWhereEitherIs() {
    assertThat(Isolation.strictest(IsolationLevel.SNAPSHOT, IsolationLevel.SERIALIZABLE))
        .isEqualTo(IsolationLevel.SERIALIZABLE);
    assertThat(Isolation.strictest(IsolationLevel.SNAPSHOT, IsolationLevel.SNAPSHOT))
        .isEqualTo(IsolationLevel.SNAPSHOT);
  }

  private static IsolationLevel level(Map<String, String> properties) {
    return Isolation.of("merge into a.b", properties, PROPERTY);
  }
}
