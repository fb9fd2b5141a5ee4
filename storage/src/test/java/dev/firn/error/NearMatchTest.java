package dev.firn.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearMatchTest {
  @ParameterizedTest
  @CsvSource({
    "hlep, help",
    "idd, id",
    "di, id",
    "ordres, orders",
    "descirbe, describe",
    "s4.endpoint, s3.endpoint",
    "FIHS, fish",
    "jsn, json",
    "warehose, warehouse"
  })
  void findsWhatIsMistyped(String name, String meant) {
    assertThat(NearMatch.hint(name, List.of(meant))).isEqualTo("; did you mean " + meant + "?");
  }

  @ParameterizedTest
  @CsvSource({"on, id", "fish, zsh", "m, n", "i, id", "abc, xyz", "total, tax"})
  void leavesOtherNamesAlone(String name, String other) {
    assertThat(NearMatch.hint(name, List.of(other))).isEmpty();
  }

  @Test
  void putsTheNearestFirst() {
    assertThat(NearMatch.of("customer", List.of("customrs", "customers", "customer_id", "x")))
        .containsExactly("customers", "customrs");
  }
}
