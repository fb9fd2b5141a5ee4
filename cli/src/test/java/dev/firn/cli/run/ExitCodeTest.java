package dev.firn.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExitCodeTest {
  @ParameterizedTest
  @CsvSource({
    "INVALID,2",
    "NOT_FOUND,3",
    "ALREADY_EXISTS,4",
    "CONFLICT,4",
    "CORRUPT,5",
    "UNAVAILABLE,6",
    "COMMIT_STATE_UNKNOWN,7",
    "INTERNAL,1"
  })
  void numbersAreStable(ErrorKind kind, int code) {
    assertThat(ExitCode.of(kind).code()).isEqualTo(code);
  }

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void everyKindOfErrorFails(ErrorKind kind) {
    assertThat(ExitCode.of(kind).code()).isNotZero();
  }

  @Test
  void tableListsEveryCode() {
    assertThat(ExitCode.table().lines()).hasSize(ExitCode.values().length);
    assertThat(Arrays.stream(ExitCode.values()).map(ExitCode::code)).doesNotHaveDuplicates();
  }
}
