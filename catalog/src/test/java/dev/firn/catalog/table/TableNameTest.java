package dev.firn.catalog.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableNameTest {
  @Test
  void lastPartIsTheTable() {
    assertThat(TableName.parse("a.b.c")).isEqualTo(TableIdentifier.of("a", "b", "c"));
    assertThat(TableName.parseNamespace("a.b")).isEqualTo(Namespace.of("a", "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"shop.my orders", "shop.$x", "größe.日本", "a.b-c_d", "a.#1", "a.100%"})
  void allowsAndFormats(String name) {
    assertThat(TableName.format(TableName.parse(name))).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "orders",
        "shop.",
        ".orders",
        "shop..orders",
        "..",
        "../x.orders",
        "a/b.c",
        "a.b\\c",
        "shop. orders",
        "shop.orders ",
        "a.b\nc",
        "a.b\u0000",
        "a.\u007f"
      })
  void refusesAndSaysWhatIsAllowed(String name) {
    assertThatThrownBy(() -> TableName.parse(name))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot use table name: ")
        .hasMessageContaining("expected NAMESPACE.TABLE")
        .hasMessageNotContaining("\n")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void refusesTooLong() {
    assertThatThrownBy(() -> TableName.parse("a." + "x".repeat(129)))
        .hasMessageContaining("a part has 129 characters");
    assertThatThrownBy(() -> TableName.parseNamespace(("x".repeat(100) + ".").repeat(3) + "x"))
        .hasMessageContaining("it is too long");
  }

  @Test
  void directoriesHoldNothingThatAStoreGivesAMeaning() {
    assertThat(TableLocations.unique("s3://b/lake", TableName.parse("größe #1.50% a?b")))
        .matches("s3://b/lake/gr__e__1/50__a_b-[0-9a-f]{8}");
  }
}
